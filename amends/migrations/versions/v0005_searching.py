"""Complaints are found by what was written.

Older complaints are found by their texts after `amends rebuild intake`: the texts lie in the log.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade(service: str) -> None:
    """Of intake alone."""
    if service != "intake":
        return
    op.create_table(
        "search_text",
        sa.Column("complaint_id", sa.String(), primary_key=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("merchant_text", sa.String()),
    )
    op.create_table(
        "search_waiting",
        sa.Column("filed_at", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("complaint_id", sa.String(), primary_key=True),
    )
    op.create_table(
        "search_segment",
        sa.Column("segment", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("oldest_at", sa.BigInteger(), nullable=False),
        sa.Column("newest_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_search_segment_newest", "search_segment", ["newest_at", "segment"])
    op.create_table(
        "search_document",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("filed_at", sa.BigInteger(), nullable=False),
        sa.Column("complaint_id", sa.String(), nullable=False),
    )
    op.create_table(
        "search_posting",
        sa.Column("term", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("segment", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
    )
