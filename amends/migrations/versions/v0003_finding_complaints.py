"""Complaints are found by their orders, and lists are walked in their indexes.

`facet` has the words that lists are narrowed by as bits. How complex an older complaint is becomes
known to lists once it is assessed again, or after `amends rebuild intake`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_LANES = (
    "consumer_id",
    "specialist_id",
    "merchant_id",
    "team_id",
    "status",
    "turn",
    "category",
    "channel",
    "priority",
    "band",
)
_STATUSES = (
    "submitted needs_information rejected duplicate accepted assigned in_progress "
    "awaiting_consumer awaiting_merchant solution_drafted solution_proposed "
    "under_superior_review remedying external resolved closed withdrawn"
)
_CATEGORIES = (
    "fake_shipping late_shipping counterfeit quality not_as_described refund_refused "
    "return_dispute price_dispute service_language off_platform_steering safety privacy other"
)
_WORDS = {
    "status": (0, _STATUSES),
    "turn": (6, "consumer merchant specialist supervisor platform regulator nobody"),
    "category": (10, _CATEGORIES),
    "channel": (16, "form hotline app regulator association media"),
    "priority": (20, "normal high urgent"),
}
_OPEN = 1 << 27


def upgrade(service: str) -> None:
    """Of intake alone."""
    if service != "intake":
        return
    op.create_table(
        "complaint_order",
        sa.Column("order_id", sa.String(), primary_key=True),
        sa.Column("complaint_id", sa.String(), primary_key=True),
    )
    for column in (
        sa.Column("band", sa.String()),
        sa.Column("consumer_id", sa.String()),
        sa.Column("merchant_id", sa.String()),
        sa.Column("specialist_id", sa.String()),
        sa.Column("team_id", sa.String()),
        sa.Column("facet", sa.BigInteger()),
    ):
        op.add_column("complaint_list", column)
    op.execute(
        "UPDATE complaint_list l SET consumer_id = a.consumer_id, merchant_id = a.merchant_id, "
        "specialist_id = a.specialist_id, team_id = a.team_id "
        "FROM complaint_access a WHERE a.complaint_id = l.complaint_id"
    )
    coded = " | ".join(_coded())
    op.execute(f"UPDATE complaint_list SET facet = {coded}")  # noqa: S608 - words of ours
    for name in ("consumer_id", "merchant_id", "facet"):
        op.alter_column("complaint_list", name, nullable=False)
    op.drop_table("complaint_access")
    op.drop_index("ix_complaint_list_status", "complaint_list")
    for name, first in (("filed", ()), *((lane, (lane,)) for lane in _LANES)):
        columns = [*first, "filed_at", "complaint_id", "facet"]
        op.create_index(f"ix_complaint_list_{name}", "complaint_list", columns)


def _coded() -> list[str]:
    found = []
    for column, (shift, words) in _WORDS.items():
        cases = " ".join(
            f"WHEN '{word}' THEN {code << shift}" for code, word in enumerate(words.split(), 1)
        )
        found.append(f"(CASE {column} {cases} ELSE 0 END)")
    over = "('rejected', 'duplicate', 'resolved', 'closed', 'withdrawn')"
    found.append(f"(CASE WHEN status IN {over} THEN 0 ELSE {_OPEN} END)")
    return found
