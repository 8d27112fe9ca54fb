"""Complaints are found by their orders."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade(service: str) -> None:
    """Of intake alone."""
    if service != "intake":
        return
    op.create_table(
        "complaint_order",
        sa.Column("order_id", sa.String(), primary_key=True),
        sa.Column("complaint_id", sa.String(), primary_key=True),
    )
