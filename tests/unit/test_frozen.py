"""An enrollment is the request that was confirmed as long as nobody touches its rows, and then it is not any more."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from bot.enrollment import fingerprints, query
from bot.enrollment.frozen import Frozen
from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.enrollments import Enrollment, Step, Tally
from bot.enrollment.model.flows import FieldMapping, Flow
from bot.store import checks, contacts
from bot.store.session import Database
from bot.store.tables import contacts as table
from tests.unit import stored
from tests.unit.stored import NOW

PEOPLE = 6000
OWNER = FieldMapping("owner", "Owner", value="ann@example.com")
TERMS = Terms("approval.large", 500, 1, ("U0APPROVER",), NOW, NOW, NOW)


@pytest.fixture
async def db(database: Path) -> AsyncIterator[Database]:
    """A database with the frozen list of one check."""
    opened = Database(f"sqlite+aiosqlite:///{database}")
    async with opened.begin() as s:
        await checks.add(s, stored.check())
        await contacts.save(s, "check", stored.contacts(PEOPLE), [])
    yield opened
    await opened.close()


def confirmed(**changes: Any) -> Enrollment:
    """The enrollment of that list, as it was confirmed."""
    enrollment = stored.enrollment(check_id="check", mappings=(OWNER,), tally=Tally(PEOPLE))
    normalized = query.guard(enrollment.sql, max_bytes=8000).normalized
    printed = fingerprints.fingerprint(
        query_hash=fingerprints.of_query(normalized),
        snowflake_id=enrollment.snowflake_id,
        gong_id=enrollment.gong_id,
        flow_id=enrollment.flow.id,
        id_column=enrollment.id_column,
        mappings=enrollment.mappings,
        listed=fingerprints.of_list((one.source_value, one.canonical_id) for one in stored.contacts(PEOPLE)),
    )
    return replace(enrollment, fingerprint=printed, **changes)


async def as_confirmed(db: Database, enrollment: Enrollment) -> bool:
    """Whether it is still the request that was confirmed."""
    return await Frozen(db, clock=lambda: NOW).as_confirmed(enrollment)


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (True, {}),
        (True, {"batch_size": 7, "tally": Tally(PEOPLE, enrolled=3)}),
        (True, {"sql": "select CONTACT_ID  from contacts -- the same"}),
        (True, {"mappings": (replace(OWNER, field_name="Owner's e-mail"),)}),
        (False, {"sql": "SELECT contact_id FROM contacts WHERE TRUE"}),
        (False, {"sql": "DROP TABLE contacts"}),
        (False, {"flow": Flow("7013485924137204001", "Q4 Renewal")}),
        (False, {"snowflake_id": "another"}),
        (False, {"gong_id": "another"}),
        (False, {"id_column": "EMAIL"}),
        (False, {"mappings": ()}),
        (False, {"mappings": (replace(OWNER, value="bob@example.com"),)}),
        (False, {"mappings": (replace(OWNER, value=None, column="OWNER"),)}),
    ],
)
async def test_whoever_touches_the_row_voids_it(db: Database, expected: bool, changes: dict[str, Any]) -> None:
    """Where anything is touched that decides who is enrolled and how; nothing else matters."""
    assert expected is await as_confirmed(db, replace(confirmed(), **changes))


@pytest.mark.parametrize(
    "touched",
    [
        update(table).where(table.c.position == 5999).values(source_value="003999999999999"),
        update(table).where(table.c.position == 0).values(canonical_id="003999999999999AAA"),
        update(table).where(table.c.position == 1).values(position=PEOPLE),
        delete(table).where(table.c.position == 1500),
    ],
)
async def test_whoever_touches_the_list_voids_it(db: Database, touched: Any) -> None:
    """One other person, one fewer, or another order."""
    async with db.begin() as s:
        await s.execute(touched)
    assert not await as_confirmed(db, confirmed())


async def test_what_was_confirmed_before_there_were_fingerprints_goes_on(db: Database) -> None:
    """But nobody's word was ever asked for without one."""
    assert await as_confirmed(db, replace(confirmed(), fingerprint=""))
    assert not await as_confirmed(db, replace(confirmed(), fingerprint="", terms=TERMS))


@pytest.mark.parametrize(
    ("voided", "position", "minutes"),
    [(True, 2000, 0), (True, 2999, 9), (False, 0, 0), (False, 5999, 9), (True, 5999, 10), (True, 0, -1)],
)
async def test_lately_seen_whole_only_those_who_go_next_are_read(
    db: Database, voided: bool, position: int, minutes: int
) -> None:
    """Nobody goes who was not confirmed; whoever goes later is looked at then, or once a whole look is too old."""
    now = [NOW]
    frozen = Frozen(db, clock=lambda: now[0])
    assert await frozen.as_confirmed(confirmed())
    async with db.begin() as s:
        await s.execute(update(table).where(table.c.position == position).values(canonical_id="003999999999999AAA"))
    now[0] += timedelta(minutes=minutes)
    assert voided is not await frozen.as_confirmed(replace(confirmed(), step=Step.START_RUN, batch=2))
    last = replace(confirmed(), step=Step.START_RUN, batch=position // 1000)
    assert not await frozen.as_confirmed(last)


async def test_what_else_decides_is_looked_at_each_time(db: Database) -> None:
    """A look that counts is one at the list; a row that was touched since is not what was confirmed."""
    frozen = Frozen(db, clock=lambda: NOW)
    assert await frozen.as_confirmed(confirmed())
    for changes in ({"gong_id": "another"}, {"mappings": ()}, {"sql": "SELECT contact_id FROM others"}):
        assert not await frozen.as_confirmed(confirmed(**changes))
    assert await frozen.as_confirmed(confirmed())


@pytest.mark.slow
async def test_a_hundred_thousand_are_read_in_a_moment(db: Database, print_at_the_end: Any) -> None:
    """And the event loop is free in between."""
    async with db.begin() as s:
        await contacts.save(s, "check", stored.contacts(100_000), [])
    frozen, many = Frozen(db, clock=lambda: NOW), replace(confirmed(), tally=Tally(100_000))
    many = replace(many, fingerprint=await frozen.of(many))
    frozen = Frozen(db, clock=lambda: NOW)
    took = []
    for batch in range(100):
        began = time.process_time()
        assert await frozen.as_confirmed(replace(many, batch=batch))
        took.append(time.process_time() - began)
    print_at_the_end(
        f"The fingerprint of 100,000 contacts took {took[0] * 1000:.0f} ms of this process,"
        f" and before each of their other batches {sum(took[1:]) / 99 * 1000:.0f} ms."
    )
    assert took[0] < 1.5
    assert sum(took[1:]) / 99 < took[0] / 10
