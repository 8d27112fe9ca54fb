"""What staff are told of a merchant's words."""

from collections.abc import Sequence

from services.intake.domain.violations.findings import Finding
from services.intake.domain.violations.language import find_abuse
from services.intake.domain.violations.steering import find_steering


def findings_note(texts: Sequence[str]) -> str | None:
    """A note on what the last of these messages adds; None if rules find nothing in it.

    The messages before it matter where a number is split over two.
    """
    last = len(texts) - 1
    new = [one for one in find_steering(texts) if one.message == last or "\n" in one.text]
    found = [*new, *find_abuse(texts[last])]
    if not found:
        return None
    return "Found by rule in the merchant's words:\n" + "\n".join(_line(one) for one in found)


def _line(finding: Finding) -> str:
    quoted = finding.text.replace("\n", " ⏎ ")
    return f"- {finding.kind} ({finding.rule}, severity {finding.severity}): {quoted}"
