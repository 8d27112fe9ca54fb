"""SQL scripts beside the migrations that run them."""

import re
from pathlib import Path
from typing import Final

from alembic import op

_VERSIONS: Final = Path(__file__).parent / "versions"
_COLON: Final = re.compile(r":(?=\w)")


def run_script(name: str) -> None:
    """Run a script that lies beside the migrations, in the schema being migrated."""
    for statement in statements((_VERSIONS / name).read_text()):
        # A colon before a letter would stand for a value.
        op.execute(_COLON.sub(r"\\:", statement))


def statements(script: str) -> list[str]:
    """The statements of a script: each ends with a semicolon at the end of a line outside `$$`."""
    found: list[str] = []
    lines: list[str] = []
    for line in script.splitlines():
        if not lines and (not line or line.startswith("--")):
            continue
        lines.append(line)
        text = "\n".join(lines)
        if line.endswith(";") and text.count("$$") % 2 == 0:
            found.append(text.removesuffix(";"))
            lines = []
    if lines:
        raise ValueError(f"a statement without an end: {lines[0]}")
    return found
