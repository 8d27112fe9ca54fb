"""A service's role is enough for what the service does, and for nothing else."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from amends.migrations.database import CannotMigrate
from amends.migrations.roles import (
    OPENING,
    RELAY,
    SCHEMAS,
    SEALING,
    group_role,
    group_roles,
)
from amends.migrations.schemas import Wanted, migrate
from tests.support.databases import Databases, acting_as, connection_to, silent

REFUSED = {
    "change an event": "UPDATE events SET data = ''",
    "delete an event": "DELETE FROM events",
    "empty the log": "TRUNCATE events",
    "lock events": "SELECT * FROM events FOR UPDATE",
    "add a shard": "INSERT INTO shards VALUES (99, 0, 0)",
    "remove a shard": "DELETE FROM shards",
    "change the number of shards": "UPDATE store SET value = '1'",
    "change the version": "UPDATE alembic_version SET version_num = '0000'",
    "forget a claim": "DELETE FROM idempotency",
    "change a claim": "UPDATE idempotency SET status = 500",
    "forget a position": "DELETE FROM positions",
    "forget a dead letter": "DELETE FROM dead_letters",
    "change what is held": "UPDATE held SET record = ''",
    "write to the outbox": "DELETE FROM outbox",
    "give out positions again": "SELECT setval('gpos', 1)",
    "start positions anew": "ALTER SEQUENCE gpos RESTART",
    "make a table": "CREATE TABLE mine (name TEXT)",
    "drop a table": "DROP TABLE timers",
    "add a trigger": "CREATE TRIGGER t BEFORE INSERT ON events EXECUTE FUNCTION f()",
    "empty a view": "TRUNCATE complaint_list",
    "read another's events": "SELECT * FROM routing.events",
    "read another's views": "SELECT * FROM sla.clock",
    "change another's keys": "UPDATE routing.subject_keys SET data = ''",
    "forget another's keys": "DELETE FROM routing.subject_keys",
    "read what else another remembers": "SELECT * FROM routing.documents",
    "write another's events": "INSERT INTO routing.events SELECT * FROM events",
    "take another's shards": "SELECT * FROM routing.take_shards('{0}', '{}', 1)",
    "take another's positions": "SELECT nextval('routing.gpos')",
}
REFUSED_TO_THE_RELAY = {
    "write an event": "INSERT INTO events SELECT * FROM events",
    "change an event": "UPDATE events SET data = ''",
    "delete an event": "DELETE FROM events",
    "move a head": "UPDATE shards SET head = 0",
    "take shards": "SELECT * FROM take_shards('{0}', '{}', 1)",
    "take positions": "SELECT nextval('gpos')",
    "forget old claims": "SELECT forget_claims(0)",
    "read documents": "SELECT * FROM documents",
    "read timers": "SELECT * FROM timers",
    "read keys": "SELECT * FROM subject_keys",
    "read views": "SELECT * FROM complaint_list",
    "read claims": "SELECT * FROM idempotency",
    "read the dashboard": "SELECT * FROM dashboard.events",
    "change a dead letter": "UPDATE dead_letters SET reason = ''",
    "forget a dead letter": "DELETE FROM dead_letters",
    "read what is held": "SELECT * FROM held",
}


async def is_refused(url: str, role: str, statement: str) -> None:
    async with connection_to(acting_as(url, role)) as connection:
        await connection.execute("SET search_path TO intake")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
async def test_a_service_may_not(databases: Databases, statement: str) -> None:
    await is_refused(await databases.for_reading(), "amends_intake", statement)


@pytest.mark.parametrize("statement", REFUSED_TO_THE_RELAY.values(), ids=REFUSED_TO_THE_RELAY)
async def test_the_relay_may_not(databases: Databases, statement: str) -> None:
    await is_refused(await databases.for_reading(), RELAY, statement)


async def test_what_is_refused_would_be_done_for_the_owner(databases: Databases) -> None:
    """Each statement is refused for lack of rights, and not for a fault of its own."""
    url = await databases.migrated()
    for statement in (*REFUSED.values(), *REFUSED_TO_THE_RELAY.values()):
        if "TRIGGER" in statement:
            continue
        async with connection_to(url) as connection:
            undone = connection.transaction()
            await undone.start()
            await connection.execute("SET LOCAL search_path TO intake")
            await connection.execute(statement)
            await undone.rollback()


KEYS = {(group_role(reader), owner) for owner in SEALING for reader in OPENING if reader != owner}
"""Who opens texts that another sealed."""


async def test_a_role_is_let_into_its_own_schema_and_to_keys_alone(databases: Databases) -> None:
    async with connection_to(await databases.for_reading()) as connection:
        rows = await connection.fetch(
            "SELECT r.rolname, n.nspname FROM pg_roles r, pg_namespace n"
            " WHERE r.rolname = ANY($1) AND n.nspname = ANY($2)"
            " AND has_schema_privilege(r.oid, n.oid, 'USAGE')",
            group_roles(),
            SCHEMAS,
        )
        creators = await connection.fetchval(
            "SELECT count(*) FROM pg_roles r, pg_namespace n"
            " WHERE r.rolname = ANY($1) AND n.nspname = ANY($2)"
            " AND has_schema_privilege(r.oid, n.oid, 'CREATE')",
            group_roles(),
            [*SCHEMAS, "public"],
        )
    own = {(group_role(schema), schema) for schema in SCHEMAS}
    assert {tuple(row) for row in rows} == own | {(RELAY, schema) for schema in SCHEMAS} | KEYS
    assert creators == 0


async def test_in_anothers_schema_keys_are_read_and_nothing_else(databases: Databases) -> None:
    async with connection_to(await databases.for_reading()) as connection:
        rows = await connection.fetch(
            "SELECT r.rolname, n.nspname, c.relname, right_.name FROM pg_roles r, pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace,"
            " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) right_(name)"
            " WHERE r.rolname = ANY($1) AND n.nspname = ANY($2) AND c.relkind IN ('r', 'v')"
            " AND r.rolname <> 'amends_' || n.nspname AND r.rolname <> $3"
            " AND has_table_privilege(r.oid, c.oid, right_.name)",
            group_roles(),
            SCHEMAS,
            RELAY,
        )
    assert {tuple(row) for row in rows} == {(*who, "subject_keys", "SELECT") for who in KEYS}


async def test_a_service_may_do_everything_with_the_rows_of_its_views(
    databases: Databases,
) -> None:
    async with connection_to(await databases.for_reading()) as connection:
        for schema in SCHEMAS:
            rows = await connection.fetch(
                "SELECT c.relname FROM pg_class c WHERE c.relnamespace = $1::regnamespace"
                " AND c.relkind = 'r' AND has_table_privilege($2, c.oid, 'SELECT')"
                " AND has_table_privilege($2, c.oid, 'INSERT')"
                " AND has_table_privilege($2, c.oid, 'UPDATE')"
                " AND has_table_privilege($2, c.oid, 'DELETE')",
                schema,
                group_role(schema),
            )
            free = {row[0] for row in rows}
            views = "complaint_list" if schema == "intake" else "complaint_access"
            assert free >= {"documents", "timers", "leases", views}
            log = {"alembic_version", "store", "shards", "events", "positions", "idempotency"}
            assert free.isdisjoint(log | {"held", "dead_letters"})
            numbers = await connection.fetch(
                "SELECT has_sequence_privilege($2, oid, 'USAGE') FROM pg_class"
                " WHERE relnamespace = $1::regnamespace AND relkind = 'S'",
                schema,
                group_role(schema),
            )
            assert {row[0] for row in numbers} == {True}


async def test_roles_cannot_log_in_and_have_no_password(databases: Databases) -> None:
    async with connection_to(await databases.for_reading()) as connection:
        rows = await connection.fetch(
            "SELECT rolname FROM pg_authid WHERE rolname = ANY($1) AND NOT rolcanlogin"
            " AND NOT rolsuper AND NOT rolcreaterole AND NOT rolcreatedb AND NOT rolbypassrls"
            " AND rolpassword IS NULL",
            group_roles(),
        )
    assert {row[0] for row in rows} == set(group_roles())


async def test_later_runs_keep_granted_rights_right(databases: Databases) -> None:
    url = await databases.migrated()
    async with connection_to(url) as connection:
        await connection.execute("GRANT DELETE ON intake.events TO amends_intake")
        await connection.execute("GRANT USAGE ON SCHEMA intake TO amends_sla")
        await connection.execute("GRANT SELECT ON intake.complaint_list TO amends_sla")
        await connection.execute("REVOKE INSERT ON intake.events FROM amends_intake")
    (done,) = await migrate(url, Wanted(schemas={"intake"}), silent)
    assert done.roles
    async with connection_to(url) as connection:
        assert await connection.fetchrow(
            "SELECT has_table_privilege('amends_intake', 'intake.events', 'INSERT'),"
            " has_table_privilege('amends_intake', 'intake.events', 'DELETE'),"
            " has_schema_privilege('amends_sla', 'intake', 'USAGE'),"
            " has_table_privilege('amends_sla', 'intake.complaint_list', 'SELECT')"
        ) == (True, False, False, False)


async def test_a_database_nobody_asked_it_for_is_not_granted(databases: Databases) -> None:
    """Roles are known to the whole server: another database's are not let in by themselves."""
    await databases.migrated()
    url = await databases.empty()
    done = await migrate(url, Wanted(), silent)
    assert not any(one.roles for one in done)
    async with connection_to(url) as connection:
        assert not await connection.fetchval(
            "SELECT has_schema_privilege('amends_intake', 'intake', 'USAGE')"
        )


