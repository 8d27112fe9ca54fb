"""Insults and threats are found by their words, also in disguise."""

import pytest

from services.intake.domain.violations.findings import FindingKind
from services.intake.domain.violations.language import find_abuse


@pytest.mark.parametrize(
    ("text", "kind", "severity"),
    [
        ("你有病吧", FindingKind.INSULT, 1),
        ("You are an IDIOT.", FindingKind.INSULT, 1),
        ("傻 逼 买家", FindingKind.INSULT, 2),
        ("f.u.c.k off", FindingKind.INSULT, 2),
        ("再投诉我弄死你", FindingKind.THREAT, 3),
        ("我知道你家地址，小心点", FindingKind.THREAT, 3),
        ("We know where you live", FindingKind.THREAT, 3),
    ],
)
def test_abuse_is_found_with_its_severity(text: str, kind: FindingKind, severity: int) -> None:
    found = find_abuse(text)
    assert (found[0].kind, found[0].severity) == (kind, severity)
    assert found[0].text in text


@pytest.mark.parametrize(
    "text", ["好的，谢谢", "这个杯子质量太差了", "Scunthorpe bitchy", "Hello, class", ""]
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert find_abuse(text) == []


def test_the_gravest_comes_first() -> None:
    found = find_abuse("白痴，我弄死你")
    assert [finding.severity for finding in found] == [3, 1]
