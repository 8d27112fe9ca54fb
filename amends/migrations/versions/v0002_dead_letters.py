"""Dead letters say where their record lies, can be dropped, and are published."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade(service: str) -> None:  # noqa: ARG001 - alike in every service
    """Of all services: each keeps its own."""
    op.add_column("held", sa.Column("position", sa.BigInteger()))
    for column in (
        sa.Column("partition", sa.Integer()),
        sa.Column("position", sa.BigInteger()),
        sa.Column("payload_sha256", sa.Text()),
        sa.Column("dropped_at", sa.BigInteger()),
        sa.Column("dropped_by", sa.Text()),
        sa.Column("drop_reason", sa.Text()),
        sa.Column("revision", sa.BigInteger(), nullable=False, server_default=sa.text("1")),
        sa.Column("published", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    ):
        op.add_column("dead_letters", column)
    op.create_index(
        "dead_letters_unpublished",
        "dead_letters",
        ["failed_at", "id"],
        postgresql_where=sa.text("published < revision"),
    )
