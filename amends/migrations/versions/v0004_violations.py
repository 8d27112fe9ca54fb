"""Violations of merchants are listed, and the confirmed ones counted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade(service: str) -> None:
    """Of intake alone."""
    if service != "intake":
        return
    op.create_table(
        "violation_list",
        sa.Column("violation_id", sa.String(), primary_key=True),
        sa.Column("complaint_id", sa.String(), nullable=False),
        sa.Column("merchant_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("appeal_ends_at", sa.BigInteger(), nullable=False),
        sa.Column("appealed_at", sa.BigInteger()),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("penalty", sa.String()),
    )
    op.create_index(
        "violation_list_merchant",
        "violation_list",
        ["merchant_id", "kind", "state", "decided_at"],
    )
    op.create_index("violation_list_complaint", "violation_list", ["complaint_id"])
    op.create_index("violation_list_recorded", "violation_list", ["recorded_at", "violation_id"])
