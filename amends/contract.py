"""The HTTP contract beyond its routes: what is answered, and an example of every body.

`tests/integration` sends each example and compares each answer with its schema.
"""

from typing import Any, Final

from shared.events.vocabulary import (
    Category,
    Channel,
    CloseReason,
    Priority,
    RejectionReason,
    Status,
    Turn,
)


def _one_of(words: Any) -> dict[str, Any]:
    return {"type": "string", "enum": [str(word) for word in words]}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer"}
_TIME: Final = {"type": "string", "format": "date-time"}
_OBJECT: Final = {"type": "object"}
_LIST: Final = {"type": "array", "items": {"type": "object"}}

_COMPLAINT: Final[dict[str, Any]] = {
    "id": _TEXT,
    "status": _one_of(Status),
    "turn": _one_of(Turn),
    "channel": _one_of(Channel),
    "category": _one_of(Category),
    "priority": _one_of(Priority),
    "merchant_id": _TEXT,
    "consumer_id": _TEXT,
    "specialist_id": _or_null(_TEXT),
    "cycle": _NUMBER,
    "version": _NUMBER,
    "filed_at": _TIME,
    "accepted_at": _or_null(_TIME),
    "resolved_at": _or_null(_TIME),
    "closed_at": _or_null(_TIME),
    "close_reason": _or_null(_one_of(CloseReason)),
    "waiting_for": _OBJECT,
    "rejection_reason": _or_null(_one_of(RejectionReason)),
    "open_request": _or_null(_OBJECT),
    "open_question": _or_null(_OBJECT),
    "solutions": _LIST,
    "presumption_for_consumer": {"type": "boolean"},
    "superior_review_offered": {"type": "boolean"},
    "superior_review": _or_null(_OBJECT),
    "duplicate_of": _or_null(_TEXT),
    "duplicates": {"type": "array", "items": _TEXT},
    "links": _LIST,
    "referrals": _LIST,
    "life": _OBJECT,
    "evidence": _LIST,
    "completeness": {"type": "number", "minimum": 0, "maximum": 1},
    "missing_evidence": _LIST,
    "order_ids": {"type": "array", "items": _TEXT},
    "description": _TEXT,
    "demand": _OBJECT,
    "language": _TEXT,
    "contact": _or_null(_TEXT),
    "happened_at": _or_null(_TIME),
    "reply_due_at": _or_null(_TIME),
    "team_id": _or_null(_TEXT),
    "complexity": _or_null(_OBJECT),
    "regulator_reply": _or_null(_OBJECT),
    "order_checks": _LIST,
    "risk_flags": _LIST,
    "callbacks": _LIST,
    "helps": _LIST,
    "steps": _LIST,
    "handover": _or_null(_OBJECT),
    "guidance": _OBJECT,
}
_STAFF_ONLY: Final = frozenset(
    {"team_id", "complexity", "regulator_reply", "risk_flags", "helps", "steps", "handover"}
)
_NOT_FOR_MERCHANTS: Final = frozenset(
    {"open_question", "completeness", "missing_evidence", "order_checks", "callbacks", "guidance"}
)

_SUBJECT: Final[dict[str, Any]] = {
    "id": _TEXT,
    "erased_at": _or_null(_TIME),
    "legal_basis": _or_null(_TEXT),
    "legal_holds": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["id", "reason", "placed_at"],
            "properties": {"id": _TEXT, "reason": _TEXT, "placed_at": _TIME},
        },
    },
    "open_complaints": {"type": "array", "items": _TEXT, "maxItems": 20},
    "more_open_complaints": {"type": "boolean"},
    "version": _NUMBER,
}

SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "Complaint": {
        "type": "object",
        "description": "A complaint as its reader may see it; `ETag` has its version.",
        "required": sorted(_COMPLAINT.keys() - _STAFF_ONLY - _NOT_FOR_MERCHANTS),
        "properties": _COMPLAINT,
    },
    "Subject": {
        "type": "object",
        "description": "The record of a person. Only a read says which complaints are open.",
        "required": ["id", "erased_at", "legal_basis", "legal_holds", "version"],
        "properties": _SUBJECT,
    },
    "EvidenceLink": {
        "type": "object",
        "required": ["url", "expires_at"],
        "properties": {"url": _TEXT, "expires_at": _TIME},
    },
}

LISTS: Final = frozenset(
    {
        "/v1/complaints",
        "/v1/complaints/{complaint_id}/events",
        "/v1/complaints/{complaint_id}/duplicates",
        "/v1/complaints/{complaint_id}/violations",
        "/v1/violations",
        "/v1/breaches",
        "/v1/clocks",
        "/v1/dead-letters",
        "/v1/follow-ups",
        "/v1/inbox",
        "/v1/notifications",
        "/v1/queue",
        "/v1/specialists",
    }
)
_OF_COMPLAINT: Final = "/v1/complaints"
_OF_SUBJECT: Final = "/v1/subjects/"
_BUNDLE: Final = "/v1/complaints/{complaint_id}/evidence-bundle"
_LINK: Final = "/v1/complaints/{complaint_id}/evidence/{evidence_id}"


def answer(operation: str) -> str | None:
    """The schema of what an operation (`GET /v1/complaints`) answers; None: any object."""
    method, path = operation.split(" ", 1)
    if method == "GET" and path in LISTS:
        return "Page"
    if path == _LINK:
        return "EvidenceLink"
    if path == _BUNDLE:
        return None
    if path.startswith(_OF_SUBJECT):
        return "Subject"
    about_complaint = path.startswith(_OF_COMPLAINT) and not path.endswith("/violations")
    return "Complaint" if about_complaint else None


