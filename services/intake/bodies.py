"""Request bodies of intake: what each act needs, checked for form alone; rules are the domain's."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from services.intake.narrowing import Wanted, wanted
from services.intake.search_terms import Question, question
from services.intake.views import LANES
from shared.clock import to_ms
from shared.events.complaints import Demand
from shared.events.vocabulary import (
    Audience,
    Band,
    Category,
    Channel,
    ContactChannel,
    DemandKind,
    Payer,
    Priority,
    RejectionReason,
    ReopenReason,
    Stance,
    Status,
    Turn,
    ViolationKind,
)
from shared.http import INTEGRAL, Body, Instant
from shared.problems import Problem

Id = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\s\x00-\x1f\x7f]+$")]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Reference = Annotated[str, Field(min_length=1, max_length=500)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
AmountMinor = Annotated[int, Field(ge=0, le=10**15, strict=True), INTEGRAL]
Searched = Annotated[str, Field(min_length=1, max_length=200, examples=['袋子 "fake bag"'])]
Evidence = Annotated[tuple[Id, ...], Field(max_length=100)]


class AmountBody(Body):
    """Perhaps an amount, in minor units of its currency (ISO 4217): both are given, or neither."""

    amount_minor: AmountMinor | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _amount_has_currency(self) -> Self:
        if (self.amount_minor is None) != (self.currency is None):
            raise ValueError("amount_minor and currency go together")
        return self


class DemandBody(AmountBody):
    """What the consumer asks for; an amount has a currency (ISO 4217) and the reverse."""

    kind: DemandKind

    def demand(self) -> Demand:
        """As the events say it."""
        return Demand(kind=self.kind, amount_minor=self.amount_minor, currency=self.currency)


class ContactAddress(Body):
    """How to reach the consumer, in parts."""

    email: Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]


class ReportBody(Body):
    """What the merchant is reported for beside the complaint: it goes on a track of its own."""

    kind: ViolationKind
    text: Text


class FilingBody(Body):
    """A complaint. `occurred_at` for hotline and external channels, `reply_due_at` for letters."""

    channel: Channel
    consumer_id: Id
    merchant_id: Id
    order_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    category: Category
    description: Text
    demand: DemandBody
    language: Language
    contact: ContactAddress | Annotated[str, Field(min_length=1, max_length=500)] | None = None
    happened_at: Instant | None = None
    reply_due_at: Instant | None = None
    occurred_at: Instant | None = None
    report: ReportBody | None = None

    @model_validator(mode="after")
    def _only_regulators_set_a_date(self) -> Self:
        if self.reply_due_at is not None and self.channel is not Channel.REGULATOR:
            raise ValueError("reply_due_at belongs to filings of a regulator")
        return self

    def contact_text(self) -> str | None:
        """The contact as it is stored: the address alone, or the text as given."""
        return self.contact.email if isinstance(self.contact, ContactAddress) else self.contact


class ReviewBody(Body):
    """A supervisor's review: a rejection has a reason."""

    decision: Literal["accept", "reject"] = "accept"
    reason_code: RejectionReason | None = None

    @model_validator(mode="after")
    def _only_a_rejection_has_a_reason(self) -> Self:
        if (self.decision == "reject") != (self.reason_code is not None):
            raise ValueError("reason_code belongs to a rejection, and a rejection has one")
        return self


class AppealBody(Body):
    """Why the rejection was wrong."""

    text: Text


class ConsumerRequestBody(Body):
    """Everything that is missing, asked for in one message, and why it is needed.

    Without items: whatever the checklist of the category still lacks.
    """

    items: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=500)], ...],
        Field(min_length=1, max_length=20),
    ] = ()
    reason: Annotated[str, Field(min_length=1, max_length=2_000)]


class MerchantRequestBody(Body):
    """Questions to the merchant."""

    questions: Text
    evidence_ids: Evidence = ()


class OfferBody(AmountBody):
    """What the merchant offers."""

    kind: DemandKind


