"""The log, and the views of each service."""

from amends.migrations.sql import run_script

revision = "0001"
down_revision = None


def upgrade(service: str) -> None:
    """Everything, in an empty schema."""
    run_script("v0001_log.sql")
    run_script(f"v0001_{service}.sql")
