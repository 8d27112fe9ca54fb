"""Golden JSON: the very bytes of one example of every published event version.

Stored events are read for as long as there are stores, so what a version looks like never changes:
`make golden` adds files for versions that have none and overwrites nothing. An event that needs
another shape gets a new version and an upcaster; the old version's file stays.
"""

from pathlib import Path

from shared.codec import encode
from shared.events.registry import event_types
from tests.contract.examples import full_example

FOLDER = Path(__file__).with_name("golden")


def golden_file(full_name: str, folder: Path = FOLDER) -> Path:
    """Where the golden JSON of a version lies."""
    return folder / f"{full_name}.json"


def add_missing(folder: Path = FOLDER) -> list[Path]:
    """Write golden files for published versions without one; return what was written."""
    added = []
    for entry in event_types():
        path = golden_file(entry.full_name, folder)
        if entry.topic is not None and not path.exists():
            path.write_bytes(encode(full_example(entry.cls)))
            added.append(path)
    return added


if __name__ == "__main__":
    for path in add_missing():
        print(path.relative_to(Path.cwd()))  # noqa: T201 - a command's output
