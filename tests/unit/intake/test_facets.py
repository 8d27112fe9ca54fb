"""The codes of words in lists never change: lists made before would lie."""

from enum import StrEnum

import pytest

from services.intake.facets import FIELDS, OPEN, Field, facet, mask
from shared.events.vocabulary import Band, Category, Channel, Priority, Status, Turn

CODES: dict[type[StrEnum], str] = {
    Status: "submitted needs_information rejected duplicate accepted assigned in_progress "
    "awaiting_consumer awaiting_merchant solution_drafted solution_proposed "
    "under_superior_review remedying external resolved closed withdrawn",
    Turn: "consumer merchant specialist supervisor platform regulator nobody",
    Category: "fake_shipping late_shipping counterfeit quality not_as_described refund_refused "
    "return_dispute price_dispute service_language off_platform_steering safety privacy other",
    Channel: "form hotline app regulator association media",
    Priority: "normal high urgent",
    Band: "simple moderate complex critical",
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.words.__name__)
def test_words_keep_their_codes_and_have_room(field: Field) -> None:
    known = CODES[field.words].split()
    assert [str(word) for word in field.words][: len(known)] == known
    assert len(list(field.words)) < 1 << field.width
    assert [field.bits(word) >> field.shift for word in known] == list(range(1, len(known) + 1))


def test_fields_do_not_overlap() -> None:
    masks = [field.mask for field in FIELDS.values()] + [OPEN]
    assert sum(masks) == mask(*FIELDS)
    assert all(one & other == 0 for one in masks for other in masks if one is not other)


def test_what_is_open_follows_from_the_status() -> None:
    assert facet(status=Status.ACCEPTED) & OPEN
    assert not facet(status=Status.CLOSED) & OPEN
    assert not facet(category=Category.OTHER) & OPEN
    with pytest.raises(ValueError, match="holiday"):
        FIELDS["category"].bits("holiday")
