"""Who may do what in a service's schema: one group role per service, and one for the relay.

They cannot log in; a site grants them to its own logins. What was recorded cannot be changed by
them: `events` takes new rows and gives them out, nothing else.
"""

from typing import Final

from amends.bus import OWNERS

SCHEMAS: Final = ("intake", "routing", "sla", "notify", "dashboard")
"""Every service has a schema of its name."""

SEALING: Final = ("intake", "routing", "notify")
"""They record texts of persons, each with keys of its own."""

OPENING: Final = (*SEALING, "dashboard")
"""They show texts, whoever sealed them."""

RELAY: Final = "amends_relay"
"""Reads what services have to publish, and keeps how far it has published."""

_SERVICE: Final = {
    "alembic_version": "SELECT",
    "store": "SELECT",
    "shards": "SELECT, UPDATE",
    "events": "SELECT, INSERT",
    "positions": "SELECT, INSERT, UPDATE",
    "idempotency": "SELECT, INSERT",
    "dead_letters": "SELECT, INSERT, UPDATE",
    "held": "SELECT, INSERT, UPDATE (waits_for), DELETE",
    "outbox": "SELECT",
    "subject_keys": "SELECT",
}
"""Narrower than for all other tables: views, documents, timers and leases come and go."""

_RELAY: Final = {
    "alembic_version": "SELECT",
    "store": "SELECT",
    "dead_letters": "SELECT, UPDATE (published)",
    "leases": "SELECT, INSERT, UPDATE, DELETE",
}
"""In every schema."""

_PUBLISHING: Final = {
    "shards": "SELECT, UPDATE (recorded_at)",  # the horizon: nothing is recorded before it any more
    "events": "SELECT",
    "outbox": "SELECT",
    "positions": "SELECT, INSERT, UPDATE",
}
"""Where there are events to publish."""


def group_role(schema: str) -> str:
    """The role that a service's login needs to be granted, and nothing else."""
    return f"amends_{schema}"


def group_roles() -> tuple[str, ...]:
    """All of them."""
    return (*map(group_role, SCHEMAS), RELAY)


def creation() -> list[str]:
    """Statements that create the roles that are missing. Roles belong to the whole server."""
    return [
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN "
        f"CREATE ROLE {role} NOLOGIN; "
        # Somebody migrates another database of this server.
        "END IF; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        for role in group_roles()
    ]


def grants(schema: str) -> list[str]:
    """Statements that give the roles their rights in a schema, and take all others from them."""
    everybody, own = ", ".join(group_roles()), group_role(schema)
    statements = [
        f"REVOKE ALL ON SCHEMA {schema} FROM {everybody}, PUBLIC",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {everybody}, PUBLIC",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {everybody}, PUBLIC",
        f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM {everybody}, PUBLIC",
        f"GRANT USAGE ON SCHEMA {schema} TO {own}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {own}",
        f"REVOKE ALL ON {', '.join(f'{schema}.{table}' for table in _SERVICE)} FROM {own}",
        *_granted(schema, _SERVICE, own),
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {own}",
        f"GRANT SELECT ON SEQUENCE {schema}.news TO {own}",
        f"GRANT EXECUTE ON FUNCTION {schema}.take_shards, {schema}.forget_claims TO {own}",
        f"GRANT USAGE ON SCHEMA {schema} TO {RELAY}",
        *_granted(schema, _RELAY, RELAY),
        f"GRANT SELECT, USAGE ON SEQUENCE {schema}.news TO {RELAY}",
        *_key_grants(schema),
    ]
    if schema in OWNERS.values():
        statements += _granted(schema, _PUBLISHING, RELAY)
    return statements


def _key_grants(schema: str) -> list[str]:
    """The others that show texts open what this one sealed: they see its keys, and nothing else."""
    if schema not in SEALING:
        return []
    others = ", ".join(group_role(other) for other in OPENING if other != schema)
    return [
        f"GRANT USAGE ON SCHEMA {schema} TO {others}",
        f"GRANT SELECT ON {schema}.subject_keys TO {others}",
    ]


def _granted(schema: str, tables: dict[str, str], role: str) -> list[str]:
    return [f"GRANT {rights} ON {schema}.{table} TO {role}" for table, rights in tables.items()]
