"""Use cases of intake: load the complaint, let the domain decide, keep the result for recording."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.intake.bundle.signing import BundleSigner
from services.intake.deadlines import missed_deadlines
from services.intake.domain.authority import HANDLERS, SUPERVISOR, Author, check_act, is_asked
from services.intake.domain.casework_commands import LinkComplaint, NoteFindings
from services.intake.domain.commands import (
    AcceptComplaint,
    AcceptSolution,
    ActCommand,
    AnswerForConsumer,
    AnswerForMerchant,
    FileComplaint,
    PostMessage,
    RejectSolution,
    ReopenComplaint,
    WithdrawComplaint,
)
from services.intake.domain.decide import complaint_decider
from services.intake.domain.escalation_commands import (
    ApproveSolution,
    ReferComplaint,
    RequestSuperiorReview,
)
from services.intake.domain.merge_commands import (
    AbsorbComplaint,
    GiveBack,
    MergeComplaint,
    Survivor,
    UndoMerge,
)
from services.intake.domain.policy import Policy
from services.intake.domain.reports import ReactionCommand
from services.intake.domain.state import Duplicate, FiledState, NotFiled, State, holder
from services.intake.evidence_links import EvidenceLinks
from services.intake.history import bundle_sha256, drafter, merchants_last_words, stream_of
from services.intake.orders import OrderDesk
from services.intake.playbooks import Playbooks
from services.intake.reopening import decided
from services.intake.signs import Signs
from services.intake.uploads import Uploads
from services.intake.violations import CHAT_RULES, FILING, Report, Violations, Words
from shared.access import may_see
from shared.auth import Principal
from shared.clock import Clock
from shared.codec import decode, pack, unpack
from shared.eventlog.ports import EventLog
from shared.events.envelope import Actor, Recorded
from shared.events.profiles import MerchantProfile
from shared.events.vocabulary import Audience, LinkRelation, Party, Role
from shared.ids import Ids
from shared.problems import Problem
from shared.unit_of_work import Loaded, UnitOfWork

_MERCHANT: Final = "merchant"
_FOR_CONSUMER: Final = (
    AcceptSolution,
    RejectSolution,
    WithdrawComplaint,
    ReopenComplaint,
    AnswerForConsumer,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """What acceptance says about a merchant; `standard` as long as nobody told us."""

    merchant_class: str = "standard"
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeRequest:
    """A supervisor says that a complaint goes on in `into_id`."""

    now: datetime
    by: Author
    into_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint as it is (or was) when its stream had `version` events."""

    state: FiledState
    version: int


def _reaches_consumer(command: PostMessage | AnswerForMerchant) -> bool:
    """Whether the consumer reads it: answers are for everybody, messages for whom they name."""
    if isinstance(command, AnswerForMerchant):
        return True
    return command.to is not None and Audience.CONSUMER in command.to


def author_of(caller: Principal) -> Author:
    """The caller as the domain knows people. A merchant's token may name itself in `sub` alone."""
    merchant_id = caller.merchant_id
    if caller.role is Role.MERCHANT and merchant_id is None:
        merchant_id = caller.subject
    return Author(
        role=caller.role,
        id=caller.subject,
        team_id=caller.team_id,
        merchant_id=merchant_id,
        scopes=caller.scopes,
    )


