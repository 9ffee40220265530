"""What whole suites share: a migrated database to copy, a town with its bot, and an ear on everything logged."""

import io
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import datetime
from pathlib import Path

import freezegun
import pytest
from sqlalchemy import select

from bot import logs
from bot.enrollment import soundness
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.services import utc_now
from bot.sandbox.town import Town, open_town
from bot.store import address, enrollments, migrate, runs, tables
from bot.store.session import Database
from tests import postgresql as postgresql_server

HOW_TO_QUERY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'"

Clock = Callable[[], datetime]
# The official SDK loads its modules when they are touched, and freezegun touches every module: pydantic then raises in
# the middle, and time stays frozen for the rest of the process.
freezegun.configure(extend_ignore_list=["polytomic"])

OpenTown = Callable[..., AbstractAsyncContextManager[Town]]
Print = Callable[[str], None]
_MEASURED = "measured"

# What may never be in a log line: queries, contact ids, e-mail addresses, secrets and signed links.
_NEVER_LOGGED = {
    "a query": re.compile(r"\bSELECT\b|salesforce_contacts", re.IGNORECASE),
    "a contact id": re.compile(r"\b00[3Q1][A-Za-z0-9]{12}(?:[A-Z0-9]{3})?\b"),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a secret": re.compile(r"xoxb-|xapp-|sandbox-signing-secret|hunter2"),
    "a signed link": re.compile(r"https?://\S*(?:signature|sig|token|/consent/)\S*", re.IGNORECASE),
}


@pytest.fixture
def print_at_the_end(record_property: Callable[[str, object], None]) -> Print:
    """What a test measured stands in the terminal once all tests have ended, in whichever process it ran."""

    def kept(words: str) -> None:
        record_property(_MEASURED, words)

    return kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what was measured."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, words in report.user_properties:
                if name == _MEASURED:
                    terminalreporter.write_line(f"\n{words}")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the newest schema and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    migrate.upgrade(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgresql_server.Server]:
    """A real PostgreSQL, started when the first test of this process asks for it."""
    with postgresql_server.served() as server:
        yield server


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    """A fresh database file of this test."""
    path = tmp_path / "enroll-flow.db"
    shutil.copy(migrated, path)
    return path


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything logged while the test runs; whatever may never be logged fails the test."""
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    for name, pattern in _NEVER_LOGGED.items():
        found = pattern.search(stream.getvalue())
        assert found is None, f"{name} was logged: {stream.getvalue()[max(found.start() - 200, 0) : found.end() + 20]}"


def _copy_of(database_url: str) -> str:
    """What was kept in this SQLite file, in another one: a bot killed in a transaction still holds its lock."""
    path = address.sqlite_file(database_url)
    copy = path.with_suffix(".copy")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return f"sqlite+aiosqlite:///{copy}"


async def _all_sound(database_url: str) -> None:
    """Whatever was played, the rows it left are ones that the bot would act on: it calls none of its own impossible."""
    db = Database(database_url if address.is_postgresql(database_url) else _copy_of(database_url))
    try:
        async with db.begin() as s:
            for enrollment_id in (await s.execute(select(tables.enrollments.c.id))).scalars():
                enrollment, past = await enrollments.get(s, enrollment_id), await runs.all(s, enrollment_id)
                assert enrollment is not None
                assert "" == soundness.unsound(enrollment, past)
    finally:
        await db.close()


def opener(database: Path | str, *, workers: int = 0) -> OpenTown:
    """Opens towns over this database, with a bot that runs; arguments as for `open_town`."""

    @asynccontextmanager
    async def open_with_bot(
        *,
        socket: bool = False,
        switches: Switches | None = None,
        with_snowflake: bool = True,
        with_gong: bool = True,
        clock: Clock = utc_now,
        grace: float = 8.0,
        **more: object,
    ) -> AsyncIterator[Town]:
        async with open_town(
            database, clock=clock, switches=switches, with_snowflake=with_snowflake, with_gong=with_gong
        ) as town:
            town.more |= more
            town.grace, town.workers = grace, workers
            await town.start_bot(socket=socket)
            yield town
        await _all_sound(town.settings().database_url)

    return open_with_bot


@pytest.fixture
def open_here(database: Path, logged: io.StringIO) -> OpenTown:
    """Opens a town over this test's SQLite file: one process does everything."""
    return opener(database)


@pytest.fixture
def open_on_postgresql(postgresql: postgresql_server.Server, logged: io.StringIO) -> OpenTown:
    """Opens a town over a PostgreSQL database of this test: one part of the bot answers, two work."""
    return opener(postgresql.url(), workers=2)


@pytest.fixture
async def town(open_here: OpenTown) -> AsyncIterator[Town]:
    """A town where Snowflake and Gong are connected, over HTTP."""
    async with open_here() as opened:
        yield opened
