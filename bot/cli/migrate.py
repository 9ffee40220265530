"""`migrate`: the database has the newest schema afterwards."""

from bot.config import Settings
from bot.store import migrate


def upgrade(settings: Settings) -> int:
    """The schema is the newest one that this version knows. Raises Misconfigured for a database it cannot use."""
    before = migrate.current(settings.database_url)
    migrate.upgrade(settings.database_url)
    after = migrate.current(settings.database_url)
    print(f"The database is up to date ({after})." if before == after else f"The database was migrated to {after}.")
    return 0
