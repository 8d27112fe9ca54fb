"""Which column of an input file holds what."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

FIELDS: Final = {
    "id": "names the complaint in reports (default: its line)",
    "consumer_id": "an opaque id of the consumer (default: one consumer for each line)",
    "merchant_id": "the merchant: an id or a name",
    "merchant_name": "how the merchant is called (default: merchant_id)",
    "order_ids": "order numbers, separated by ; or spaces",
    "category": "what went wrong; words we do not know become `other`",
    "description": "what the consumer says",
    "demand": "refund, return, exchange, reship, compensation, apology, correction, other",
    "amount": "the amount in dispute, in units of the currency",
    "currency": "ISO 4217 (default: USD)",
    "channel": "form, app, hotline, regulator, association or media (default: form)",
    "language": "en or zh-CN (default: en)",
    "happened_at": "when the trouble happened: 2026-01-31 or RFC 3339",
    "merchant_answered": "Yes or No: the merchant answered in time",
    "merchant_outcome": "how the merchant closed it",
    "consumer_disputed": "Yes or No: the consumer was not content",
}
REQUIRED: Final = ("merchant_id", "description")

Columns = Mapping[str, tuple[str, ...]]
"""Field → columns to look in; the first that is not blank counts."""

CFPB: Final[Columns] = {
    "id": ("complaint_id", "Complaint ID"),
    "merchant_id": ("company", "Company", "product", "Product"),
    "category": ("issue", "Issue", "product", "Product"),
    "description": (
        "narrative",
        "Consumer complaint narrative",
        "sub_issue",
        "Sub-issue",
        "issue",
        "Issue",
        "product",
        "Product",
    ),
    "channel": ("submitted_via", "Submitted via"),
    "happened_at": ("date_received", "Date received"),
    "merchant_answered": ("timely_response", "Timely response?"),
    "merchant_outcome": ("company_response", "Company response to consumer"),
    "consumer_disputed": ("consumer_disputed", "Consumer disputed?"),
}


class BadMapping(ValueError):
    """A mapping somebody typed cannot be understood."""


def parse_pairs(entries: Iterable[str], option: str) -> dict[str, str]:
    """Read `a=b,c=d`, given once or several times. Raises `BadMapping`."""
    pairs: dict[str, str] = {}
    for entry in entries:
        for part in filter(None, (piece.strip() for piece in entry.split(","))):
            name, found, value = part.partition("=")
            if not found or not name.strip() or not value.strip():
                raise BadMapping(f"{option}: {part!r} should read name=value")
            pairs[name.strip()] = value.strip()
    return pairs


def parse_columns(entries: Iterable[str]) -> Columns:
    """Read `field=Column|Other column,…`. Raises `BadMapping` for a field that does not exist."""
    pairs = parse_pairs(entries, "--columns")
    unknown = sorted(set(pairs) - set(FIELDS))
    if unknown:
        known = ", ".join(FIELDS)
        raise BadMapping(f"--columns: no field is called {', '.join(unknown)}; there are: {known}")
    return {
        field: tuple(name.strip() for name in value.split("|") if name.strip())
        for field, value in pairs.items()
    }


def choose_columns(header: Sequence[str], stated: Columns) -> Columns:
    """The mapping for a file: what was stated, else our own column names, else CFPB's.

    Raises `BadMapping` if a stated column is not in the file or a required field has no column.
    """
    absent = sorted({name for names in stated.values() for name in names} - set(header))
    if absent:
        raise BadMapping(
            f"--columns: the file has no column {', '.join(map(repr, absent))}; "
            f"its header is: {', '.join(header)}"
        )
    known: dict[str, tuple[str, ...]] = {field: (field,) for field in FIELDS if field in header}
    if not stated and any(field not in known for field in REQUIRED):
        known = {
            field: present
            for field, names in CFPB.items()
            if (present := tuple(name for name in names if name in header))
        }
    chosen = {**known, **stated}
    missing = [field for field in REQUIRED if field not in chosen]
    if missing:
        raise BadMapping(
            f"no column is known for {' and '.join(missing)}; state it, for example "
            f"--columns '{missing[0]}={header[0]}'. The header is: {', '.join(header)}"
        )
    return chosen


def is_cfpb(header: Sequence[str]) -> bool:
    """Whether the file is laid out like the CFPB's complaints."""
    return {"complaint_id", "submitted_via"} <= set(header) or {
        "Complaint ID",
        "Submitted via",
    } <= set(header)
