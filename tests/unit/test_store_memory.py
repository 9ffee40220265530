"""Who was enrolled is remembered without a name: by salted hashes, per team and flow, until they are too old."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.enrollment.model.checks import Collision
from bot.enrollment.model.flows import Flow
from bot.store import enrollments, memory
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, TEAM

PEOPLE = [contact.canonical_id for contact in stored.contacts(1200)]
BEFORE = NOW - timedelta(days=30)
OTHER = stored.enrollment("E-5T8N2C", flow=Flow("2", "Win back"), requester_id="U0COLLEAGUE")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def test_those_who_were_sent_are_known_until_they_are_forgotten(db: Database) -> None:
    """More of them than one statement names; remembered twice is as once, with the later time."""
    sent, later = stored.enrollment(), NOW + timedelta(hours=1)
    async with db.begin() as s:
        await memory.remember(s, sent, PEOPLE[:1100], NOW)
        await memory.remember(s, sent, PEOPLE[:1], later)
        await memory.forget(s, sent, PEOPLE[500:])
        found = await memory.lately(s, TEAM, sent.flow.id, PEOPLE, BEFORE)
    assert {one: memory.Past(sent.id, later if one == PEOPLE[0] else NOW) for one in PEOPLE[:500]} == found


async def test_another_team_another_flow_and_another_time_are_strangers(db: Database) -> None:
    """The same ids of another team have another hash."""
    sent = stored.enrollment()
    async with db.begin() as s:
        await memory.remember(s, sent, PEOPLE[:2], NOW)
        assert {} == await memory.lately(s, "T0OTHER", sent.flow.id, PEOPLE, BEFORE)
        assert {} == await memory.lately(s, TEAM, "another flow", PEOPLE, BEFORE)
        assert {} == await memory.lately(s, TEAM, sent.flow.id, PEOPLE, NOW)


async def test_the_latest_of_several_enrollments_is_told(db: Database) -> None:
    """That is what the cool-off counts from."""
    async with db.begin() as s:
        await memory.remember(s, stored.enrollment("E-5T8N2C"), PEOPLE[:1], NOW)
        await memory.remember(s, stored.enrollment("E-7K2M9Q"), PEOPLE[:1], NOW - timedelta(days=1))
        found = await memory.lately(s, TEAM, stored.FLOW.id, PEOPLE, BEFORE)
    assert {PEOPLE[0]: memory.Past("E-5T8N2C", NOW)} == found


async def test_other_flows_are_told_with_who_asked_for_them(db: Database) -> None:
    """The largest share first; this flow's own enrollments and those whose row is gone are not among them."""
    third = stored.enrollment("E-4R9X1D", flow=Flow("3", "Renewal EMEA"))
    async with db.begin() as s:
        for one, people in ((OTHER, PEOPLE[:700]), (third, PEOPLE[:3]), (stored.enrollment(), PEOPLE[:5])):
            await enrollments.add(s, one)
            await memory.remember(s, one, people, NOW)
        await memory.remember(s, stored.enrollment("E-GONE00", flow=Flow("2", "Win back")), PEOPLE[:9], NOW)
        shares = await memory.elsewhere(s, TEAM, stored.FLOW.id, PEOPLE, BEFORE)
        told = await memory.told(s, shares, 10)
        assert {"E-5T8N2C": 700, "E-GONE00": 9, "E-4R9X1D": 3} == shares
        assert told == (
            Collision("E-5T8N2C", 700, "U0COLLEAGUE", "Win back", NOW),
            Collision("E-4R9X1D", 3, "U0REQUESTER", "Renewal EMEA", NOW),
        )
        assert told[:1] == await memory.told(s, shares, 1)


async def test_what_is_too_old_is_gone(db: Database) -> None:
    """Also from the file."""
    async with db.begin() as s:
        await memory.remember(s, stored.enrollment(), PEOPLE[:2], BEFORE)
        await memory.remember(s, OTHER, PEOPLE[:2], NOW)
        assert 2 == await memory.purge(s, NOW)
        assert {} == await memory.lately(s, TEAM, stored.FLOW.id, PEOPLE, BEFORE - timedelta(days=1))
        assert PEOPLE[:2] == sorted(await memory.lately(s, TEAM, OTHER.flow.id, PEOPLE, BEFORE))


async def test_a_team_has_one_salt_whoever_needs_it_first(db: Database) -> None:
    """Two at once make one, and everybody finds those whom the other remembers."""

    async def remembered(enrollment_id: str, place: int) -> None:
        async with db.begin() as s:
            await memory.remember(s, stored.enrollment(enrollment_id), PEOPLE[place : place + 1], NOW)

    await asyncio.gather(*(remembered(f"E-{place}", place) for place in range(5)))
    async with db.begin() as s:
        assert PEOPLE[:5] == sorted(await memory.lately(s, TEAM, stored.FLOW.id, PEOPLE, BEFORE))


async def test_the_file_has_no_ids(db: Database, tmp_path: Path) -> None:
    """Hashes of sixteen bytes, under a salt of thirty-two."""
    async with db.begin() as s:
        await memory.remember(s, stored.enrollment(), PEOPLE[:3], NOW)
    with closing(sqlite3.connect(tmp_path / "data" / "enroll-flow.db")) as file:
        hashes = [row[0] for row in file.execute("SELECT person FROM remembered")]
        salts = [row[0] for row in file.execute("SELECT salt FROM salts")]
    assert ([16, 16, 16], [32]) == ([len(one) for one in hashes], [len(one) for one in salts])
    assert not [one for one in PEOPLE[:3] if one.encode() in b"".join(hashes)]
