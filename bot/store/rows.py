"""Between a row and a frozen dataclass: the columns have the names of the fields.

To make a statement, and to find what one like it was compiled to, takes longer than to run it. So those that are used
all the time are made once, by a cached function, and given their values as parameters: in an UPDATE a parameter with a
column's name is what the column becomes, and those of its WHERE begin with `of_`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    CursorResult,
    Executable,
    Integer,
    Select,
    Table,
    bindparam,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Update, UpdateBase

from bot.errors import ImpossibleRow
from bot.store.types import UNREADABLE

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")
Key = TypeVar("Key", str, bytes)
_CHUNK = 500


def values(thing: "DataclassInstance") -> dict[str, Any]:
    """What a row of this thing holds."""
    return {field.name: getattr(thing, field.name) for field in fields(thing)}


@cache
def selected(table: Table, kind: type["DataclassInstance"]) -> Select[Any]:
    """A SELECT of just the columns that make up one thing of this kind; made once, because it takes its time."""
    return select(*columns(table, kind))


def columns(table: Table, kind: type["DataclassInstance"]) -> tuple[Column[Any], ...]:
    """The columns that make up one thing of this kind."""
    return tuple(table.c[field.name] for field in fields(kind))


async def one(s: AsyncConnection, statement: Executable, kind: type[T], **bound: Any) -> T | None:
    """The first thing that was found, or changed and returned; or None. Raises ImpossibleRow for an unreadable one."""
    row: Mapping[Any, Any] | None = (await s.execute(statement, bound)).mappings().first()
    return None if row is None else _read(row, kind)


async def one_by(
    s: AsyncConnection, table: Table, column: str, key: str, kind: type[T], *, current: bool = False
) -> T | None:
    """The thing whose `column`, which is unique, has this key, or None. Raises ImpossibleRow when it cannot be read.

    With `current`, nobody else writes its row before this transaction ends.
    """
    return await one(s, _selected_by(table, column, kind, current), kind, key=key)


@cache
def _selected_by(table: Table, column: str, kind: type["DataclassInstance"], current: bool) -> Select[Any]:
    found = selected(table, kind).where(table.c[column] == bindparam("key", type_=table.c[column].type))
    return found.with_for_update() if current else found


async def every(s: AsyncConnection, statement: Select[Any], kind: type[T], **bound: Any) -> list[T]:
    """All things found. Raises ImpossibleRow when one of them cannot be read."""
    return [_read(row, kind) for row in (await s.execute(statement, bound)).mappings()]


async def readable(s: AsyncConnection, statement: Select[Any], kind: type[T], **bound: Any) -> list[T]:
    """All things found, but for those that cannot be read: one bad row takes no good one from anybody's list."""
    return [kind(**row) for row in (await s.execute(statement, bound)).mappings() if not _unreadable(row)]


def _read(row: Mapping[Any, Any], kind: type[T]) -> T:
    wrong = _unreadable(row)
    if wrong:
        why = f"its {' and its '.join(wrong)} cannot be read"
        raise ImpossibleRow(kind.__name__.lower(), str(row.get("id", "")), why)
    return kind(**row)


def _unreadable(row: Mapping[Any, Any]) -> list[str]:
    return [str(name) for name, value in row.items() if value is UNREADABLE]


@cache
def as_read(table: Table, *names: str) -> Update:
    """An UPDATE of the rows in which each of these columns is what is bound to its name with `of_` before it."""
    return update(table).where(*(table.c[name] == bindparam(f"of_{name}") for name in names))


async def changed(s: AsyncConnection, statement: UpdateBase, **bound: Any) -> int:
    """How many rows the statement changed, once it has. What is bound and has a column's name is what that becomes."""
    return cast(CursorResult[Any], await s.execute(statement, bound)).rowcount


async def added(s: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """True when the row is there now, False when the database has one like it, which only one may be.

    Whoever adds the same in another transaction is waited for, so a row that is read afterwards is theirs.
    """
    # A statement that fails undoes itself; PostgreSQL gives up all of its transaction then, SQLite does not.
    own = s.begin_nested() if s.dialect.name == "postgresql" else nullcontext()
    try:
        async with own:
            await s.execute(insert(table), row)
    except IntegrityError as error:
        if not _is_there(error):
            raise
        return False
    return True


async def due(s: AsyncConnection, table: Table, now: datetime, limit: int) -> list[str]:
    """The ids of the rows that want to be looked at by now, the longest waiting first."""
    return list((await s.execute(_due(table), {"now": now, "limit": limit})).scalars())


@cache
def _due(table: Table) -> Select[Any]:
    now = bindparam("now", type_=table.c.due_at.type)
    in_order = select(table.c.id).where(table.c.due_at <= now).order_by(table.c.due_at)
    return in_order.limit(bindparam("limit", type_=Integer))


async def none_due(s: AsyncConnection, tables: Mapping[str, Table], now: datetime) -> set[str]:
    """The names of the tables of which no row wants to be looked at by now."""
    found = (await s.execute(_any_due(tuple(tables.values())), {"now": now})).one()
    return {name for name, any_is in zip(tables, found, strict=True) if not any_is}


@cache
def _any_due(tables: Sequence[Table]) -> Select[Any]:
    now = bindparam("now", type_=tables[0].c.due_at.type)
    of_each: list[ColumnElement[Any]] = [exists().where(table.c.due_at <= now) for table in tables]
    return select(*of_each)


async def due_at(s: AsyncConnection, table: Table, row_id: str) -> datetime | None:
    """When the row wants to be looked at next; None for one that waits for nothing, or is gone."""
    found: datetime | None = (await s.execute(select(table.c.due_at).where(table.c.id == row_id))).scalar()
    return found


def chunks(ids: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """The ids in as many as one statement should name."""
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _is_there(error: IntegrityError) -> bool:
    """True when a unique constraint refused the row, and not one that the row breaks by itself."""
    name = getattr(error.orig, "sqlite_errorname", "") or type(error.orig).__name__
    return name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "UniqueViolation"}
