"""Complaints with nearly the same text are found.

Those filed before are found after `amends rebuild intake`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade(service: str) -> None:
    """Of intake alone."""
    if service != "intake":
        return
    op.create_table(
        "complaint_text",
        sa.Column("sketch", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("complaint_id", sa.String(), primary_key=True),
        sa.Column("consumer_id", sa.String(), nullable=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
    )
