"""Every kind of state with a story that leads to it, and every kind of command with an example.

`python -m tests.unit.intake.state_space` writes what each command does in each state to
`state_space.txt` beside this file, for people to read and for a test to compare.
"""

from pathlib import Path
from typing import Final, get_args

from services.intake.domain.authority import Author
from services.intake.domain.casework_commands import (
    AddEvidence,
    AddNote,
    LinkComplaint,
    NoteFindings,
    Reclassify,
    RecordRegulatorReply,
)
from services.intake.domain.checking_commands import (
    CheckOrders,
    JudgeRisk,
    NoSuchOrder,
    NoteSigns,
    Sign,
)
from services.intake.domain.commands import (
    AcceptComplaint,
    AnswerForMerchant,
    AppealRejection,
    Command,
    PostMessage,
    RecordRemedy,
    RecordRemedyFailure,
    RejectComplaint,
)
from services.intake.domain.escalation_commands import ReturnSolution
from services.intake.domain.merge_commands import (
    AbsorbComplaint,
    GiveBack,
    MergeComplaint,
    Survivor,
    UndoMerge,
)
from services.intake.domain.reports import (
    CloseSilently,
    NoteAcknowledgement,
    NoteAssessment,
    NoteFollowUpSent,
)
from services.intake.domain.state import State
from services.intake.domain.teamwork_commands import (
    AskForHelp,
    GiveHelp,
    HandOverComplaint,
    MakeCallback,
    PromiseCallback,
    RecordStep,
)
from shared.events.vocabulary import (
    Band,
    Category,
    EvidenceKind,
    LinkRelation,
    RejectionReason,
    RiskFlag,
    Role,
    Stance,
    SurveyResult,
)
from tests.unit.intake.story import (
    ASK,
    ASKED,
    ASSIGNED,
    CLOSED,
    CONSUMER,
    DRAFTED,
    EXTERNAL,
    FILED,
    IN_PROGRESS,
    MERCHANT,
    NOW,
    PROPOSED,
    REMEDYING,
    RESOLVED,
    SUBMITTED,
    SUPERVISOR,
    UNDER_REVIEW,
    WITHDRAWN,
    Story,
    answer_question,
    approval,
    ask_consumer,
    assignment,
    consent,
    consumer_silent,
    contact,
    done,
    filing,
    given,
    later,
    merchant_silent,
    referral,
    referral_outcome,
    rejection,
    release,
    remedy_overdue,
    reopening,
    resolution,
    solution,
    superior,
    survey,
    verdict,
    withdrawal,
)

TABLE: Final = Path(__file__).with_name("state_space.txt")

RULES: Final = Author(role=Role.SYSTEM, id="chat-rules")
TWIN: Final = Survivor(consumer_id="u1", merchant_id="m1", order_ids=("o1",))
MERGE: Final = MergeComplaint(now=NOW, by=SUPERVISOR, into_id="c2", survivor=TWIN)
REJECTED: Final = (
    *SUBMITTED,
    RejectComplaint(now=NOW, by=SUPERVISOR, reason=RejectionReason.OUT_OF_TIME),
)

STORIES: Final[dict[str, tuple[Command, ...]]] = {
    "NotFiled": (),
    "Submitted": SUBMITTED,
    "NeedsInformation": (*SUBMITTED, ask_consumer(by=SUPERVISOR)),
    "Rejected": REJECTED,
    "Duplicate": (*IN_PROGRESS, MERGE),
    "Accepted": FILED,
    "Assigned": ASSIGNED,
    "InProgress": IN_PROGRESS,
    "AwaitingConsumer": (*IN_PROGRESS, ask_consumer()),
    "AwaitingMerchant": ASKED,
    "SolutionDrafted": DRAFTED,
    "SolutionProposed": PROPOSED,
    "UnderSuperiorReview": UNDER_REVIEW,
    "Remedying": REMEDYING,
    "External": EXTERNAL,
    "Resolved": RESOLVED,
    "Closed": CLOSED,
    "Withdrawn": WITHDRAWN,
}
"""A story for each state, by the name of its class."""

