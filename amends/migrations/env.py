"""What Alembic runs for each schema; `amends.migrations.upgrades` says which, and on what."""

from alembic import context


def _run() -> None:
    given = context.config.attributes
    context.configure(
        connection=given["connection"],
        dialect_name="postgresql",
        version_table_schema=given["schema"],
        on_version_apply=given["applied"],
        literal_binds=context.is_offline_mode(),
        # Whoever calls has begun a transaction, or writes its beginning into the script.
        transactional_ddl=False,
    )
    with context.begin_transaction():
        context.run_migrations(service=given["schema"])


_run()
