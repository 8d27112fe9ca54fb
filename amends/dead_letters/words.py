"""Dead letters, and what came of asking, as lines for people."""

from collections.abc import Iterator
from typing import Any

from amends.dead_letters.asking import Outcome, Result


def of_letter(one: dict[str, Any]) -> Iterator[str]:
    """A letter or mail, as it is listed."""
    yield f"{one['id']}  {one['service']}  {one['failed_at']}  key {one['key']}"
    if one.get("kind") == "mail":
        yield f"    mail {one['template']} to {one['recipient_role']}"
    else:
        place = "" if one["partition"] is None else f"/{one['partition']} at {one['position']}"
        yield f"    {one['type']} on {one['source']}{place}"
    yield f"    {one['reason']} ({one['attempts']} attempts)"
    if "dropped_at" in one:
        yield f"    dropped {one['dropped_at']} by {one['dropped_by']}: {one['drop_reason']}"


def of_outcome(one: Outcome) -> Iterator[str]:
    """What became of a letter, and of its key."""
    yield f"{one.id}  {one.service}  key {one.key}: {_result(one)}"
    if one.held_up_by not in (None, one.id) and one.result is not Result.ASKED:
        yield f"    its key is held up by {one.held_up_by} now: {one.reason}"


def _result(one: Outcome) -> str:
    match one.result:
        case Result.HANDLED:
            return f"handled ({one.handled} in all)"
        case Result.DROPPED:
            return f"dropped; {one.handled} parked behind it handled"
        case Result.PARKED:
            return f"still parked: {one.reason}"
        case Result.ASKED:
            return f"asked, but {one.reason}: it is done by the next process that owns the key"


def plain(text: str) -> str:
    """Without what could move a terminal's cursor: keys and errors may hold anything."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