class MerchantResponseBody(Body):
    """The merchant's answer; without `n` to the open request, or else the last that lapsed."""

    stance: Stance
    text: Text
    n: Annotated[int, Field(ge=1, strict=True), INTEGRAL] | None = None
    offer: OfferBody | None = None


class ContactBody(Body):
    """A contact (`two_way`) or an attempt at one."""

    channel: ContactChannel
    two_way: StrictBool
    outcome: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    note: Text | None = None
    occurred_at: Instant | None = None


class MessageBody(Body):
    """A message; `to` names who reads it besides the author and staff."""

    text: Text
    to: Annotated[list[Audience], Field(min_length=1, max_length=3)] | None = None


class ConsumerResponseBody(Body):
    """What the consumer answers; without `n` to the open question, if there is one."""

    text: Text
    n: Annotated[int, Field(ge=1, strict=True), INTEGRAL] | None = None
    evidence_ids: Evidence = ()


class SolutionBody(Body):
    """A remedy put to the consumer. With payer `nobody` there is nothing to pay."""

    remedy: DemandKind
    payer: Payer
    reasons: Text
    amount_minor: AmountMinor | None = None
    currency: Currency | None = None
    evidence_ids: Evidence = ()

    @model_validator(mode="after")
    def _somebody_pays(self) -> Self:
        if (self.amount_minor is None) != (self.currency is None):
            raise ValueError("amount_minor and currency go together")
        if self.payer is Payer.NOBODY and self.amount_minor:
            raise ValueError("an amount needs somebody who pays it")
        return self


class AcceptanceBody(Body):
    """Consent; staff say how it was given (for example `by telephone`)."""

    consent_how: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class RejectionBody(Body):
    """Why the consumer says no."""

    reason: Text


class RemedyBody(Body):
    """A remedy that staff saw carried out."""

    n: Annotated[int, Field(ge=1, strict=True), INTEGRAL]
    reference: Reference
    occurred_at: Instant | None = None


class ConfirmationBody(Body):
    """A remedy that the merchant carried out."""

    reference: Reference
    occurred_at: Instant | None = None


class FailureBody(Body):
    """A remedy that was not carried out."""

    reason: Literal["failed", "disputed"] = "failed"


class ResolutionBody(Body):
    """What it came to, in a word or a line."""

    outcome: Annotated[str, Field(min_length=1, max_length=200)] = "settled"


class WithdrawalBody(Body):
    """Why it is taken back, if they say."""

    reason: Text | None = None


class ReopeningBody(Body):
    """An objection to the result, or a new problem."""

    reason: Literal[ReopenReason.OBJECTION, ReopenReason.NEW_PROBLEM] = ReopenReason.OBJECTION
    text: Text | None = None


class ListQuery(Body):
    """How to narrow a list, and where to go on."""

    status: Status | None = None
    turn: Turn | None = None
    category: Category | None = None
    channel: Channel | None = None
    priority: Priority | None = None
    band: Band | None = None
    merchant_id: Id | None = None
    consumer_id: Id | None = None
    specialist_id: Id | None = None
    order_id: Id | None = None
    open: bool | None = None
    filed_from: Instant | None = None
    filed_before: Instant | None = None
    q: Annotated[str, Field(min_length=1, max_length=200, examples=['袋子 "fake bag"'])] | None = (
        None
    )
    cursor: Annotated[str, Field(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    def wanted(self) -> Wanted:
        """What the list is asked for."""
        equal = {name: getattr(self, name) for name in LANES if name in type(self).model_fields}
        return wanted(
            {name: str(value) for name, value in equal.items() if value is not None},
            is_open=self.open,
            order_id=self.order_id,
            filed_from=None if self.filed_from is None else to_ms(self.filed_from),
            filed_before=None if self.filed_before is None else to_ms(self.filed_before),
            question=self._question(),
        )

    def _question(self) -> Question | None:
        if self.q is None:
            return None
        found = question(self.q)
        if found is None:
            raise Problem(
                "nothing_to_search_for",
                "A search needs a word, or two characters of Chinese together.",
            )
        return found


class PageQuery(Body):
    """Where to go on, and how far."""

    cursor: Annotated[str, Field(max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 200
