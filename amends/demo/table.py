"""Reading a CSV file, gzip or not, so that every complaint about it names line and column."""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_GZIP_MAGIC: Final = b"\x1f\x8b"
_LONGEST_CELL: Final = 1_000_000
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong, and where. `line` counts physical lines from 1; 0 means the whole file."""

    line: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "the file"
        if self.column:
            place += f", column {self.column!r}"
        return f"{place}: {self.message}"


class BadInput(Exception):
    """The input cannot be used. `flaws` says why, in the order of the file."""

    def __init__(self, path: Path, flaws: Sequence[Flaw]) -> None:
        self.path = path
        self.flaws = tuple(flaws)
        shown = [str(flaw) for flaw in self.flaws[:_SHOWN]]
        if len(self.flaws) > _SHOWN:
            shown.append(f"… and {len(self.flaws) - _SHOWN} more")
        super().__init__(f"{path.name}: " + "\n  ".join(["cannot be used", *shown]))


@dataclass(frozen=True, slots=True)
class Row:
    """One record and the physical line it starts on."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's header, its good rows and what is wrong with the rest."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    flaws: tuple[Flaw, ...]


def read_table(path: Path) -> Table:
    """Read a whole CSV file (UTF-8, with or without a byte order mark; gzip by its content).

    Raises `BadInput` if no table can be made of it: unreadable, not text, no header, a column
    named twice, or quotes that do not close.
    """
    text = _text(path)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None or not any(name.strip() for name in header):
            raise BadInput(path, [Flaw(0, "", "is empty: the first line must name the columns")])
        columns = _columns(path, header)
        rows: list[Row] = []
        flaws: list[Flaw] = []
        for line, cells in _records(reader):
            if len(cells) == len(columns):
                rows.append(Row(line, dict(zip(columns, cells, strict=True))))
            else:
                message = f"has {len(cells)} cells where the header names {len(columns)} columns"
                flaws.append(Flaw(line, "", message))
    except csv.Error as error:
        message = f"is not valid CSV ({error})"
        raise BadInput(path, [Flaw(reader.line_num, "", message)]) from error
    return Table(columns, tuple(rows), tuple(flaws))


def _records(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not blank, with the line it starts on (a cell may hold newlines)."""
    line = _line_num(reader) + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = _line_num(reader) + 1


def _line_num(reader: object) -> int:
    return int(getattr(reader, "line_num"))  # noqa: B009 - csv's reader type has no public name


def _columns(path: Path, header: list[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in header)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(path, [Flaw(1, name, "is named twice in the header") for name in twice])
    return names


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if raw.startswith(_GZIP_MAGIC):
            raw = gzip.decompress(raw)
    except (OSError, EOFError) as error:
        raise BadInput(path, [Flaw(0, "", f"cannot be read ({error})")]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadInput(path, [Flaw(line, "", "is not UTF-8 text")]) from error
