"""What rules find in a merchant's words, and what it amounts to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.intake.domain.violations.findings import Finding
from shared.events.vocabulary import ViolationKind

Found = Mapping[ViolationKind, Sequence[Finding]]
"""What rules found in one or more messages, by what it would be."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One kind of violation in one message, and the finds that speak for it, at least one."""

    kind: ViolationKind
    findings: tuple[Finding, ...]

    @property
    def rule(self) -> str:
        """The rule that made the gravest find, the first of equals."""
        return max(self.findings, key=lambda finding: finding.severity).rule

    def severity(self, *, reached_consumer: bool) -> int:
        """Of the gravest find, 1 to 3. Nobody is led anywhere by what staff alone can read."""
        if self.kind is ViolationKind.OFF_PLATFORM_STEERING and not reached_consumer:
            return 1
        return max(finding.severity for finding in self.findings)


def suspicions(texts: Sequence[str], found: Found) -> list[Suspicion]:
    """What the last of these messages adds to what stood in those before it.

    They matter where a number is split over two. One suspicion per kind.
    """
    new = {
        kind: tuple(finding for finding in findings if _reaches_last(finding, texts))
        for kind, findings in found.items()
    }
    return [Suspicion(kind, findings) for kind, findings in new.items() if findings]


def _reaches_last(finding: Finding, texts: Sequence[str]) -> bool:
    """Whether it stands in the last message, or begins before it and runs into it."""
    if finding.message == len(texts) - 1:
        return True
    rest = texts[finding.message][finding.start :]
    return finding.message == len(texts) - 2 and finding.text.startswith(f"{rest}\n")


def findings_note(found: Sequence[Suspicion]) -> str:
    """What was found, in words: a line for each find, with the rule that made it."""
    lines = [_line(finding) for suspicion in found for finding in suspicion.findings]
    return "Found by rule in the merchant's words:\n" + "\n".join(lines)


def _line(finding: Finding) -> str:
    quoted = finding.text.replace("\n", " ⏎ ")
    return f"- {finding.kind} ({finding.rule}, severity {finding.severity}): {quoted}"
