"""Drafts: nothing typed is lost, and nothing is typed into what has ended."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.enrollment.model.drafts import DraftEdit, DraftStatus, PostTo, Source
from bot.enrollment.model.flows import FieldMapping
from bot.errors import DraftExpired
from bot.store import drafts
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER, TEAM

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def test_a_draft_comes_back_as_it_was_kept(db: Database) -> None:
    """Every field survives, nested ones and absent ones too."""
    kept = stored.draft(
        sql="SELECT 'Zoë 🐘' -- 100%",
        source=Source.FILE,
        flow=stored.FLOW,
        mappings=(FieldMapping("owner", "Owner's e-mail", column="OWNER"), FieldMapping("x", "X", value="")),
        post_to=PostTo.CHANNEL,
        response_url="https://example.com/secret",
    )
    async with db.begin() as s:
        await drafts.add(s, kept)
    async with db.begin() as s:
        assert kept == await drafts.get(s, kept.id)
        assert await drafts.get(s, "E-0") is None


async def test_a_draft_survives_a_restart(db: Database, tmp_path: Path) -> None:
    """What one process kept, the next one reads."""
    async with db.begin() as s:
        await drafts.add(s, stored.draft())
    await db.close()
    again = Database(stored.url(tmp_path))
    async with again.begin() as s:
        assert stored.draft() == await drafts.get(s, "E-7K2M9Q")
    await again.close()


async def test_an_edit_changes_what_it_names_and_nothing_else(db: Database) -> None:
    """None leaves a value, an empty string clears it, and the revision grows."""
    async with db.begin() as s:
        await drafts.add(s, stored.draft(sql="SELECT 1", file_sql="SELECT 2", file_name="two.sql", flow=stored.FLOW))
        edited = await drafts.edit(s, "E-7K2M9Q", DraftEdit(sql="", source=Source.FILE), LATER)
    expected = stored.draft(
        sql="",
        source=Source.FILE,
        file_sql="SELECT 2",
        file_name="two.sql",
        flow=stored.FLOW,
        revision=1,
        updated_at=LATER,
    )
    assert expected == edited


@pytest.mark.parametrize(("status", "enrolled"), [(DraftStatus.CONFIRMED, True), (DraftStatus.REMOVED, False)])
async def test_a_draft_that_has_ended_is_not_edited(db: Database, status: DraftStatus, enrolled: bool) -> None:
    """The late key is refused with what became of the draft and when."""
    async with db.begin() as s:
        await drafts.add(s, stored.draft())
        assert await drafts.close(s, "E-7K2M9Q", status, LATER)
        assert not await drafts.close(s, "E-7K2M9Q", DraftStatus.REMOVED, NOW)
    with pytest.raises(DraftExpired) as refused:
        async with db.begin() as s:
            await drafts.edit(s, "E-7K2M9Q", DraftEdit(sql="SELECT 1"), LATER)
    assert (LATER, enrolled) == (refused.value.ended_at, refused.value.enrolled)
    async with db.begin() as s:
        assert stored.draft(status=status, updated_at=LATER) == await drafts.get(s, "E-7K2M9Q")
        assert not await drafts.set_check(s, "E-7K2M9Q", "check", 1)


async def test_a_draft_that_never_was_is_not_edited(db: Database) -> None:
    """Nothing is known about it, and that is said."""
    with pytest.raises(DraftExpired) as refused:
        async with db.begin() as s:
            await drafts.edit(s, "E-0", DraftEdit(sql="SELECT 1"), LATER)
    assert refused.value.ended_at is None


async def test_a_person_has_one_open_draft_per_workspace(db: Database) -> None:
    """The database refuses the second one, and knows other people, other workspaces and ended drafts apart."""
    async with db.begin() as s:
        await drafts.add(s, stored.draft("E-1"))
        await drafts.add(s, stored.draft("E-2", user_id="U0OTHER"))
        await drafts.add(s, stored.draft("E-3", team_id="T0OTHER"))
        await drafts.add(s, stored.draft("E-4", status=DraftStatus.CONFIRMED))
    async with db.begin() as s:
        assert not await drafts.add(s, stored.draft("E-5"))
        assert stored.draft("E-1") == await drafts.opened(s, stored.draft("E-5"))
    async with db.begin() as s:
        assert stored.draft("E-1") == await drafts.open_draft(s, TEAM, REQUESTER)
        await drafts.close(s, "E-1", DraftStatus.REMOVED, LATER)
        assert await drafts.open_draft(s, TEAM, REQUESTER) is None
        await drafts.add(s, stored.draft("E-5"))


async def test_the_newest_check_is_named(db: Database) -> None:
    """Naming a check is no edit: what was checked is still the draft's revision."""
    async with db.begin() as s:
        await drafts.add(s, stored.draft())
        assert await drafts.set_check(s, "E-7K2M9Q", "check", 3)
        assert replace(stored.draft(), check_id="check", tries=3) == await drafts.get(s, "E-7K2M9Q")


async def test_old_drafts_are_removed_with_what_was_typed(db: Database) -> None:
    """Only open ones that nobody touched since."""
    async with db.begin() as s:
        await drafts.add(s, stored.draft("E-OLD", sql="SELECT 1", file_sql="SELECT 2", file_name="a.sql"))
        await drafts.add(s, stored.draft("E-NEW", user_id="U0OTHER", sql="SELECT 1", updated_at=LATER))
        await drafts.add(s, stored.draft("E-DONE", sql="SELECT 1", status=DraftStatus.CONFIRMED))
        assert await drafts.expire(s, LATER, LATER + timedelta(days=30)) == 1
    removed = stored.draft("E-OLD", status=DraftStatus.REMOVED, updated_at=LATER + timedelta(days=30))
    async with db.begin() as s:
        assert removed == await drafts.get(s, "E-OLD")
        assert stored.draft("E-NEW", user_id="U0OTHER", sql="SELECT 1", updated_at=LATER) == await drafts.get(
            s, "E-NEW"
        )
        assert stored.draft("E-DONE", sql="SELECT 1", status=DraftStatus.CONFIRMED) == await drafts.get(s, "E-DONE")