_TERMS: Final = {"remedy": "refund", "payer": "merchant"}
FILING: Final[dict[str, Any]] = {
    "channel": "hotline",
    "consumer_id": "u1",
    "merchant_id": "m1",
    "order_ids": ["o1"],
    "category": "counterfeit",
    "description": "The bag is a fake.",
    "demand": {"kind": "refund", "amount_minor": 12900, "currency": "CNY"},
    "language": "en",
    "contact": {"email": "u1@example.com"},
}
_EXAMPLES: Final[dict[str, Any]] = {
    "POST /v1/complaints": FILING,
    "POST …/appeals": {"text": "It was yesterday."},
    "POST …/reviews": {"decision": "accept"},
    "POST …/solutions/{n}/acceptance": {},
    "POST …/solutions/{n}/approval": {"decision": "approve"},
    "POST …/superior-reviews": {"ground": "proposal"},
    "POST …/withdrawal": {"reason": "Settled."},
    "POST …/remedies/{n}/failure": {"reason": "disputed"},
    "POST …/consumer-requests": {"items": ["a photo"], "reason": "It settles it."},
    "POST …/consumer-responses": {"text": "Here."},
    "POST …/contacts": {"channel": "call", "two_way": True},
    "POST …/merchant-requests": {"questions": "Is it real?"},
    "POST …/merchant-responses": {"stance": "informs", "text": "It is."},
    "POST …/merges": {"into_id": "01a2"},
    "POST …/merges/{n}/undo": {"reason": "Two parcels."},
    "POST …/messages": {"text": "Hello."},
    "POST …/notes": {"text": "Called."},
    "POST …/order-verifications": {"order_id": "o1"},
    "POST …/steps": {"step": "verify_order", "playbook_version": "counterfeit@1"},
    "POST …/collaborations": {"collaborator_id": "s2", "question": "Is the hologram genuine?"},
    "POST …/collaborations/{n}/answer": {"answer": "It is not."},
    "POST …/handover": {"summary": "Called twice; she wants the money back.", "to": "s2"},
    "POST …/callbacks": {"promised_for": "2035-03-02T09:00:00Z"},
    "POST …/reclassification": {"reason": "Heard.", "category": "quality"},
    "POST …/referrals": {"body": "mediation"},
    "POST …/referrals/{n}/outcome": {"outcome": "settled", "binding": False},
    "POST …/risk-flags": {"raised": ["review_threat"], "reason": "Said so on the telephone."},
    "POST …/regulator-replies": {"reference": "2026-0117"},
    "POST …/remedies": {"n": 1, "reference": "r1"},
    "POST …/remedies/{n}/confirmation": {"reference": "r1"},
    "POST …/reopening": {"reason": "objection", "text": "Still fake."},
    "POST …/resolution": {"outcome": "explained"},
    "POST …/solutions": {**_TERMS, "reasons": "It is a fake."},
    "POST …/solutions/{n}/rejection": {"reason": "Too little."},
    "POST …/superior-reviews/{n}/decision": {"outcome": "upheld", "reasons": "I read it."},
    "POST …/violations": {"kind": "counterfeit", "severity": 2},
    "POST /v1/violations/{violation_id}/appeal": {"text": "It is genuine."},
    "POST /v1/violations/{violation_id}/decision": {"outcome": "withdrawn", "reasons": "It is."},
    "POST /v1/assignments/{complaint_id}/decline": {"reason": "I know the owner."},
    "POST /v1/assignments/{complaint_id}/reassignment": {"specialist_id": "s2", "reason": "Skill."},
    "PUT /v1/playbooks/{category}": {
        "steps": [
            {"id": "hear_demand", "text": {"zh-CN": "确认诉求：{demand}", "en": "Hear: {demand}."}}
        ],
        "questions": [{"id": "why_fake", "text": {"zh-CN": "为何是假货？", "en": "Why a fake?"}}],
        "explanations": [
            {
                "id": "rights",
                "kind": "rights",
                "text": {"zh-CN": "可以要求退一赔三。", "en": "Three times the price is owed."},
                "sources": ["消费者权益保护法 第55条"],
            }
        ],
    },
    "POST /v1/subjects/{subject_id}/erasure": {"legal_basis": "PIPL Art. 47"},
    "PUT /v1/subjects/{subject_id}/legal-holds/{hold_id}": {"reason": "The case is in court."},
    "PUT /v1/merchants/{merchant_id}": {"class": "standard"},
    "POST /v1/specialists": {
        "id": "s9",
        "name": "Wu",
        "skills": {"quality": 5},
        "tier": 2,
        "languages": ["en"],
        "capacity": 10,
    },
    "PATCH /v1/specialists/{specialist_id}": {"name": "Li Na"},
    "PUT /v1/specialists/{specialist_id}/leave": {"leave": []},
    "PUT /v1/specialists/{specialist_id}/presence": {"online": True},
    "PUT /v1/specialists/{specialist_id}/shifts": {"shifts": []},
    "POST /v1/surveys/{token}": {"result": "satisfied"},
    "POST /v1/dead-letters/{letter_id}/drop": {"reason": "A test."},
}

EXAMPLES: Final = {
    name.replace("…/", "/v1/complaints/{complaint_id}/"): body for name, body in _EXAMPLES.items()
}
"""An example of the body of every operation that has one, by operation."""

MATCHED: Final = frozenset({"POST /v1/violations/{violation_id}/decision"}) | frozenset(
    f"POST /v1/complaints/{{complaint_id}}/{act}"
    for act in (
        "resolution",
        "withdrawal",
        "solutions/{n}/acceptance",
        "solutions/{n}/rejection",
        "solutions/{n}/approval",
        "superior-reviews/{n}/decision",
    )
)
"""Operations that need `If-Match`: whoever decides says which version they decided on."""
