"""Signs that a complaint may not be meant honestly: rules over facts, and what they say of them.

A sign chooses who handles a complaint. It rejects, delays and proves nothing: whoever buys much
complains often, and a merchant's bad service is rightly told to others.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from services.intake.domain.checking_commands import Sign
from services.intake.domain.texts import plain
from shared.events.vocabulary import RiskFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPolicy:
    """A marketplace's own numbers.

    `serial_claims`: so many complaints of one consumer, the new one included, within
    `serial_window` are a sign. `template_others`: so many other consumers with nearly the same
    text within `template_window`. `template_similarity`: from here on (0 to 1) texts are nearly the
    same.
    """

    serial_claims: int = 6
    serial_window: timedelta = timedelta(days=30)
    template_others: int = 2
    template_window: timedelta = timedelta(days=90)
    template_similarity: float = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What is known beside a new complaint.

    `earlier`: complaints of the same consumer within the window before it, counted up to the number
    that matters. `alike`: one complaint of each other consumer who said nearly the same.
    """

    earlier: int
    alike: Sequence[str]


def signs(text: str, track: Track, policy: RiskPolicy) -> tuple[Sign, ...]:
    """What speaks for bad faith in a complaint with this text."""
    found = [_serial(track, policy), _template(track, policy), review_threat(text)]
    return tuple(sign for sign in found if sign is not None)


def _serial(track: Track, policy: RiskPolicy) -> Sign | None:
    count = track.earlier + 1
    if count < policy.serial_claims:
        return None
    days = policy.serial_window.days
    return Sign(
        RiskFlag.SERIAL_CLAIMS,
        "complaints_in_window",
        f"{count} complaints or more of this consumer within {days} days.",
    )


def _template(track: Track, policy: RiskPolicy) -> Sign | None:
    if len(track.alike) < policy.template_others:
        return None
    return Sign(
        RiskFlag.TEMPLATE_TEXT,
        "near_text_of_others",
        f"Nearly the same text as other consumers' complaints {', '.join(track.alike)}.",
    )


_GRANTED: Final = "(?:退|赔|补|给|处理|解决|换|同意|答应|满足|回复)"
_WILL: Final = "(?:就|我就|直接|一定|肯定|必|等着|都|将|会|要)"
_CHINESE: Final = re.compile(
    "(?:差评|一星|1星|曝光|爆光|挂到?网上|发(?:到)?(?:抖音|小红书|微博))(?![了后过我])"
)
_UNLESS: Final = re.compile(
    f"(?:(?:不|没有?|拒绝?){_GRANTED}[^了过]{{0,12}}{_WILL}|否则|不然|要么|等着)"
    # What has been written already (了, 过) is no threat, nor is a merchant's "take it back".
    "[^了过不删撤因]{0,10}$"
)
_ENGLISH: Final = re.compile(
    r"\b(?:(?:1|one|zero)[ -]stars?|(?:bad|negative|terrible|awful|worst) (?:review|rating)s?"
    r"|review[ -]?bomb)\b"
)
_IN_ENGLISH: Final = ("star", "review", "rating")
_OR_ELSE: Final = re.compile(
    r"\b(?:or(?: else,?)? (?:i|we|you|(?=expect))|otherwise|unless"
    r"|if\b[^.!?]{0,60}(?:refuse|(?:not|n't)(?! (?:leave|post|write|give|remove|delete|change))))\b"
    r"[^.!?]{0,80}?(?:\bwill|'ll|\bshall|\bgonna|\bgoing to|\bleave|\bexpect)\b[^.!?]{0,40}$"
)
"""What is threatened with, and what before it makes it a threat: Chinese in plain text, English in
one with its spaces. Own lists, not exhaustive. To go to a regulator is anybody's right: no threat.
"""

_MOST_LOOKED_AT: Final = 20
"""Of so many mentions in one text; whoever says it oftener has said it."""

_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "`": "'", "ʼ": "'"})


def review_threat(text: str) -> Sign | None:
    """Whether somebody threatens with bad reviews unless they get what they demand.

    Width, case, zero-width characters and what stands between Chinese characters disguise nothing.
    """
    said = plain(text)
    found = _threat(said, _CHINESE, _UNLESS, 40)
    if found is None and any(word in said for word in _IN_ENGLISH):
        found = _threat(_spaced(text), _ENGLISH, _OR_ELSE, 200)
    if found is None:
        return None
    return Sign(RiskFlag.REVIEW_THREAT, "threat_lexicon", f"In the text: “{found}”.")


def _threat(
    text: str, mentioned: re.Pattern[str], threatening: re.Pattern[str], reach: int
) -> str | None:
    """The words of a threat: a mention, and what makes it one within `reach` characters before."""
    for mention in islice(mentioned.finditer(text), _MOST_LOOKED_AT):
        before = threatening.search(text[max(0, mention.start() - reach) : mention.start()])
        if before is not None:
            return f"{before[0]}{mention[0]}"
    return None


def _spaced(text: str) -> str:
    """The text in one width and case, without invisible characters, each space one."""
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold()
    seen = "".join(char for char in folded if unicodedata.category(char) not in {"Cf", "Mn"})
    return " ".join(seen.split())
