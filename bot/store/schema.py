"""Whether the database has the tables that this version knows, asked without Alembic, and how it comes to have them."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import Misconfigured
from bot.store import address
from bot.store.address import SETTING
from bot.store.session import READ_ONLY, Database
from bot.store.tables import HEAD


async def is_current(db: Database) -> bool:
    """True when nothing has to be migrated. Raises Misconfigured when a newer version has migrated the database."""
    found = await version(db)
    refuse_newer(found)
    return found == HEAD


async def bring_up_to_date(db: Database, url: str) -> None:
    """The database has this version's tables. Raises Misconfigured when it has not, or cannot be used.

    SQLite is migrated at once, by Alembic in a child process: here it would weigh on the bot for as long as it lives.
    PostgreSQL is shared with other processes, so a person or a release migrates it.
    """
    with told(url):
        current = await is_current(db)
        if current:
            await _demand_writable(db, url)
            return
    if address.is_postgresql(url):
        raise Misconfigured(SETTING, _migrate_first(await version(db)))
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; from bot.store import migrate; migrate.upgrade(sys.argv[1])", url
    )
    if await child.wait() != 0:
        raise Misconfigured(SETTING, "The database could not be migrated. Nothing was started.")


@contextmanager
def told(url: str) -> Iterator[None]:
    """Whatever keeps PostgreSQL from being used is a Misconfigured in words; the driver's own may hold a password."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        if not address.is_postgresql(url):
            raise
        raise Misconfigured(SETTING, _unreachable(url, str(getattr(error, "orig", "")))) from None


async def _demand_writable(db: Database, url: str) -> None:
    if not address.is_postgresql(url):
        return
    async with db.begin() as s:
        read_only = (await s.execute(text("SHOW transaction_read_only"))).scalar()
        may = (await s.execute(text("SELECT has_table_privilege('enrollments', 'INSERT, UPDATE')"))).scalar()
    if read_only == "on" or not may:
        raise Misconfigured(SETTING, READ_ONLY)


def _unreachable(url: str, cause: str) -> str:
    where = address.server(url)
    if "authentication failed" in cause or "no pg_hba.conf entry" in cause or 'role "' in cause:
        return f"The database at {where} refuses this user or password. Nothing was started."
    if 'database "' in cause and "does not exist" in cause:
        return f"The server at {where} has no database of this name. Nothing was started."
    return f"The database at {where} does not answer (5 s). Is it running?"


def _migrate_first(found: str | None) -> str:
    state = "has no tables yet" if found is None else f"was migrated by an older version ({found}; I need {HEAD})"
    return f"The database {state}. Run: python -m bot migrate. Nothing was started."


async def version(db: Database) -> str | None:
    """The newest migration that the database has had; None for an empty one."""
    async with db.begin() as s:
        return await s.run_sync(read_version)


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