class Intake:
    """Everything that can be done with complaints. `app.state.intake` is one of these."""

    def __init__(  # noqa: PLR0913 - what it is made of
        self,
        *,
        log: EventLog,
        business: Clock,
        ids: Ids,
        policy: Policy,
        uploads: Uploads,
        links: EvidenceLinks,
        signer: BundleSigner,
        base_url: str,
        violations: Violations,
        orders: OrderDesk,
        playbooks: Playbooks,
        signs: Signs,
    ) -> None:
        self.log = log
        self.uploads = uploads
        self.links = links
        self.signer = signer
        self.base_url = base_url
        self.violations = violations
        self.orders = orders
        self.playbooks = playbooks
        self._signs = signs
        self._business = business
        self._ids = ids
        self._decider = complaint_decider(policy)

    def now(self) -> datetime:
        """Business time, for commands."""
        return self._business.now()

    def new_id(self) -> str:
        """An id for a complaint that is about to be filed."""
        return self._ids.new()

    async def file(
        self, work: UnitOfWork, command: FileComplaint, report: Report | None = None
    ) -> Complaint:
        """File under a fresh id; what is reported with it goes on a track of its own.

        Raises `Refused`.
        """
        merchant = await self._merchant(work, command.merchant_id)
        if merchant is not None:
            command = replace(
                command, merchant_class=merchant.merchant_class, region=merchant.region
            )
        stream = stream_of(command.complaint_id)
        work.begin(self._decider, stream)
        on_behalf_of = command.consumer_id if command.by.role is not Role.CONSUMER else None
        actor = command.by.actor(on_behalf_of)
        await work.decide(self._decider, stream, command.complaint_id, command, actor=actor)
        if report is not None:
            await self._split(work, command, report, actor)
        await self._signs.filed(work, self._decider, command)
        return _existing(await work.load(self._decider, stream))

    async def _split(
        self, work: UnitOfWork, command: FileComplaint, report: Report, filer: Actor
    ) -> None:
        """Two linked tracks: what ends one of them never ends the other."""
        complaint_id, stream = command.complaint_id, stream_of(command.complaint_id)
        filed = _existing(await work.load(self._decider, stream)).state.case.filed
        found = await self.violations.report(work, filed, report, filer, command.now)
        link = LinkComplaint(
            now=command.now, by=FILING, other_id=found.id, relation=LinkRelation.TRACK
        )
        await work.decide(self._decider, stream, complaint_id, link, actor=filer)

    async def act(
        self,
        work: UnitOfWork,
        complaint_id: str,
        command: ActCommand,
        check_version: Callable[[int], None],
    ) -> Complaint:
        """Do something to a complaint: rights first, then `If-Match`, then the rule.

        Raises `Refused`, and whatever `check_version` raises for the ETag's version.
        """
        found = await self.permitted(
            work, complaint_id, command.by, command.ROLES, helpers=command.HELPERS
        )
        check_version(found.state.case.version)
        command = await self._informed(work, command, found.state)
        actor = _actor(command, found.state)
        await decided(work, self._decider, complaint_id, command, actor=actor)
        if isinstance(command, PostMessage | AnswerForMerchant):
            await self._watch(work, complaint_id, command)
        await self._signs.heard(work, self._decider, complaint_id, command)
        return _existing(await work.load(self._decider, stream_of(complaint_id)))

    async def permitted(
        self,
        work: UnitOfWork,
        complaint_id: str,
        by: Author,
        roles: frozenset[Role],
        *,
        helpers: bool = False,
    ) -> Complaint:
        """The complaint, if somebody of these roles may act on it. Raises `Refused`."""
        loaded = await work.load(self._decider, stream_of(complaint_id))
        check_act(by, roles, loaded.state, helpers=helpers)
        return _existing(loaded)

    async def _watch(
        self, work: UnitOfWork, complaint_id: str, command: PostMessage | AnswerForMerchant
    ) -> None:
        """Let rules look at a merchant's words, and tell staff what they find."""
        if command.by.role is not Role.MERCHANT:
            return
        found = _existing(await work.load(self._decider, stream_of(complaint_id)))
        words = Words(
            now=command.now,
            filed=found.state.case.filed,
            texts=[*await self._merchants_last_words(complaint_id), command.text],
            version=found.version,
            reached_consumer=_reaches_consumer(command),
        )
        text = await self.violations.watch(work, words)
        if text is not None:
            await self.note(work, complaint_id, text, command.now)

    async def _merchants_last_words(self, complaint_id: str) -> list[str]:
        words = merchants_last_words(await self.history(complaint_id))
        await self.log.keys.open(words)
        return [] if words is None else [words.text]

    async def note(self, work: UnitOfWork, complaint_id: str, text: str, now: datetime) -> None:
        """Let staff know, in the complaint's timeline, what rules found."""
        note = NoteFindings(now=now, by=CHAT_RULES, text=text)
        stream = stream_of(complaint_id)
        await work.decide(self._decider, stream, complaint_id, note, actor=CHAT_RULES.actor())

    async def merge(
        self,
        work: UnitOfWork,
        complaint_id: str,
        command: MergeRequest,
        check_version: Callable[[int], None],
    ) -> Complaint:
        """Let a complaint go on in another; both streams are written, or neither.

        Raises `Refused`: rights are needed on both.
        """
        into = stream_of(command.into_id)
        survivor = await work.load(self._decider, into)
        check_act(command.by, SUPERVISOR, survivor.state)
        other = _existing(survivor).state.case.filed
        merging = MergeComplaint(
            now=command.now,
            by=command.by,
            into_id=command.into_id,
            reason=command.reason,
            survivor=Survivor(
                consumer_id=other.consumer_id,
                merchant_id=other.merchant_id,
                order_ids=other.order_ids,
            ),
        )
        found = await self.act(work, complaint_id, merging, check_version)
        absorbing = AbsorbComplaint(
            now=command.now,
            by=command.by,
            from_id=complaint_id,
            accepted_at=found.state.case.accepted_at,
        )
        await self.act(work, command.into_id, absorbing, lambda _: None)
        return found

    async def undo_merge(
        self,
        work: UnitOfWork,
        complaint_id: str,
        command: UndoMerge,
        check_version: Callable[[int], None],
    ) -> Complaint:
        """They are two complaints after all; both streams say so, or neither. Raises `Refused`."""
        loaded = await work.load(self._decider, stream_of(complaint_id))
        into_id = loaded.state.into_id if isinstance(loaded.state, Duplicate) else None
        found = await self.act(work, complaint_id, command, check_version)
        if into_id is not None:
            back = GiveBack(
                now=command.now, by=command.by, other_id=complaint_id, reason=command.reason
            )
            await self.act(work, into_id, back, lambda _: None)
        return found

    async def react(
        self, work: UnitOfWork, complaint_id: str, command: ReactionCommand, cause: Recorded
    ) -> bool:
        """Record what another service's fact leads to. False: it came too late."""
        return bool(await decided(work, self._decider, complaint_id, command, caused_by=cause))

    async def know_merchant(self, work: UnitOfWork, profile: MerchantProfile) -> None:
        """Remember class and region for acceptances to come."""
        known = Merchant(merchant_class=profile.merchant_class, region=profile.region)
        await work.put(_MERCHANT, profile.merchant_id, pack(known))

    async def complaint(self, complaint_id: str, *, up_to: int | None = None) -> Complaint:
        """The complaint as its stream tells it. Raises `Problem` `not_found`."""
        recorded = await self.log.read(stream_of(complaint_id), up_to=up_to)
        state = self._decider.fold(decode(entry) for entry in recorded)
        await self.log.keys.open(state)
        return _existing(Loaded(state, len(recorded)))

    async def visible(self, caller: Principal, complaint_id: str) -> Complaint:
        """The complaint, if the caller may see it. Raises `Problem` `not_found` otherwise.

        Who is asked to help sees it here, until they have answered, and in no other service.
        """
        found = await self.complaint(complaint_id)
        if is_asked(caller.role, caller.subject, found.state):
            return found
        filed = found.state.case.filed
        owner = holder(found.state)
        if not may_see(
            caller,
            consumer_id=filed.consumer_id,
            merchant_id=filed.merchant_id,
            specialist_id=owner.specialist_id if owner else None,
            team_id=owner.team_id if owner else None,
        ):
            raise _not_found()
        return found

    async def history(self, complaint_id: str) -> list[Recorded]:
        """Everything recorded about a complaint, in order."""
        return await self.log.read(stream_of(complaint_id))

    async def _merchant(self, work: UnitOfWork, merchant_id: str) -> Merchant | None:
        data = await work.document(_MERCHANT, merchant_id)
        return None if data is None else unpack(data, Merchant)

    async def _informed(
        self, work: UnitOfWork, command: ActCommand, state: FiledState
    ) -> ActCommand:
        """The command with what the domain has to be told of the world."""
        if isinstance(command, RequestSuperiorReview):
            own = Party.MERCHANT if command.by.role is Role.MERCHANT else Party.CONSUMER
            late = (await missed_deadlines(work, state.case.id)).values()
            cycle = state.case.cycle.number
            breached = any(one.cycle == cycle and one.party is not own for one in late)
            return replace(command, breached=breached)
        if isinstance(command, ApproveSolution):
            return replace(command, drafted_by=drafter(await self.history(state.case.id)))
        if isinstance(command, ReferComplaint):
            digest = bundle_sha256(await self.history(state.case.id))
            command = replace(command, bundle_sha256=digest)
        if isinstance(command, AcceptComplaint | ReferComplaint):
            merchant = await self._merchant(work, state.case.filed.merchant_id) or Merchant()
            return replace(command, merchant_class=merchant.merchant_class, region=merchant.region)
        return command


def _existing(loaded: Loaded[State]) -> Complaint:
    if isinstance(loaded.state, NotFiled):
        raise _not_found()
    return Complaint(loaded.state, loaded.version)


def _not_found() -> Problem:
    return Problem("not_found", "There is no such complaint, or it is not yours to see.")


def _actor(command: ActCommand, state: FiledState) -> Actor:
    """Who acts, and for whom if staff record what a party said."""
    by = command.by
    on_behalf_of = None
    if by.role in HANDLERS and isinstance(command, _FOR_CONSUMER):
        on_behalf_of = state.case.filed.consumer_id
    elif by.role in HANDLERS and isinstance(command, AnswerForMerchant):
        on_behalf_of = state.case.filed.merchant_id
    return by.actor(on_behalf_of)
