"""What the CFPB's issues are called on a marketplace.

A bank is no shop, so this is a translation, made by what the consumer is left with: a thing that
is not as it was said to be, a service that does not work, money not given back, a price that is
not the agreed one, words or calls nobody should get, data in the wrong hands. The first rule
whose cue stands in the issue counts.
"""

from collections.abc import Mapping
from typing import Final

from shared.events.vocabulary import Category

_OWN: Final = {str(category): category for category in Category}
_CUES: Final[tuple[tuple[Category, tuple[str, ...]], ...]] = (
    (
        Category.PRIVACY,
        (
            "improper use",
            "sharing of info",
            "share information",
            "identity theft",
            "privacy",
            "fraud alerts",
            "identity protection",
        ),
    ),
    (
        Category.SERVICE_LANGUAGE,
        ("communication tactics", "customer service", "customer relations", "threat"),
    ),
    (Category.COUNTERFEIT, ("fraud or scam", "didn't apply for", "unsolicited")),
    (
        Category.LATE_SHIPPING,
        (
            "not available when promised",
            "did not receive",
            "didn't receive",
            "delay",
            "not credited",
            "unable to get",
            "can't contact",
            "making/receiving payments",
        ),
    ),
    (
        Category.RETURN_DISPUTE,
        ("closing", "payoff", "end of the loan", "settlement process", "cancel"),
    ),
    (
        Category.PRICE_DISPUTE,
        (
            "fee",
            "interest",
            "apr",
            "rewards",
            "billing",
            "wrong amount",
            "wrong day",
            "charg",
            "funds being low",
            "balance transfer",
        ),
    ),
    (
        Category.REFUND_REFUSED,
        (
            "debt not owed",
            "purchase",
            "transaction",
            "deposits and withdrawals",
            "payments",
            "payment process",
            "debit or atm",
        ),
    ),
    (
        Category.NOT_AS_DESCRIBED,
        (
            "incorrect information",
            "false statements",
            "disclosure",
            "advertising",
            "written notification",
            "credit decision",
            "credit determination",
        ),
    ),
    (
        Category.QUALITY,
        (
            "investigation",
            "managing",
            "servicing",
            "modification",
            "dealing with",
            "account opening",
            "opening an account",
            "using the card",
            "using your card",
            "features",
            "getting a",
            "taking out",
            "application",
            "applying",
        ),
    ),
)
_PRODUCTS: Final = {
    "bank account or service": Category.QUALITY,
    "consumer loan": Category.QUALITY,
    "credit card": Category.PRICE_DISPUTE,
    "credit reporting": Category.NOT_AS_DESCRIBED,
    "debt collection": Category.REFUND_REFUSED,
    "money transfers": Category.LATE_SHIPPING,
    "mortgage": Category.QUALITY,
    "payday loan": Category.PRICE_DISPUTE,
    "prepaid card": Category.PRICE_DISPUTE,
    "student loan": Category.QUALITY,
}
"""A product alone stands for what most of its complaints are about."""


def category_of(word: str, stated: Mapping[str, str]) -> Category | None:
    """The category a word of the input stands for; None if nobody says.

    `stated` (word → category) comes first, then our own category names, then the cues.
    """
    plain = word.strip()
    if plain in stated:
        return Category(stated[plain])
    folded = plain.casefold()
    named = _OWN.get(folded.replace(" ", "_").replace("-", "_"))
    if named is not None:
        return named
    for category, cues in _CUES:
        if any(cue in folded for cue in cues):
            return category
    return _PRODUCTS.get(folded)
