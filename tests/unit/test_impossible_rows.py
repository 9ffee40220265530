"""Rows written by hand into an impossible state, in a real SQLite file: told once, left alone, never acted on."""

from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import text

from bot.enrollment.advance import Advancing
from bot.enrollment.keeping import Keeping
from bot.enrollment.limits import Limits
from bot.enrollment.model.enrollments import Tally
from bot.enrollment.model.people import Person, Standing
from bot.enrollment.model.policies import Policy
from bot.enrollment.policing import Policing
from bot.errors import ImpossibleRow
from bot.polytomic.client import PolytomicClient
from bot.store import checks, contacts, enrollments, messages
from bot.store.session import Database
from bot.views import direct
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER, TEAM

ID = "E-7K2M9Q"
WRONG = [
    ("state = 'dreaming'", "its state cannot be read"),
    ("step = 'fly'", "its step cannot be read"),
    ("tally = '{'", "its tally cannot be read"),
    ("flow = '[]', trouble = '7'", "its flow and its trouble cannot be read"),
    ("created_at = 'yesterday'", "its created_at cannot be read"),
    ("held_for = 'luck'", "its held_for cannot be read"),
    ("state = 'running'", "its step does not belong to its state"),
    ("state = 'running', step = 'watch_run'", "it has no sync to start"),
    ("state = 'running', step = 'watch_run', model_id = 'm', sync_id = 's'", "it watches a run that was never kept"),
    (
        "step = 'start_run', model_id = 'm', sync_id = 's', check_id = 'gone'",
        "its frozen list has not as many contacts",
    ),
    ("step = 'create_sync'", "it has no model to make a sync of"),
    ("batch = 3", "its batch does not exist"),
    ("batch = 1", "it has passed over a batch that was never run"),
    ("batch = -1", "one of its counts is not a count"),
    ("attempt = 'many'", "one of its counts is not a count"),
    ("batch_size = 0", "it has nobody to enroll"),
    ("state = 'enrolled', step = 'retire'", "it ended without an end"),
    ("ended_at = '2026-11-23 14:05:00.000000'", "it is open and has an end"),
    ("held_since = '2026-11-23 14:05:00.000000'", "it is held without a reason or without a beginning"),
    ("state = 'awaiting_gong'", "it waits for Gong and is not held"),
    ("verdict = 'never_ran'", "somebody's word on it is missing, or nobody has given it"),
]


@pytest.fixture
async def db(database: Path) -> AsyncIterator[Database]:
    """A database with one enrollment of twelve in three batches, due now."""
    opened = Database(f"sqlite+aiosqlite:///{database}")
    async with opened.begin() as s:
        await checks.add(s, stored.check(f"check of {ID}"))
        await contacts.save(s, f"check of {ID}", stored.contacts(12), ())
        await enrollments.add(s, stored.enrollment(tally=Tally(12), batch_size=5))
    yield opened
    await opened.close()


async def by_hand(db: Database, changes: str, table: str = "enrollments") -> None:
    """Somebody writes into the file."""
    async with db.begin() as s:
        await s.execute(text(f"UPDATE {table} SET {changes}"))


async def whole(db: Database) -> list[tuple[Any, ...]]:
    """Every enrollment as it stands in the file."""
    async with db.begin() as s:
        return [tuple(row) for row in await s.execute(text("SELECT * FROM enrollments ORDER BY id"))]


async def operators() -> tuple[str, ...]:
    """The two operators."""
    return ("U0OLGA", "U0OSKAR")


async def allowed(team_id: str, user_id: str) -> Person:
    """Everybody may enroll."""
    return Person(team_id, user_id, Standing.ALLOWED)


async def everybody(_: Collection[str]) -> frozenset[str]:
    """The requester is behind every group."""
    return frozenset({stored.REQUESTER})


async def unnamed(_: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """No connection is known."""
    return ()


def advancing(db: Database) -> Advancing:
    """The one verb, over a Polytomic where every call would raise another error than the one that is expected."""
    nowhere = PolytomicClient("http://127.0.0.1:9", SecretStr("key"), version="2025-09-18", timeout=0.1)
    keeping = Keeping(db, clock=lambda: NOW, operators=operators, nudge=lambda *_: None)
    return Advancing(
        db,
        nowhere,
        clock=lambda: NOW,
        limits=Limits(),
        rights=allowed,
        policing=Policing(Policy(), db, members=everybody, clock=lambda: NOW),
        named=unnamed,
        keeping=keeping,
    )


@pytest.mark.parametrize(("changes", "why"), WRONG, ids=[changes for changes, _ in WRONG])
async def test_an_impossible_row_is_told_once_and_left_alone(db: Database, changes: str, why: str) -> None:
    """However often it is looked at: nothing in it changes, nobody is called, and each operator has one message."""
    await by_hand(db, changes)
    before = await whole(db)
    with structlog.testing.capture_logs() as logged:
        for _ in range(2):
            with pytest.raises(ImpossibleRow, match=why):
                await advancing(db).advance(ID)
    assert before == await whole(db)
    assert [("enrollment.impossible", "error")] == [(one["event"], one["log_level"]) for one in logged]
    async with db.begin() as s:
        told = [await messages.get(s, row_id) for row_id in await messages.due(s, NOW, 9)]
    assert [("U0OLGA", ID, TEAM), ("U0OSKAR", ID, TEAM)] == sorted(
        (one.channel, one.subject_id, one.team_id) for one in told if one
    )
    said = direct.impossible_row(ID, told[0].cause.rpartition(":")[2] if told[0] else "")["text"]
    assert f"The row of `{ID}` cannot be right: {why}" in said
    assert f"Reference `{logged[0]['reference']}`." in said


async def test_a_sound_row_is_acted_on(db: Database) -> None:
    """So the rows above are refused for what was written into them, not for what they were."""
    await advancing(db).advance(ID)
    async with db.begin() as s:
        kept = await enrollments.get(s, ID)
    assert kept is not None
    assert (True, 1) == (kept.asked, kept.failures)


async def test_one_bad_row_takes_no_good_one_from_a_list(db: Database) -> None:
    """Neither the same person's status nor the search for a twin breaks; asked for by its id, it says what it is."""
    async with db.begin() as s:
        await enrollments.add(s, stored.enrollment("E-GOOD"))
    await by_hand(db, f"state = 'dreaming' WHERE id = '{ID}'")
    async with db.begin() as s:
        mine = await enrollments.of_requester(s, TEAM, REQUESTER, 10)
        twin = await enrollments.open_with(s, TEAM, REQUESTER, stored.FLOW.id, stored.enrollment().sql)
        assert ["E-GOOD"] == [one.id for one in mine] == [twin.id if twin else ""]
        with pytest.raises(ImpossibleRow, match="its state cannot be read"):
            await enrollments.get(s, ID)


async def test_a_message_that_cannot_be_read_keeps_nobody_from_going_on(db: Database) -> None:
    """The enrollment it is about is still written, and other messages with it."""
    async with db.begin() as s:
        await messages.want(s, stored.message())
    await by_hand(db, "kind = 'pigeon'", "messages")
    await advancing(db).advance(ID)
    async with db.begin() as s:
        assert not await messages.want(s, stored.message())
        with pytest.raises(ImpossibleRow, match="its kind cannot be read"):
            await messages.get(s, stored.message().id)
