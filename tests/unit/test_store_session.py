"""The database file: ours alone, one process and one transaction at a time, and times that never lose their zone."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event, text
from sqlalchemy.exc import IntegrityError, StatementError

from bot.enrollment.model.checks import Check, Contact, LeftOutRow
from bot.enrollment.model.connections import Consent
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.enrollments import Enrollment, Run
from bot.enrollment.model.messages import Message
from bot.enrollment.model.outages import Outage
from bot.errors import Misconfigured
from bot.store import address, checks, contacts, drafts, enrollments, tables
from bot.store.address import sqlite_file
from bot.store.session import Database, lock_file
from tests.unit import stored
from tests.unit.stored import NOW

HOLD = """
import pathlib, sys
from bot.store.session import lock_file

with lock_file(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def test_the_file_is_nobody_else_s(db: Database, tmp_path: Path) -> None:
    """It holds queries and people: neither the directory nor a file in it is open to others."""
    await db.ping()
    everything = [tmp_path / "data", *(tmp_path / "data").iterdir()]
    assert {0} == {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in everything}


async def test_the_connection_is_set_up(db: Database) -> None:
    """Readers do not stop the writer, and no row points at nothing."""
    async with db.begin() as s:
        assert (await s.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
        assert (await s.execute(text("PRAGMA foreign_keys"))).scalar() == 1
    with pytest.raises(IntegrityError):
        async with db.begin() as s:
            await s.execute(text("INSERT INTO contacts VALUES ('no check', 0, 'T', '1', '1', 'pending', '')"))


async def test_transactions_take_turns(db: Database) -> None:
    """What one reads it may rely on: nobody writes in between."""
    async with db.begin() as s:
        await drafts.add(s, stored.draft(tries=0))

    async def count_one() -> None:
        async with db.begin() as s:
            draft = await drafts.get(s, "E-7K2M9Q")
            assert draft is not None
            await asyncio.sleep(0)
            await drafts.set_check(s, "E-7K2M9Q", "check", draft.tries + 1)

    await asyncio.gather(*(count_one() for _ in range(20)))
    async with db.begin() as s:
        counted = await drafts.get(s, "E-7K2M9Q")
    assert (20, 20) == (counted and counted.tries, 20)


@pytest.mark.parametrize("after", [0.0, 0.001, 0.01, 0.05])
async def test_work_that_is_cut_off_leaves_nothing_behind(db: Database, after: float) -> None:
    """Neither half of its rows nor a connection that nobody else can have."""

    async def work() -> None:
        async with db.begin() as s:
            await checks.add(s, stored.check())
            await contacts.save(s, "check", stored.contacts(20_000), [])
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await asyncio.sleep(after)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with db.begin() as s:
        assert await checks.get(s, "check") is None


async def test_a_statement_that_is_cut_off_keeps_nobody_waiting(db: Database) -> None:
    """Also while somebody still holds on to how it ended: SQLite closes no file while a statement on it lives."""
    slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500000) SELECT max(i) FROM n"

    async def work() -> None:
        async with db.begin() as s:
            await s.execute(text(f"{slow} UNION ALL SELECT 1"))

    task = asyncio.create_task(work())
    await asyncio.sleep(0.02)
    task.cancel()
    ended = await asyncio.gather(task, return_exceptions=True)
    await db.ping()
    assert isinstance(ended[0], asyncio.CancelledError)


async def test_a_beginning_that_is_cut_off_is_no_beginning(db: Database) -> None:
    """Cut off anywhere in its beginning, or without a statement, a transaction leaves nothing open."""

    async def work() -> None:
        async with db.begin() as s:
            await drafts.add(s, stored.draft())
            await asyncio.sleep(60)

    for after in range(8):
        task = asyncio.create_task(work())
        for _ in range(after):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with db.begin():
            pass
        await db.ping()
    async with db.begin() as s:
        assert await drafts.get(s, "E-7K2M9Q") is None


async def test_a_transaction_that_is_cut_off_anywhere_is_whole_or_nothing(db: Database) -> None:
    """In its beginning, between statements, in its commit or after it: the next one finds a connection that is free."""

    async def work() -> None:
        async with db.begin() as s:
            await drafts.add(s, stored.draft())
            await checks.add(s, stored.check())

    for after in range(60):
        task = asyncio.create_task(work())
        await asyncio.sleep(after / 15_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with db.begin() as s:
            assert (await drafts.get(s, "E-7K2M9Q") is None) == (await checks.get(s, "check") is None)
            await s.execute(text("DELETE FROM checks"))
            await s.execute(text("DELETE FROM drafts"))


async def test_a_statement_is_compiled_once(db: Database) -> None:
    """Columns of nested values included: compiling takes longer than SQLite does."""
    compiled: list[str] = []
    async with db.begin() as s:
        await enrollments.get(s, "E-7K2M9Q")

        @event.listens_for(s.sync_connection, "after_cursor_execute")
        def _(*given: Any) -> None:
            compiled.append(given[4].cache_hit.name)

        await enrollments.get(s, "E-8K2M9Q")
    assert ["CACHE_HIT"] == compiled


async def test_an_error_quotes_no_values(db: Database) -> None:
    """An exception's text reaches places where a query or a contact must not."""
    secret = stored.check(sql="SELECT secret FROM people")
    async with db.begin() as s:
        await checks.add(s, secret)
    with pytest.raises(IntegrityError) as refused:
        async with db.begin() as s:
            await checks.add(s, secret)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))])
