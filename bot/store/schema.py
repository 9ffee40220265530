"""Whether the database has the tables that this version knows, asked without Alembic, and how it comes to have them."""

import asyncio
import sys

from sqlalchemy import Connection, inspect, text

from bot.errors import Misconfigured
from bot.store.session import SETTING, Database
from bot.store.tables import HEAD


async def is_current(db: Database) -> bool:
    """True when nothing has to be migrated. Raises Misconfigured when a newer version has migrated the database."""
    found = await version(db)
    refuse_newer(found)
    return found == HEAD


async def bring_up_to_date(db: Database, url: str) -> None:
    """The database has this version's tables. Raises Misconfigured when it cannot.

    Alembic runs in a child process: here it would weigh on the bot for as long as it lives.
    """
    if await is_current(db):
        return
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; from bot.store import migrate; migrate.upgrade(sys.argv[1])", url
    )
    if await child.wait() != 0:
        raise Misconfigured(SETTING, "The database could not be migrated. Nothing was started.")


async def version(db: Database) -> str | None:
    """The newest migration that the database has had; None for an empty one."""
    async with db.begin() as s:
        connection = await s.connection()
        return await connection.run_sync(read_version)


def read_version(connection: Connection) -> str | None:
    """The newest migration, over a synchronous connection."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def refuse_newer(found: str | None) -> None:
    """Raises Misconfigured when `found` is a migration of a newer version than this one."""
    if found is not None and found > HEAD:
        words = f"The database was migrated by a newer version ({found}; I know {HEAD}). Run the newer version."
        raise Misconfigured(SETTING, words)
