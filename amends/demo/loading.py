"""From the rows of a file to complaints that can be filed."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from amends.demo.cases import Case, OnRecord
from amends.demo.categories import category_of
from amends.demo.cells import dollars_in, merchant_id_of, parse_instant
from amends.demo.columns import BadMapping, Columns, choose_columns, is_cfpb, parse_pairs
from amends.demo.table import BadInput, Flaw, Row, Table, read_table
from shared.events.vocabulary import Category, Channel, DemandKind

LONGEST_DESCRIPTION: Final = 20_000
"""Characters of a description that are filed; what is longer is cut, and said to be."""

_CHANNELS: Final = {str(channel): channel for channel in Channel} | {
    "web": Channel.FORM,
    "web referral": Channel.REGULATOR,
    "referral": Channel.REGULATOR,
    "phone": Channel.HOTLINE,
    "postal mail": Channel.HOTLINE,
    "fax": Channel.HOTLINE,
    "email": Channel.FORM,
}
_DEMANDS: Final = {str(kind): kind for kind in DemandKind}
_SAYS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_WHOLE_UNITS: Final = frozenset({"JPY", "KRW", "VND"})
_PHONE: Final = re.compile(r"\+?[\d\s().-]{10,}")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Unfit(ValueError):
    """A cell that cannot be used: (column, message)."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
        self.message = message


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file gave. `remarks` are sentences for the person who started the demo."""

    cases: tuple[Case, ...]
    flaws: tuple[Flaw, ...]
    remarks: tuple[str, ...]


def load(
    path: Path,
    *,
    now: datetime,
    columns: Columns | None = None,
    category_map: Mapping[str, str] | None = None,
    skip_bad: bool = False,
) -> Loaded:
    """Read a file of complaints. With `skip_bad`, rows that cannot be used are left out.

    Raises `BadInput` for a file, or without `skip_bad` a row, that cannot be used, and
    `BadMapping` if the columns do not fit the file.
    """
    table = read_table(path)
    chosen = choose_columns(table.columns, columns or {})
    reader = _Reader(path.name, chosen, category_map or {}, now, cfpb=is_cfpb(table.columns))
    cases, flaws = _cases(table, reader)
    if flaws and not skip_bad:
        raise BadInput(path, flaws)
    if not cases:
        raise BadInput(path, flaws or [Flaw(0, "", "holds no complaint")])
    return Loaded(tuple(cases), tuple(flaws), reader.remarks())


def parse_category_map(entries: Sequence[str]) -> Mapping[str, str]:
    """Read `word=category,…`. Raises `BadMapping` for a category that does not exist."""
    pairs = parse_pairs(entries, "--category-map")
    unknown = sorted(set(pairs.values()) - {str(category) for category in Category})
    if unknown:
        known = ", ".join(Category)
        raise BadMapping(f"--category-map: no category {', '.join(unknown)}; there are: {known}")
    return pairs


def _cases(table: Table, reader: "_Reader") -> tuple[list[Case], list[Flaw]]:
    cases: list[Case] = []
    flaws = list(table.flaws)
    first_line: dict[str, int] = {}
    for row in table.rows:
        try:
            case = reader.case(row)
        except _Unfit as unfit:
            flaws.append(Flaw(row.line, unfit.column, unfit.message))
            continue
        if first_line.setdefault(case.id, row.line) == row.line:
            cases.append(case)
        else:
            message = f"{case.id!r} stands on line {first_line[case.id]} already"
            flaws.append(Flaw(row.line, reader.column("id"), message))
    return cases, sorted(flaws, key=lambda flaw: flaw.line)


class _Reader:
    """Turns rows of one file into cases and counts what it had to decide by itself."""

    def __init__(
        self,
        source: str,
        columns: Columns,
        category_map: Mapping[str, str],
        now: datetime,
        *,
        cfpb: bool,
    ) -> None:
        self._source = source.partition(".")[0]
        self._columns = columns
        self._category_map = category_map
        self._now = now
        self._cfpb = cfpb
        self._unknown_words: Counter[str] = Counter()
        self._cut = 0

    def column(self, field: str) -> str:
        """The first column a field is looked for in."""
        return self._columns.get(field, ("",))[0]

    def case(self, row: Row) -> Case:
        """Raises `_Unfit`."""
        name = self._text(row, "id")
        merchant = self._needed(row, "merchant_id")
        unnamed = self._cfpb and not row.cells.get(self.column("merchant_id"), "").strip()
        currency = self._currency(row)
        description = self._description(row)
        amount = self._amount(row, currency)
        if amount is None and self._cfpb:
            amount = dollars_in(description)
        return Case(
            id=name or f"{self._source}-{row.line}",
            consumer_id=self._consumer(row, name),
            merchant_id=("unnamed-" if unnamed else "") + merchant_id_of(merchant),
            merchant_name=self._text(row, "merchant_name") or merchant,
            order_ids=self._orders(row, name),
            category=self._category(row),
            channel=self._channel(row),
            description=description,
            demand=self._demand(row, money=amount is not None),
            language=self._language(row),
            amount_minor=amount,
            currency=currency if amount is not None else None,
            happened_at=self._happened_at(row),
            on_record=self._on_record(row),
        )

    def remarks(self) -> tuple[str, ...]:
        """What the reader decided by itself, for those who want to know."""
        remarks = []
        if self._unknown_words:
            words = ", ".join(f"{w!r} ({n})" for w, n in self._unknown_words.most_common(5))
            remarks.append(
                f"{self._unknown_words.total()} complaints are filed as `other`: no category is "
                f"known for {words}; --category-map 'word=category' says better"
            )
        if self._cut:
            remarks.append(f"{self._cut} descriptions were cut to {LONGEST_DESCRIPTION} characters")
        return tuple(remarks)

    def _text(self, row: Row, field: str) -> str:
        for column in self._columns.get(field, ()):
            text = row.cells[column].replace("\r\n", "\n").replace("\r", "\n").strip()
            if _CONTROL.search(text):
                raise _Unfit(column, "holds a control character")
            if text:
                return text
        return ""

    def _needed(self, row: Row, field: str) -> str:
        text = self._text(row, field)
        if not text:
            raise _Unfit(self.column(field), f"is blank, and {field} is needed")
        return text

    def _description(self, row: Row) -> str:
        text = self._needed(row, "description")
        self._cut += len(text) > LONGEST_DESCRIPTION
        return text[:LONGEST_DESCRIPTION]

    def _consumer(self, row: Row, name: str) -> str:
        text = self._text(row, "consumer_id")
        if "@" in text or _PHONE.fullmatch(text):
            raise _Unfit(
                self.column("consumer_id"),
                "looks like an e-mail address or a phone number; consumers go by opaque ids",
            )
        return f"c-{text or name or f'{self._source}-{row.line}'}"

    def _orders(self, row: Row, name: str) -> tuple[str, ...]:
        orders = tuple(re.split(r"[;\s]+", self._text(row, "order_ids")))
        return tuple(filter(None, orders)) or (f"order-{name or row.line}",)

    def _category(self, row: Row) -> Category:
        words = [
            text
            for column in self._columns.get("category", ())
            if (text := row.cells[column].strip())
        ]
        for word in words:
            category = category_of(word, self._category_map)
            if category is not None:
                return category
        if words:
            self._unknown_words[words[0]] += 1
        return Category.OTHER

    def _channel(self, row: Row) -> Channel:
        text = self._text(row, "channel")
        channel = _CHANNELS.get(text.casefold()) if text else Channel.FORM
        if channel is None:
            known = ", ".join(_CHANNELS)
            raise _Unfit(self.column("channel"), f"{text!r} is no channel; there are: {known}")
        return channel

    def _demand(self, row: Row, *, money: bool) -> DemandKind:
        text = self._text(row, "demand")
        if not text:
            return DemandKind.REFUND if money else DemandKind.CORRECTION
        demand = _DEMANDS.get(text.casefold())
        if demand is None:
            known = ", ".join(_DEMANDS)
            raise _Unfit(self.column("demand"), f"{text!r} is no demand; there are: {known}")
        return demand

    def _currency(self, row: Row) -> str:
        text = self._text(row, "currency").upper() or "USD"
        if not re.fullmatch(r"[A-Z]{3}", text):
            raise _Unfit(self.column("currency"), f"{text!r} is no ISO 4217 code")
        return text

    def _amount(self, row: Row, currency: str) -> int | None:
        text = self._text(row, "amount")
        if not text:
            return None
        digits = text.strip("$¥€£￥ ").replace(",", "")
        if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", digits):
            raise _Unfit(self.column("amount"), f"{text!r} is no amount")
        if currency in _WHOLE_UNITS:
            return int(digits.partition(".")[0])
        whole, _, cents = digits.partition(".")
        return int(whole) * 100 + int(cents.ljust(2, "0"))

    def _language(self, row: Row) -> str:
        return self._text(row, "language") or "en"

    def _happened_at(self, row: Row) -> datetime | None:
        text = self._text(row, "happened_at")
        if not text:
            return None
        instant = parse_instant(text)
        if instant is None:
            message = f"{text!r} is no date; write 2026-01-31 or 2026-01-31T08:00:00Z"
            raise _Unfit(self.column("happened_at"), message)
        if instant > self._now:
            raise _Unfit(self.column("happened_at"), f"{text!r} lies in the future")
        return instant

    def _on_record(self, row: Row) -> OnRecord:
        outcome = self._text(row, "merchant_outcome").casefold()
        return OnRecord(
            answered_in_time=_SAYS.get(self._text(row, "merchant_answered").casefold()),
            relief="relief" in outcome and "without" not in outcome if outcome else None,
            disputed=_SAYS.get(self._text(row, "consumer_disputed").casefold()),
        )
