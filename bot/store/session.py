"""The connection to the database: a small pool, short transactions, and one process per SQLite file."""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeAlias, cast

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, PoolResetState

from bot.errors import Misconfigured
from bot.store import address
from bot.store.address import SETTING

Transaction: TypeAlias = AsyncConnection
"""What `begin` hands out, for those who pass it on and know no SQL."""

READ_ONLY = "The database can be read but not written. Nothing was started."
_WAIT = 5
_BEGIN = "BEGIN IMMEDIATE"


class Database:
    """One database. Transactions wait for one of at most `connections`, 5 seconds long; SQLite has a single one."""

    def __init__(self, url: str, *, connections: int = 5) -> None:
        self._engine = _postgresql(url, connections) if address.is_postgresql(url) else _sqlite(url)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: kept when the block ends, undone when it raises. Nothing slow belongs inside."""
        async with self._engine.begin() as connection:
            yield connection

    async def ping(self) -> None:
        """The database answers and can be written."""
        async with self.begin() as s:
            await s.execute(text("SELECT 1"))

    async def answers(self) -> bool:
        """True when `ping` succeeds."""
        try:
            await self.ping()
        except (SQLAlchemyError, OSError):
            return False
        return True

    async def close(self) -> None:
        """No connection is open."""
        await self._engine.dispose()


def _sqlite(url: str) -> AsyncEngine:
    prepare(address.sqlite_file(url))
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_WAIT,
        # `_let_go` does it: the usual way asks for it even where nothing was left open.
        pool_reset_on_return=None,
        # What SQLAlchemy says of a failed statement would carry the query and the row it was about.
        hide_parameters=True,
        connect_args={"factory": _LettingGo},
    )
    event.listen(engine.sync_engine, "connect", set_up)
    event.listen(engine.sync_engine, "begin", _take_turn_in_one_trip)
    event.listen(engine.sync_engine, "reset", _let_go)
    return engine


class _LettingGo(sqlite3.Connection):
    """A connection that holds nothing once it is closed.

    SQLite puts off a close while a statement is alive, and one that was cut off lives on in its traceback: without the
    rollback nobody could write to the file until the garbage collector comes by.
    """

    def close(self) -> None:
        """What was not committed is undone, and the file is free for others."""
        if self.in_transaction:
            self.rollback()
        super().close()


def _postgresql(url: str, connections: int) -> AsyncEngine:
    return create_async_engine(
        address.parsed(url),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_WAIT,
        # After a restart of the server the pool holds dead connections; asking first costs less than failing a press.
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": _WAIT, "application_name": "enroll-flow"},
    )


def prepare(path: Path) -> None:
    """The file can be opened by us and by nobody else: it holds queries. Raises Misconfigured when it cannot."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except (FileNotFoundError, NotADirectoryError, FileExistsError, IsADirectoryError):
        raise Misconfigured(SETTING, f"DATABASE_URL names {path}, which cannot be a file.") from None
    except OSError:
        raise Misconfigured(SETTING, READ_ONLY) from None


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """This process alone uses the SQLite file; the side file holds its pid. Raises Misconfigured for the second one."""
    prepare(path)
    side = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(side, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(side, 20).decode("ascii", "replace").strip() or "unknown"
            raise Misconfigured(
                SETTING,
                f"Another process ({pid}) already uses this SQLite file. One process per file; for more, set "
                "DATABASE_URL to PostgreSQL.",
            ) from None
        os.truncate(side, 0)
        os.pwrite(side, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(side)


def set_up(connection: DBAPIConnection | sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    """A new SQLite connection keeps foreign keys, survives a kill, and leaves transactions to `take_turn`."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {_WAIT * 1000}")
    cursor.close()


def take_turn(connection: Connection) -> None:
    """The transaction may write from its first statement on: one that found out later could not wait its turn."""
    connection.exec_driver_sql(_BEGIN)


def _take_turn_in_one_trip(connection: Connection) -> None:
    """The same. A cursor, a statement and a close would be a trip each to the driver's thread and back.

    Such a trip takes longer than what it is for.
    """
    driven = cast(AdaptedConnection, connection.connection.dbapi_connection)
    try:
        driven.run_async(lambda driver: driver.execute(_BEGIN))
    except sqlite3.Error as error:
        raise OperationalError(_BEGIN, None, error) from error
    except asyncio.CancelledError:
        # Cut off, it may begin all the same once its turn comes: nobody may find this connection in the pool.
        connection.invalidate()
        raise


def _let_go(connection: DBAPIConnection, _: ConnectionPoolEntry, state: PoolResetState) -> None:
    """A transaction that was cut off is undone; the usual one has ended, and nothing is asked of the database."""
    if state.asyncio_safe and connection.driver_connection.in_transaction:
        connection.rollback()
