"""The gateway's configuration, and where nginx would lead a path by it.

Understands what that file uses: nested blocks, quoted words, `location` with its modifiers, and
`proxy_pass` to an upstream, with captures of a regular expression.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.architecture.sources import ROOT

FILE: Final = ROOT / "deploy" / "gateway" / "nginx.conf"

_WORD: Final = re.compile(r"""#[^\n]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[{};]|[^\s{};'"]+""")


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive with what stands in its block."""

    words: tuple[str, ...]
    inner: tuple["Directive", ...] = ()

    def all(self, name: str) -> list["Directive"]:
        """Directives of that name in its block."""
        return [one for one in self.inner if one.words[0] == name]

    def value(self, name: str) -> str | None:
        """What the one directive of that name says."""
        return next((" ".join(one.words[1:]) for one in self.all(name)), None)


@dataclass(frozen=True, slots=True)
class Led:
    """Where a path leads: to this upstream, which is asked for that path."""

    upstream: str
    path: str


def read(text: str) -> Directive:
    """The whole file as the block of one directive without a name."""
    words = (found.group() for found in _WORD.finditer(text))
    return Directive(("",), tuple(_block(word for word in words if not word.startswith("#"))))


def _block(words: Iterator[str]) -> Iterator[Directive]:
    said: list[str] = []
    for word in words:
        match word:
            case ";":
                yield Directive(tuple(said))
                said = []
            case "{":
                yield Directive(tuple(said), tuple(_block(words)))
                said = []
            case "}":
                return
            case _:
                said.append(word)


class Gateway:
    """The one server of the file."""

    def __init__(self, text: str) -> None:
        [http] = read(text).all("http")
        [server] = http.all("server")
        self.http = http
        self.server = server
        self.locations = server.all("location")

    @classmethod
    def of_the_project(cls, file: Path = FILE) -> "Gateway":
        """As it is committed."""
        return cls(file.read_text())

    def upstreams(self) -> dict[str, str]:
        """Upstreams, and host and port of each one's server."""
        return {
            block.words[1]: str(block.value("server")).split()[0]
            for block in self.http.all("upstream")
        }

    def location(self, path: str) -> Directive | None:
        """The one that nginx chooses: exact, else the first pattern, else the longest prefix."""
        longest: Directive | None = None
        for one in self.locations:
            match one.words[1:]:
                case ("=", exact) if exact == path:
                    return one
                case (prefix,) if path.startswith(prefix):
                    if longest is None or len(prefix) > len(longest.words[1]):
                        longest = one
                case _:
                    pass
        return next((one for one in self.locations if _pattern(one, path)), longest)

    def lead(self, path: str) -> Led | None:
        """Where a path leads; None: nowhere."""
        chosen = self.location(path)
        target = None if chosen is None else chosen.value("proxy_pass")
        if chosen is None or target is None:
            return None
        found = _pattern(chosen, path)
        captured = {} if found is None else found.groupdict()
        filled = re.sub(r"\$(\w+)", lambda m: captured.get(m[1], ""), target)
        upstream, slash, rest = filled.removeprefix("http://").partition("/")
        return Led(upstream, slash + rest if slash else path)


def _pattern(location: Directive, path: str) -> re.Match[str] | None:
    if location.words[1] != "~":
        return None
    return re.search(location.words[2].replace("(?<", "(?P<"), path)
