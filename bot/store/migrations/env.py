"""What Alembic runs around the migrations: over the connection that `bot.store.migrate` hands in."""

from alembic import context

from bot.store import guard_tables, screen_tables  # noqa: F401  # for what they add to the metadata
from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can alter little in place, but it can undo a migration that failed halfway: Alembic does not expect that.
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
