"""Abusive language in chat texts, by a lexicon: found through the same disguises as contacts."""

import re
from collections.abc import Iterator
from typing import Final

from services.intake.domain.violations.findings import Finding, FindingKind
from services.intake.domain.violations.folding import fold

_LEXICON: Final[tuple[tuple[FindingKind, int, str], ...]] = (
    (FindingKind.INSULT, 1, "有病吧|神经病|脑子有病|脑残|智障|白痴|弱智|傻子|蠢货|穷鬼|泼妇|刁民"),
    (FindingKind.INSULT, 1, "idiot|moron|stupid(?:person|cow)|youarestupid|loser|shutup"),
    (
        FindingKind.INSULT,
        2,
        "傻逼|煞笔|沙比|傻比|贱人|贱货|滚蛋|滚粗|去死|畜生|人渣|垃圾人|王八蛋|狗东西",
    ),
    (FindingKind.INSULT, 2, "你妈的|他妈的|尼玛|操你|草泥马|cnm|nmsl|sb(?=吧|$)"),
    (FindingKind.INSULT, 2, "fuck|asshole|bitch|bastard|dickhead"),
    (FindingKind.THREAT, 3, "弄死你|打死你|砍死|杀了你|杀你全家|找人打你|上门打|废了你|让你好看"),
    (
        FindingKind.THREAT,
        3,
        "(?:知道|查到|有)(?:你|您)(?:的)?(?:家|住址|地址|单位|孩子).{0,6}(?:小心|等着|找你)",
    ),
    (FindingKind.THREAT, 3, "(?:等着|小心)(?:瞧|点).{0,4}(?:你家|你孩子|你全家)"),
    (FindingKind.THREAT, 3, "iwillkillyou|killyou|breakyour(?:legs|neck)|weknowwhereyoulive"),
)
"""Kind, severity 1 to 3, and the words as they stand in a folded text. Own list, not exhaustive."""

_RULES: Final = tuple((kind, severity, re.compile(words)) for kind, severity, words in _LEXICON)


def find_abuse(text: str) -> list[Finding]:
    """Insults and threats in one message, the gravest first where several meet."""
    return sorted(_found(text), key=lambda finding: (-finding.severity, finding.start))


def _found(text: str) -> Iterator[Finding]:
    folded = fold([text])
    for kind, severity, words in _RULES:
        for match in words.finditer(folded.text):
            start = folded.places[match.start()].index
            end = folded.places[match.end() - 1].index
            latin = folded.text[match.start()].isascii()
            if latin and _touches_a_letter(text, start, end):
                continue
            yield Finding(
                kind=kind,
                text=text[start : end + 1],
                message=0,
                start=start,
                rule=f"lexicon_{kind}_{severity}",
                severity=severity,
            )


def _touches_a_letter(text: str, start: int, end: int) -> bool:
    """Whether the find is only a part of a longer Latin word."""
    around = text[max(0, start - 1) : start] + text[end + 1 : end + 2]
    return any(char.isascii() and char.isalpha() for char in around)
