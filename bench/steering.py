"""Steering detection on real texts: spam messages with contacts filled in, and bad reviews.

Texts of `zh_offplatform_contact_sms` have placeholders where contacts stood; each is filled with a
made-up contact of its kind, plainly and in every disguise of `bench.disguises`. A QR code stands in
for some of the WeChat contacts. Negatives are the bad reviews of two other sets, without those that
hold a link or a number of QQ.

All texts are split in two halves by SHA-256: rules are tuned on one (`python -m bench.steering
DATA` shows what is missed there), and scored on the other, which nobody looks at.

Precision is counted against plain positives alone, each once: the many disguises of one text would
flatter it. Reviews hardly ever hold what looks like a contact, so false finds are counted in what
honest shops write as well (`bench.shop_talk`), in the half of it that no rule was tuned on (half of
the sentences, not of their patterns: the same pattern is in both).
"""

import csv
import gzip
import hashlib
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.progress import track

from bench.disguises import DISGUISES, KINDS, contact
from bench.report import Figure
from bench.shop_talk import shop_talk
from services.intake.domain.violations.steering import find_steering

_RECALL: Final = 0.95
_RECALL_EACH: Final = 0.85
_PRECISION: Final = 0.98
_FALSE_IN_SHOP_TALK: Final = 0.01
_PLACEHOLDERS: Final = {
    "WECHAT": "wechat",
    "QQ": "qq",
    "CELLPHONE": "phone",
    "PHONE": "phone",
    "URL": "url",
}
_TOKEN: Final = re.compile(r"(?<![A-Za-z0-9])(WECHAT|QQ|CELLPHONE|PHONE|URL)(?![A-Za-z0-9])")
_BETWEEN_HANZI: Final = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_HOLDS_CONTACT: Final = re.compile(r"https?:|www\.|\bt\.cn\b|qq\s*\d", re.IGNORECASE)
_SEED: Final = 20261125


@dataclass(frozen=True, slots=True)
class Sample:
    """Messages in which a contact stands, of a kind, in a disguise."""

    messages: tuple[str, ...]
    kind: str
    disguise: str


def scored(text: str) -> bool:
    """Whether a text belongs to the half that is scored."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def positives(data: Path, *, score: bool) -> list[Sample]:
    """Every text of a half with its first contact filled in, plainly and disguised."""
    found = []
    for row in _rows(data / "zh_offplatform_contact_sms.csv.gz"):
        text = row["text_tokenised_placeholders"]
        match = _TOKEN.search(text)
        if match is None or scored(text) is not score:
            continue
        dice = random.Random(f"{_SEED}{row['id']}")  # noqa: S311 - the same texts every time
        kind = _PLACEHOLDERS[match.group(1)]
        if kind == "wechat" and dice.random() < 0.3:  # noqa: PLR2004 - a share for codes
            kind = "qr"
        before, after = _words(text[: match.start()]), _words(text[match.end() :])
        one = contact(kind, dice)
        for name, disguise in DISGUISES.items():
            parts = disguise(one, dice)
            if parts is not None:
                messages = [before + parts[0], *parts[1:]]
                messages[-1] += after
                found.append(Sample(tuple(messages), kind, name))
    return found


def _words(text: str) -> str:
    """Tokens as a sentence; further contacts are left out, so that only one can be found."""
    return _BETWEEN_HANZI.sub("", _TOKEN.sub("", text).replace("DIGIT", "8"))


def negatives(data: Path, *, score: bool) -> list[str]:
    """Bad reviews of a half."""
    reviews = [
        row["text"]
        for name in ("zh_online_shopping_reviews.csv.gz", "zh_takeaway_negative.csv.gz")
        for row in _rows(data / name)
        if row["label"] == "0"
    ]
    return [t for t in reviews if t and not _HOLDS_CONTACT.search(t) and scored(t) is score]


def run(data: Path) -> list[Figure]:
    """Recall overall, by disguise and by kind; precision; speed."""
    samples, clean = positives(data, score=True), negatives(data, score=True)
    found: Counter[tuple[str, str]] = Counter()
    asked: Counter[tuple[str, str]] = Counter()
    began = time.perf_counter()
    for sample in track(samples, "positives", transient=True):
        is_found = bool(find_steering(sample.messages))
        for group in (("disguise", sample.disguise), ("kind", sample.kind), ("all", "")):
            asked[group] += 1
            found[group] += is_found
    false = sum(bool(find_steering([text])) for text in track(clean, "reviews", transient=True))
    seconds = time.perf_counter() - began
    plain = found["disguise", "plain"]
    rate = (len(samples) + len(clean)) / seconds

    def recall(group: tuple[str, str], what: str, reach: float | None) -> Figure:
        return Figure(
            what=what,
            value=found[group] / asked[group],
            unit="",
            sense="at least" if reach else "reported",
            reach=reach,
            note=f"{found[group]} of {asked[group]}",
        )

    return [
        recall(("all", ""), "steering: recall", _RECALL),
        *(
            recall(("disguise", name), f"steering: recall, {name}", _RECALL_EACH)
            for name in DISGUISES
        ),
        *(recall(("kind", kind), f"steering: recall, {kind}", None) for kind in KINDS),
        Figure(
            what="steering: precision",
            value=plain / (plain + false),
            unit="",
            sense="at least",
            reach=_PRECISION,
            note=f"{false} false among {len(clean)} reviews",
        ),
        _in_shop_talk(),
        Figure(
            what="steering: speed",
            value=rate,
            unit="texts/s",
            sense="reported",
            note="one core",
        ),
    ]


def _in_shop_talk() -> Figure:
    texts = [text for text in shop_talk(_SEED) if scored(text)]
    false = sum(bool(find_steering([text])) for text in texts)
    return Figure(
        what="steering: false finds in shop talk",
        value=false / len(texts),
        unit="",
        sense="at most",
        reach=_FALSE_IN_SHOP_TALK,
        note=f"{false} of {len(texts)} sentences",
    )


def show_misses(data: Path, most: int = 60) -> None:
    """What is missed, and what is found wrongly, in the half that rules are tuned on."""
    missed = [s for s in positives(data, score=False) if not find_steering(s.messages)]
    print(Counter(s.disguise for s in missed), len(missed))
    for sample in random.Random(1).sample(missed, min(most, len(missed))):  # noqa: S311
        print(sample.disguise, sample.kind, sample.messages)
    talk = [text for text in shop_talk(_SEED) if not scored(text)]
    for text in (*negatives(data, score=False), *talk):
        for finding in find_steering([text]):
            print("FALSE", finding, text[:200])


if __name__ == "__main__":
    show_misses(Path(sys.argv[1]))
