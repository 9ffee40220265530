"""SQLite in a thread of its own, with one trip to it for each statement: its rows come back with it.

aiosqlite makes a trip for the cursor, one for the statement, one for its rows, and each costs more than most of our
statements take: they were more than half of the time between the steps of an enrollment. It is still aiosqlite's
thread and queue; only what is asked of it in one go is ours, the beginning of a transaction with its first statement.
A statement that was cut off leaves no cursor behind.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import Connection

BEGIN = "BEGIN IMMEDIATE"
_UNUSED = 64


async def connect(*address: Any, **how: Any) -> aiosqlite.Connection:
    """A connection for SQLAlchemy, which says where to and how."""
    return await _Connection(partial(sqlite3.connect, *address, **how), iter_chunk_size=_UNUSED)


def begin(connection: Connection) -> None:
    """SQLAlchemy begins a transaction on a connection of ours."""
    driver: Any = connection.connection.driver_connection
    driver.begin()


@dataclass(frozen=True, slots=True)
class _Answer:
    """All that SQLite says of a statement."""

    description: Any = None
    rows: Sequence[Any] = ()
    rowcount: int = -1
    lastrowid: int | None = None


class _Connection(aiosqlite.Connection):
    """As SQLAlchemy uses one: whatever it does with a cursor waits until the statement is there."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], iter_chunk_size: int) -> None:
        super().__init__(connector, iter_chunk_size)
        # A process that ends does not wait for a connection that nobody closed; SQLAlchemy does the same with its own.
        self._thread.daemon = True
        self._heard = True
        self._begins = False

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        """A cursor that is nothing yet."""
        return _Cursor(self)

    def begin(self) -> None:
        """The next statement is the first one of a transaction."""
        self._begins = True

    async def whole(self, method: str, *given: object) -> _Answer:
        """One statement, by this method of a cursor, with everything that comes of it."""
        begins, self._begins = self._begins, False
        answer: _Answer = await self._heard_of(self._begun if begins else self._whole, method, *given)
        return answer

    async def commit(self) -> None:
        """The transaction is kept; one without a statement never began."""
        if not self._begins:
            await self._heard_of(self._conn.commit)
        self._begins = False

    async def rollback(self) -> None:
        """Nothing is left of a transaction; SQLAlchemy asks for it after each, also when it was kept.

        No trip is made where none is left for sure. Of a statement that was cut off nobody heard, and it may still be
        on its way.
        """
        self._begins = False
        if not self._heard or self.in_transaction:
            await self._heard_of(self._conn.rollback)

    async def _heard_of(self, method: Callable[..., Any], *given: object) -> Any:
        self._heard = False
        came_to = await self._execute(method, *given)  # type: ignore[no-untyped-call]
        self._heard = True
        return came_to

    def _begun(self, method: str, *given: object) -> _Answer:
        # It may write from its first statement on: one that found out later could not wait its turn.
        self._conn.execute(BEGIN).close()
        return self._whole(method, *given)

    def _whole(self, method: str, *given: object) -> _Answer:
        cursor = self._conn.cursor()
        try:
            getattr(cursor, method)(*given)
            rows = cursor.fetchall() if cursor.description else ()
            return _Answer(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
        finally:
            cursor.close()


class _Cursor:
    """What SQLAlchemy takes for a cursor of aiosqlite: the statement's answer, once there is one."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._answer = _Answer()

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> None:
        """The statement was executed, and its rows are here."""
        self._answer = await self._connection.whole("execute", statement, parameters)

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> None:
        """The statement was executed with each of these."""
        self._answer = await self._connection.whole("executemany", statement, parameters)

    async def fetchall(self) -> Sequence[Any]:
        """The rows of the statement."""
        return self._answer.rows

    async def close(self) -> None:
        """Nothing is open any more; nothing was."""

    @property
    def description(self) -> Any:
        """The columns of the rows; None for a statement that has none."""
        return self._answer.description

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The rowid of the row that was inserted last."""
        return self._answer.lastrowid