EXAMPLES: Final[tuple[Command, ...]] = (
    filing(),
    AcceptComplaint(now=NOW, by=SUPERVISOR),
    RejectComplaint(now=NOW, by=SUPERVISOR, reason=RejectionReason.OUT_OF_TIME),
    ask_consumer(by=SUPERVISOR),
    ASK,
    AnswerForMerchant(now=NOW, by=MERCHANT, stance=Stance.INFORMS, text="It is real."),
    contact(by=SUPERVISOR),
    PostMessage(now=NOW, by=CONSUMER, text="Hello?"),
    solution(by=SUPERVISOR),
    consent(),
    rejection(),
    RecordRemedy(now=NOW, by=SUPERVISOR, n=1, reference="r"),
    done(),
    RecordRemedyFailure(now=NOW, by=CONSUMER, n=1, disputed=True),
    resolution(by=SUPERVISOR),
    withdrawal(),
    reopening(by=SUPERVISOR),
    AppealRejection(now=NOW, by=CONSUMER, text="It was yesterday."),
    answer_question(),
    approval(),
    ReturnSolution(now=NOW, by=SUPERVISOR, n=1, reason="Too much."),
    superior(breached=True),
    verdict(),
    referral(),
    referral_outcome(by=SUPERVISOR),
    MERGE,
    AbsorbComplaint(now=NOW, by=SUPERVISOR, from_id="c0", accepted_at=None),
    UndoMerge(now=NOW, by=SUPERVISOR, n=1, reason="Two parcels."),
    GiveBack(now=NOW, by=SUPERVISOR, other_id="c0", reason="Two parcels."),
    AddNote(now=NOW, by=SUPERVISOR, text="Called."),
    NoteFindings(now=NOW, by=RULES, text="wechat"),
    AddEvidence(
        now=NOW,
        by=CONSUMER,
        evidence_id="e1",
        sha256="0" * 64,
        kind=EvidenceKind.CHAT_LOG,
        media_type="text/plain",
        bytes=10,
    ),
    LinkComplaint(now=NOW, by=RULES, other_id="v1", relation=LinkRelation.TRACK),
    RecordRegulatorReply(now=NOW, by=SUPERVISOR, reference="2026-0117"),
    CheckOrders(now=NOW, by=SUPERVISOR, source="orders", found={"o1": NoSuchOrder()}),
    NoteSigns(now=NOW, by=RULES, signs=(Sign(RiskFlag.SERIAL_CLAIMS, "serial_claims@1", "9"),)),
    JudgeRisk(now=NOW, by=SUPERVISOR, reason="Known.", raised=frozenset({RiskFlag.REVIEW_THREAT})),
    RecordStep(now=NOW, by=SUPERVISOR, step="verify_order", playbook_version="counterfeit@1"),
    AskForHelp(now=NOW, by=SUPERVISOR, collaborator_id="s2", question="Is it real?"),
    GiveHelp(now=NOW, by=SUPERVISOR, n=1, answer="No."),
    PromiseCallback(now=NOW, by=SUPERVISOR, promised_for=later(hours=2)),
    MakeCallback(now=NOW, by=SUPERVISOR, n=1),
    HandOverComplaint(now=NOW, by=SUPERVISOR, summary="Called twice.", to="s2"),
    Reclassify(now=NOW, by=SUPERVISOR, reason="Heard.", category=Category.QUALITY),
    NoteAssessment(
        now=NOW, cycle=1, score=50, band=Band.MODERATE, needed_tier=2, policy_version="1"
    ),
    assignment(2),
    release(),
    merchant_silent(),
    consumer_silent(),
    remedy_overdue(),
    NoteAcknowledgement(now=NOW, cycle=1, notification_id="n1"),
    NoteFollowUpSent(now=NOW, cycle=1, follow_up_id="f1"),
    survey(SurveyResult.SATISFIED),
    CloseSilently(now=NOW, cycle=1),
)
"""One of each kind of command, by somebody who may."""


def state_names() -> list[str]:
    """The names of all kinds of state."""
    return [cls.__name__ for cls in get_args(State)]


def command_names() -> list[str]:
    """The names of all kinds of command."""
    return [cls.__name__ for cls in get_args(Command)]


def outcome(story: Story, command: Command) -> str:
    """What a command does: the code it is refused with, the events it leads to, or nothing."""
    told = story.when(command)
    if told.refusal is not None:
        return f"refused {told.refusal.code}"
    if not told.events:
        return "nothing"
    return " + ".join(type(event).__name__ for event in told.events)


def table() -> str:
    """A block per command, a line per state."""
    blocks = []
    stories = {name: given(*past) for name, past in STORIES.items()}
    for command in EXAMPLES:
        lines = [f"  {name:<20} {outcome(story, command)}" for name, story in stories.items()]
        blocks.append("\n".join([type(command).__name__, *lines]))
    return "\n\n".join(blocks) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
