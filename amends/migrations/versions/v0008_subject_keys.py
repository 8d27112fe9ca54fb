"""Texts of persons are sealed with keys that the other services may read."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade(service: str) -> None:  # noqa: ARG001 - alike in every service
    """Of every service: keys lie among its documents."""
    op.execute(
        "CREATE OR REPLACE VIEW subject_keys AS"
        " SELECT key AS subject, version, data FROM documents WHERE kind = 'subject_key'"
    )
