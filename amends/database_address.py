"""Where PostgreSQL is, as commands are told: by an option, by a file, by the environment."""

from pathlib import Path
from typing import Annotated

import typer

Url = Annotated[
    str | None,
    typer.Option(
        "--database-url", help="Address of the database.", envvar="DATABASE_URL", show_default=False
    ),
]
UrlFile = Annotated[
    Path | None,
    typer.Option(
        "--database-url-file",
        help="A file that holds it.",
        envvar="DATABASE_URL_FILE",
        show_default=False,
    ),
]


def typed(context: typer.Context, name: str) -> bool:
    """Whether an option was given on the command line itself."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def address(context: typer.Context, url: str | None, file: Path | None) -> str | None:
    """What was typed comes first, then the file, as for services, then the variable.

    The option of `url` is called `database_url`. Raises `OSError` if the file cannot be read.
    """
    if file is None or typed(context, "database_url"):
        return url
    return file.read_text().strip()
