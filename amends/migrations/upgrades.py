"""The versions there are, and how Alembic brings one schema to the newest."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationInfo
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection

from shared.eventlog.postgres_schema import SCHEMA_VERSION

_FOLDER: Final = Path(__file__).parent

Tell = Callable[[str], None]
"""Says a line to whoever waits."""


def versions() -> list[str]:
    """The numbers of all migrations, from the first to the newest."""
    scripts = ScriptDirectory.from_config(_config(StringIO()))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def upgrade(connection: Connection, schema: str, tell: Tell) -> None:
    """Run what is missing, in the caller's transaction; tells of each version that is reached."""

    def applied(*, step: MigrationInfo, **_: Any) -> None:
        tell(f"{schema}: {step.up_revision_id} {_about(step)}")

    given = {"connection": connection, "schema": schema, "applied": applied}
    command.upgrade(_config(StringIO(), given), SCHEMA_VERSION)


def upgrade_script(schema: str, since: str | None) -> str:
    """The SQL that brings a schema of this version (None: an empty one) to the newest."""
    out = StringIO()
    given = {"connection": None, "schema": schema, "applied": ()}
    command.upgrade(_config(out, given), f"{since or 'base'}:{SCHEMA_VERSION}", sql=True)
    return out.getvalue().strip()


def _about(step: MigrationInfo) -> str:
    """What a migration's docstring says in its first line."""
    found = step.up_revision
    return found.doc if isinstance(found, Script) else ""


def _config(out: StringIO, attributes: dict[str, Any] | None = None) -> Config:
    config = Config(output_buffer=out, attributes=attributes or {})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
