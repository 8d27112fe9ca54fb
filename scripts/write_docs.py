"""Writes what others build against from the definitions in the code: `make docs`.

Nothing is written when a published event version, or the HTTP contract, would break for somebody.
A test fails when the files and the definitions differ.
"""

import sys
from pathlib import Path

from scripts import asyncapi, openapi, published, write_schemas
from scripts.write_schemas import DOCS


def documents(docs: Path = DOCS) -> dict[Path, bytes]:
    """Every generated file (relative to `docs`), as it should be.

    Raises `BrokenPromise` or `BrokenContract`.
    """
    record = published.extended(published.recorded(docs), published.schemas())
    http = openapi.document()
    promised = openapi.extended(openapi.recorded(docs), openapi.promises(http))
    return {
        **write_schemas.documents(),
        Path("asyncapi.yaml"): asyncapi.written(asyncapi.document()),
        published.LOCK: published.written(record),
        openapi.DOCUMENT: openapi.written(http),
        openapi.LOCK: openapi.written(promised),
    }


def main(docs: Path = DOCS) -> int:
    """Write them all, or say what stands in the way."""
    try:
        found = documents(docs)
    except (published.BrokenPromise, openapi.BrokenContract) as error:
        print(error, file=sys.stderr)
        return 1
    for name, data in found.items():
        (docs / name).parent.mkdir(exist_ok=True)
        (docs / name).write_bytes(data)
        print(docs.name / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
