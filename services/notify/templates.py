"""Texts in every language, versioned: files `texts/<language>/<name>.j2` with front matter.

A file starts with `version: N`, `subject: …` and a line `---`; what follows is the text. Whoever
changes the words raises the version: `name@version` is recorded with every notification.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined, Template

from services.notify.domain.addresses import LANGUAGES
from services.notify.words import worded
from shared.money import money

_FOLDER: Final = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Text:
    """A rendered notification. `template` is `name@version`."""

    template: str
    subject: str
    body: str

    @property
    def sha256(self) -> str:
        """Digest of subject, an empty line and body, in UTF-8, in hexadecimal."""
        return hashlib.sha256(f"{self.subject}\n\n{self.body}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Source:
    version: int
    subject: Template
    body: Template


class Templates:
    """All templates, read and compiled once. Raises on a missing file or a broken one."""

    def __init__(self, time_zone: str, folder: Path = _FOLDER) -> None:
        self._zone = ZoneInfo(time_zone)
        # Plain text: nothing is markup here, so nothing is escaped.
        self._environment = Environment(  # noqa: S701 - plain text, see above
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._sources = {
            language: {
                path.stem: self._read(path) for path in sorted((folder / language).glob("*.j2"))
            }
            for language in LANGUAGES
        }

    @property
    def names(self) -> Mapping[str, list[str]]:
        """Names of the templates of each language."""
        return {language: sorted(found) for language, found in self._sources.items()}

    def _read(self, path: Path) -> _Source:
        head, _, body = path.read_text("utf-8").partition("\n---\n")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        return _Source(
            version=int(fields["version"]),
            subject=self._environment.from_string(fields["subject"]),
            body=self._environment.from_string(body.strip() + "\n"),
        )

    def render(
        self,
        name: str,
        language: str,
        values: Mapping[str, str],
        *,
        due_at: datetime | None = None,
    ) -> Text:
        """The text in one of `LANGUAGES`. Raises `jinja2.UndefinedError` if a blank has no value.

        The template sees the values in words, `due` (text, or None) and `amount` as money.
        """
        source = self._sources[language][name]
        blanks: dict[str, object] = {
            key: worded(key, value, language) for key, value in values.items()
        }
        blanks["due"] = None if due_at is None else self._moment(due_at)
        if values.get("amount"):
            blanks["amount"] = _money(values["amount"])
        subject = " ".join(source.subject.render(blanks).split())
        return Text(f"{name}@{source.version}", subject, source.body.render(blanks))

    def _moment(self, instant: datetime) -> str:
        return f"{instant.astimezone(self._zone):%Y-%m-%d %H:%M} ({self._zone.key})"


def _money(amount: str) -> str:
    minor, currency = amount.split(" ")
    return money(int(minor), currency)
