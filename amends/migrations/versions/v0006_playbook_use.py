"""Steps of playbooks are counted, and those that settled a case."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade(service: str) -> None:
    """Of intake alone."""
    if service != "intake":
        return
    op.create_table(
        "playbook_use",
        sa.Column("complaint_id", sa.String(), primary_key=True),
        sa.Column("cycle", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("playbook_version", sa.String(), primary_key=True),
        sa.Column("step", sa.String(), primary_key=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
    )
    op.create_index(
        "playbook_use_counts", "playbook_use", ["category", "step", "complaint_id", "settled"]
    )
