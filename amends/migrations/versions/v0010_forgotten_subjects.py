"""Notify knows whom it has forgotten: what was queued before is nobody's."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade(service: str) -> None:
    """Of notify alone."""
    if service != "notify":
        return
    op.create_table(
        "forgotten_subjects",
        sa.Column("subject_id", sa.String(), primary_key=True),
        sa.Column("forgotten_at", sa.BigInteger(), nullable=False),
    )
