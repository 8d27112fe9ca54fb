"""Queries over notify's tables, with ownership: what a caller may list, newest first."""

from dataclasses import dataclass
from typing import Any, Final

from services.notify.application import template_name
from services.notify.domain.events import NotificationQueued
from services.notify.domain.notices import EVERY_TEAM, OPS_DESK
from services.notify.domain.notification import NOTIFICATION, Unknown, stream_of
from shared.access import access_condition
from shared.auth import Principal
from shared.clock import from_ms, rfc3339
from shared.eventlog.ports import EventLog, Row, Statement
from shared.events.vocabulary import Role
from shared.http import decode_cursor, encode_cursor, page
from shared.problems import Problem
from shared.unit_of_work import UnitOfWork

_FIRST: Final = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which part of a list. `limit` at least 1; `cursor` is one that a list gave out."""

    limit: int
    cursor: str | None

    def values(self) -> dict[str, Any]:
        """Bound values of the clause below. Raises `Problem` on a foreign cursor."""
        if self.cursor is None:
            return {"at": _FIRST, "after": "", "limit": self.limit + 1}
        position = decode_cursor(self.cursor, at=int, id=str)
        return {"at": position["at"], "after": position["id"], "limit": self.limit + 1}


def _clause(at: str, key: str) -> str:
    return (
        f"({at} < :at OR ({at} = :at AND {key} < :after)) "
        f"ORDER BY {at} DESC, {key} DESC LIMIT :limit"
    )


def _cut(rows: list[Row], paging: Paging, at: str, key: str) -> tuple[list[Row], str | None]:
    """One page of rows, and the cursor of the next if there is one."""
    if len(rows) <= paging.limit:
        return rows, None
    kept = rows[: paging.limit]
    return kept, encode_cursor({"at": kept[-1][at], "id": kept[-1][key]})


async def notifications(
    log: EventLog, caller: Principal, filters: dict[str, str | None], paging: Paging
) -> dict[str, Any]:
    """Notifications about complaints that a member of staff may see; without their texts."""
    condition, values = access_condition(caller)
    wanted = {name: value for name, value in filters.items() if value is not None}
    filtered = "".join(f"AND n.{name} = :{name} " for name in wanted)
    rows = await log.fetch(
        Statement(
            "SELECT n.* FROM notifications n JOIN complaint_access a "  # noqa: S608 - constants
            f"ON a.complaint_id = n.complaint_id WHERE {condition} {filtered}"
            f"AND {_clause('n.queued_at', 'n.notification_id')}",
            {**values, **wanted, **paging.values()},
        )
    )
    kept, cursor = _cut(list(rows), paging, "queued_at", "notification_id")
    return page([_notification(row) for row in kept], cursor)


def _notification(row: Row) -> dict[str, Any]:
    return {
        "id": row["notification_id"],
        "complaint_id": row["complaint_id"],
        "cycle": row["cycle"],
        "cause_id": row["cause_id"],
        "recipient_role": row["recipient_role"],
        "recipient_id": row["recipient_id"],
        "channel": row["channel"],
        "template": row["template"],
        "language": row["language"],
        "text_sha256": row["text_sha256"],
        "state": row["state"],
        "attempts": row["attempts"],
        "reason": row["reason"],
        "queued_at": _time(row["queued_at"]),
        "ended_at": _time(row["ended_at"]),
    }


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else rfc3339(from_ms(milliseconds))


async def inbox(log: EventLog, caller: Principal, paging: Paging) -> dict[str, Any]:
    """What was delivered to the caller's own inbox, with its texts.

    A placeholder is in the place of a text that quotes somebody who was erased.
    """
    owners = _inboxes(caller)
    slots = {f"owner_{index}": owner for index, owner in enumerate(owners)}
    names = ", ".join(f":{name}" for name in slots)
    rows = await log.fetch(
        Statement(
            "SELECT * FROM notifications WHERE channel = 'inbox' AND state = 'sent' "  # noqa: S608
            f"AND recipient_role = :role AND recipient_id IN ({names}) "
            f"AND {_clause('queued_at', 'notification_id')}",
            {"role": str(caller.role), **slots, **paging.values()},
        )
    )
    kept, cursor = _cut(list(rows), paging, "queued_at", "notification_id")
    said = [await _said(log, row) for row in kept]
    await log.keys.open(said)
    return page([_item(row, queued) for row, queued in zip(kept, said, strict=True)], cursor)


def _inboxes(caller: Principal) -> list[str]:
    """Recipient ids whose inbox the caller reads."""
    match caller.role:
        case Role.CONSUMER | Role.SPECIALIST:
            return [caller.subject]
        case Role.MERCHANT:
            return [caller.merchant_id or caller.subject]
        case Role.SUPERVISOR:
            own = [] if caller.team_id is None else [f"team:{caller.team_id}"]
            return [caller.subject, EVERY_TEAM, *own]
        case Role.OPS:
            return [caller.subject, OPS_DESK]
        case Role.SERVICE | Role.SYSTEM:
            raise Problem("forbidden", "Programs have no inbox.")


async def _said(log: EventLog, row: Row) -> NotificationQueued | None:
    # The text is read from the stream: tables hold no personal data.
    stream = stream_of(row["notification_id"])
    state = (await UnitOfWork(log).load(NOTIFICATION, stream)).state
    return None if isinstance(state, Unknown) else state.queued


def _item(row: Row, queued: NotificationQueued | None) -> dict[str, Any]:
    return {
        "id": row["notification_id"],
        "complaint_id": row["complaint_id"],
        "cycle": row["cycle"],
        "template": row["template"],
        "kind": template_name(row["template"]),
        "language": row["language"],
        "subject": "" if queued is None else queued.subject.text,
        "text": "" if queued is None else queued.text.text,
        "at": _time(row["ended_at"]),
    }


async def follow_ups(
    log: EventLog, caller: Principal, filters: dict[str, str | None], paging: Paging
) -> dict[str, Any]:
    """Follow-ups of complaints that a member of staff may see."""
    condition, values = access_condition(caller)
    wanted = {name: value for name, value in filters.items() if value is not None}
    filtered = "".join(f"AND f.{name} = :{name} " for name in wanted)
    rows = await log.fetch(
        Statement(
            "SELECT f.* FROM follow_ups f JOIN complaint_access a "  # noqa: S608 - constants
            f"ON a.complaint_id = f.complaint_id WHERE {condition} {filtered}"
            f"AND {_clause('f.due_at', 'f.follow_up_id')}",
            {**values, **wanted, **paging.values()},
        )
    )
    kept, cursor = _cut(list(rows), paging, "due_at", "follow_up_id")
    return page([_follow_up(row) for row in kept], cursor)


def _follow_up(row: Row) -> dict[str, Any]:
    return {
        "id": row["follow_up_id"],
        "complaint_id": row["complaint_id"],
        "cycle": row["cycle"],
        "state": row["state"],
        "reason": row["reason"],
        "due_at": _time(row["due_at"]),
        "sent_at": _time(row["sent_at"]),
        "reminded": bool(row["reminded"]),
        "ended_at": _time(row["ended_at"]),
        "result": row["result"],
        "speed": row["speed"],
        "attitude": row["attitude"],
        "outcome": row["outcome"],
        "ratings_only": bool(row["ratings_only"]),
    }


async def dead_mails(log: EventLog) -> list[dict[str, Any]]:
    """Mails that were given up and not redriven, oldest first."""
    rows = await log.fetch(
        Statement(
            "SELECT * FROM notifications WHERE state = 'dead' ORDER BY ended_at, notification_id"
        )
    )
    return [
        {
            "id": row["notification_id"],
            "service": "notify",
            "kind": "mail",
            "key": row["complaint_id"],
            "complaint_id": row["complaint_id"],
            "event_id": row["cause_id"],
            "template": row["template"],
            "recipient_role": row["recipient_role"],
            "reason": row["reason"],
            "attempts": row["attempts"],
            "failed_at": _time(row["ended_at"]),
        }
        for row in rows
    ]
