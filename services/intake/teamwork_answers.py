"""What of working together its readers see: calls the consumer too, the rest staff alone."""

from typing import Any

from services.intake.domain.state import FiledState
from services.intake.domain.team import Handover
from shared.clock import rfc3339
from shared.events.vocabulary import Audience


def team_body(state: FiledState, audience: Audience) -> dict[str, Any]:
    """Calls still to be made; for staff also who is asked, and the steps of this cycle."""
    team = state.case.cycle.team
    if audience is Audience.MERCHANT:
        return {}
    body: dict[str, Any] = {
        "callbacks": [
            {"n": one.n, "promised_for": rfc3339(one.promised_for)} for one in team.callbacks
        ]
    }
    if audience is Audience.CONSUMER:
        return body
    body["helps"] = [
        {
            "n": one.n,
            "collaborator_id": one.collaborator_id,
            "question": one.question.text,
            "asked_at": rfc3339(one.asked_at),
        }
        for one in team.helps
    ]
    body["steps"] = [
        {
            "step": one.step,
            "playbook_version": one.playbook_version,
            "taken_at": rfc3339(one.taken_at),
        }
        for one in team.steps
    ]
    body["handover"] = _handover(team.handover)
    return body


def _handover(handover: Handover | None) -> dict[str, Any] | None:
    if handover is None:
        return None
    return {
        "by": handover.specialist_id,
        "to": handover.to,
        "summary": handover.summary.text,
        "handed_over_at": rfc3339(handover.handed_over_at),
    }
