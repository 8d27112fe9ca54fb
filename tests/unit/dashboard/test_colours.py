"""Everybody can read the page: contrast after WCAG 2.2 (1.4.3), in light and in dark."""

import re
from pathlib import Path

import pytest

from services.dashboard import ops_page

CSS = (Path(ops_page.__file__).parent / "pages" / "ops.css").read_text()
LEAST = 4.5
ON = [
    ("ink", "card"),
    ("ink", "ground"),
    ("ink", "alarm-soft"),
    ("ink", "warn-soft"),
    ("ink", "accent-soft"),
    ("quiet", "card"),
    ("quiet", "ground"),
    ("accent", "card"),
    ("accent", "ground"),
    ("accent", "accent-soft"),
    ("alarm", "card"),
    ("alarm", "ground"),
    ("alarm", "alarm-soft"),
    ("warn", "card"),
    ("warn", "warn-soft"),
    ("card", "accent"),
]


def palettes() -> list[dict[str, str]]:
    """The colours of each theme, in the order of the style sheet."""
    blocks = [block for block in re.findall(r"{([^{}]*)}", CSS) if "--ground:" in block]
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in blocks]


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_dark_is_the_same_whether_the_system_or_the_reader_asks_for_it() -> None:
    _, by_system, by_reader = palettes()
    assert by_system == by_reader


@pytest.mark.parametrize(("text", "background"), ON)
def test_every_text_can_be_told_from_its_background(text: str, background: str) -> None:
    for colours in palettes():
        assert contrast(colours[text], colours[background]) >= LEAST
