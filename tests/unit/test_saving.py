"""What people type reaches the draft: one save at a time, nothing lost, the last value wins."""

import asyncio
from datetime import UTC, datetime

from bot.enrollment.model.drafts import Draft, DraftEdit, DraftStatus
from handlers.saving import DraftSaves

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
DRAFT = Draft("E-7K2M9Q", "T0SANDBOX", "U0REQUESTER", DraftStatus.OPEN, 0, NOW, NOW)


class Slowly:
    """A save that takes a turn of the loop, and remembers what it was given."""

    def __init__(self) -> None:
        self.kept: list[DraftEdit] = []
        self.at_once = 0
        self.most_at_once = 0

    async def __call__(self, draft_id: str, edit: DraftEdit) -> Draft:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01)
        self.kept.append(edit)
        self.at_once -= 1
        return DRAFT


async def test_a_burst_of_keys_is_saved_twice() -> None:
    """The first key at once, all that came meanwhile together."""
    save = Slowly()
    saves = DraftSaves(save)
    typed = [saves.keep("E-7K2M9Q", DraftEdit(sql="SELECT"[:size]), f"{size}.0") for size in range(1, 7)]
    await asyncio.gather(*typed)
    assert ["S", "SELECT"] == [edit.sql for edit in save.kept]
    assert 1 == save.most_at_once


async def test_the_last_value_wins_though_it_arrives_first() -> None:
    """Slack's own time of the action decides, not the network."""
    save = Slowly()
    saves = DraftSaves(save)
    await saves.keep("E-7K2M9Q", DraftEdit(sql="SELECT"), "2.0")
    await saves.keep("E-7K2M9Q", DraftEdit(sql="SEL"), "1.0")
    assert ["SELECT"] == [edit.sql for edit in save.kept]


async def test_different_fields_do_not_undo_each_other() -> None:
    """Values of several fields that wait are saved together."""
    save = Slowly()
    saves = DraftSaves(save)
    edits = [DraftEdit(sql="S"), DraftEdit(sql="SELECT 1"), DraftEdit(gong_id="g-1")]
    await asyncio.gather(*(saves.keep("E-7K2M9Q", edit, "1.0") for edit in edits))
    assert [DraftEdit(sql="S"), DraftEdit(sql="SELECT 1", gong_id="g-1")] == save.kept


async def test_two_drafts_do_not_wait_for_each_other() -> None:
    """Each draft has its own line."""
    save = Slowly()
    saves = DraftSaves(save)
    await asyncio.gather(saves.keep("E-1", DraftEdit(sql="a"), "1.0"), saves.keep("E-2", DraftEdit(sql="b"), "1.0"))
    assert 2 == save.most_at_once