@pytest.fixture
async def owner(databases: Databases) -> AsyncIterator[tuple[str, str]]:
    """An empty database, and a role that is no superuser but may create schemas in it."""
    await databases.remember_roles()
    url, role = await databases.empty(), "amends_test_owner"
    async with connection_to(url) as connection:
        database = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"DROP ROLE IF EXISTS {role}")
        await connection.execute(f"CREATE ROLE {role}")
        await connection.execute(f"GRANT CREATE ON DATABASE {database} TO {role}")
    yield url, role
    async with connection_to(url) as connection:
        await connection.execute(f"DROP OWNED BY {role} CASCADE")
        await connection.execute(f"DROP ROLE {role}")


async def test_no_superuser_is_needed(databases: Databases, owner: tuple[str, str]) -> None:
    await databases.migrated()  # the roles are there
    url, role = owner
    done = await migrate(acting_as(url, role), Wanted(roles=True), silent)
    assert [one.schema for one in done] == list(SCHEMAS)
    await is_refused(url, "amends_intake", "DELETE FROM events")


async def test_what_cannot_be_finished_is_not_begun(owner: tuple[str, str]) -> None:
    url, role = owner
    async with connection_to(url) as connection:
        await connection.execute("CREATE SCHEMA intake")
    with pytest.raises(CannotMigrate, match="refuses: permission denied for schema intake"):
        await migrate(acting_as(url, role), Wanted(schemas={"sla", "intake"}), silent)
    async with connection_to(url) as connection:
        assert (
            await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'sla'")
            == 0
        )