async def test_times_come_back_in_utc(db: Database, zone: timezone) -> None:
    """To the microsecond, whatever zone they were given in; so they also compare as they should."""
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment(due_at=NOW.astimezone(zone)))
        kept = await enrollments.get(s, "E-7K2M9Q")
        assert kept is not None
        assert (NOW, UTC) == (kept.due_at, kept.due_at and kept.due_at.tzinfo)
        assert await enrollments.due(s, NOW - timedelta(microseconds=1), 1) == []
        assert await enrollments.due(s, NOW.astimezone(zone), 1) == ["E-7K2M9Q"]


async def test_a_time_without_a_zone_is_a_mistake(db: Database) -> None:
    """It is refused rather than guessed at."""
    with pytest.raises(StatementError, match="without a zone"):
        async with db.begin() as s:
            await drafts.add(s, stored.draft(created_at=datetime(2026, 11, 23)))  # noqa: DTZ001  # the point of it


@pytest.mark.parametrize("tally", ['{"total": 9, "of_next_year": [1]}', '{"total": 9}'])
async def test_rows_of_another_version_can_be_read(db: Database, tally: str) -> None:
    """Facts it added are passed over, facts it did not know have their defaults."""
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment())
        await s.execute(text("UPDATE enrollments SET tally = :tally"), {"tally": tally})
        kept = await enrollments.get(s, "E-7K2M9Q")
    assert (9, 0) == (kept and kept.tally.total, kept and kept.tally.enrolled)


@pytest.mark.slow
async def test_a_list_of_the_largest_size_leaves_others_their_turn(db: Database) -> None:
    """While 100,000 contacts are kept, whoever answers Slack has a turn again and again."""
    turns = 0

    async def feel() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.001)
            turns += 1

    feeling = asyncio.create_task(feel())
    async with db.begin() as s:
        await checks.add(s, stored.check())
        await contacts.save(s, "check", stored.contacts(100_000), [])
    feeling.cancel()
    # Kept in one piece, the list would leave two turns at most: before it, and after.
    assert turns > 10


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (tables.drafts, Draft),
        (tables.checks, Check),
        (tables.enrollments, Enrollment),
        (tables.runs, Run),
        (tables.consents, Consent),
        (tables.messages, Message),
        (tables.contacts, Contact),
        (tables.left_out, LeftOutRow),
        (tables.outages, Outage),
    ],
)
def test_a_table_has_a_column_for_every_field(table: Table, kind: Any) -> None:
    """And knows its team, also where the value itself does not say it."""
    own = {field.name for field in fields(kind)} | {"team_id"}
    extra = {
        "contacts": {"check_id", "outcome", "message"},
        "left_out": {"check_id", "position"},
    }.get(table.name, set())
    assert own | extra == set(table.c.keys())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", address.WORDS),
        ("nonsense", address.WORDS),
        ("sqlite:///a.db", address.WORDS),
        ("postgresql://h/db", address.WORDS),
        (
            "postgresql+psycopg://h",
            "DATABASE_URL names no database: it must look like postgresql+psycopg://user:password@host:5432/name.",
        ),
        ("sqlite+aiosqlite://", "DATABASE_URL is not a database file: it must start with sqlite+aiosqlite:///."),
        (
            "sqlite+aiosqlite:///:memory:",
            "DATABASE_URL is not a database file: it must start with sqlite+aiosqlite:///.",
        ),
    ],
)
def test_what_is_no_database_is_refused_in_words(url: str, words: str) -> None:
    """By the setting's name, and with what it should look like."""
    with pytest.raises(Misconfigured) as refused:
        Database(url)
    assert ("DATABASE_URL", words) == (refused.value.setting, refused.value.words)


def test_a_place_where_no_file_can_be_is_named(tmp_path: Path) -> None:
    """A directory, or a path through a file."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "enroll-flow.db"):
        with pytest.raises(Misconfigured) as refused:
            Database(f"sqlite+aiosqlite:///{path}")
        assert f"DATABASE_URL names {path}, which cannot be a file." == refused.value.words


def test_a_second_process_on_one_file_is_refused_in_words(tmp_path: Path) -> None:
    """It learns who is there; when that process is gone, however it went, the file is free."""
    path = sqlite_file(stored.url(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Misconfigured) as refused, lock_file(path):
            pass
        holder.kill()
    words = (
        f"Another process ({holder.pid}) already uses this SQLite file. One process per file; "
        "for more, set DATABASE_URL to PostgreSQL."
    )
    assert ("DATABASE_URL", words) == (refused.value.setting, refused.value.words)
    with lock_file(path):
        assert f"{os.getpid()}\n" == Path(f"{path}.lock").read_text()
