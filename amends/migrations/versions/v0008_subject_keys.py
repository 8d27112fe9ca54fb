"""Texts of persons are sealed with a key of each, which the other services may read."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade(_service: str) -> None:
    """Of every service: keys lie among its documents."""
    op.execute(
        "CREATE OR REPLACE VIEW subject_keys AS"
        " SELECT key AS subject, version, data FROM documents WHERE kind = 'subject_key'"
    )
