"""Persons can be erased, with the files of their complaints."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

# Older complaints refer to files as well: which, the log says.
_FILES = (
    "INSERT INTO evidence_file (sha256, complaint_id, gpos)"
    " SELECT found.fields ->> 'sha256', found.fields ->> 'complaint_id', max(found.gpos) FROM"
    " (SELECT convert_from(data, 'UTF8')::json AS fields, gpos FROM events"
    " WHERE type = 'amends.complaint.evidence_added.v1') found GROUP BY 1, 2"
)


def upgrade(service: str) -> None:
    """Of intake alone."""
    if service != "intake":
        return
    op.create_table(
        "evidence_file",
        sa.Column("sha256", sa.String(), primary_key=True),
        sa.Column("complaint_id", sa.String(), primary_key=True),
        sa.Column("gpos", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_evidence_file_complaint", "evidence_file", ["complaint_id"])
    op.create_table(
        "erased_subject",
        sa.Column("subject_id", sa.String(), primary_key=True),
        sa.Column("gpos", sa.BigInteger(), nullable=False),
    )
    op.execute(_FILES)
