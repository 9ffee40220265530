"""Which messages a change of state asks for, written in the transaction that makes the change."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.enrollment.keeping import Keeping
from bot.enrollment.model.enrollments import Outcome, Pause, PauseKind, State, Step, Tally, Trouble
from bot.store import enrollments, messages
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER

OPERATOR = "U0OPERATOR"
LATER = NOW + timedelta(minutes=2, microseconds=1)
CHANGES: Sequence[Mapping[str, Any]] = [
    {"step": Step.CREATE_SYNC, "model_id": "model", "model_field": "CONTACT_ID"},
    {"due_at": None, "asked": True, "asked_at": NOW},
    {"tally": Tally(total=3, enrolled=1, refused=1, gone=1, reasons=((Outcome.GONE, 1), (Outcome.COOL_OFF, 1)))},
    {"trouble": Trouble("retrying", "R-4D7XK2", until=LATER, limit=3), "failing_since": NOW, "failures": 2},
    {"state": State.ON_HOLD, "pause": Pause(PauseKind.QUIET_HOURS, since=NOW, until=LATER)},
    {"state": State.FAILED, "trouble": Trouble("run_failed"), "step": Step.RETIRE, "ended_at": LATER},
]


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def operators() -> tuple[str, ...]:
    """The one operator."""
    return (OPERATOR,)


@pytest.mark.parametrize(
    ("canceled_by", "after", "pinged"),
    [(REQUESTER, 59, False), (REQUESTER, 60, True), (OPERATOR, 0, True)],
    ids=["by themselves, just now", "by themselves, a minute ago", "by an operator"],
)
async def test_who_canceled_a_moment_ago_is_not_pinged(
    db: Database, canceled_by: str, after: int, pinged: bool
) -> None:
    """They know; anybody else's cancel is always told."""
    before = stored.enrollment(canceled_by=canceled_by, cancel_asked_at=NOW)
    async with db.begin() as s:
        await enrollments.add(s, before)
    keeping = Keeping(db, clock=lambda: NOW + timedelta(seconds=after), operators=operators, nudge=lambda *_: None)
    assert await keeping.keep(before, replace(before, state=State.CANCELED))
    async with db.begin() as s:
        ping = await messages.by_cause(s, f"ping:{before.id}:{State.CANCELED}")
    assert pinged == (ping is not None)


@pytest.mark.parametrize(
    "wish", [{}, {"canceled_by": OPERATOR, "cancel_asked_at": LATER}], ids=["alone", "a wish came"]
)
@pytest.mark.parametrize("changes", CHANGES, ids=", ".join)
async def test_what_keep_returns_is_what_was_kept(
    db: Database, changes: Mapping[str, Any], wish: Mapping[str, Any]
) -> None:
    """Whoever brings it on goes on from there without reading the row again, wishes that came meanwhile included."""
    before = stored.enrollment()
    async with db.begin() as s:
        await enrollments.add(s, before)
        if wish:
            await enrollments.move(s, before.id, {before.state}, **wish)
    keeping = Keeping(db, clock=lambda: LATER, operators=operators, nudge=lambda *_: None)
    kept = await keeping.keep(before, replace(before, **changes))
    async with db.begin() as s:
        assert kept == await enrollments.get(s, before.id)
    assert kept is not None
    assert (kept.version, kept.canceled_by) == (before.version + 1, wish.get("canceled_by", ""))


async def test_nothing_is_kept_after_somebody_else_was_faster(db: Database) -> None:
    """Neither what was found out nor a message about it."""
    before = stored.enrollment()
    async with db.begin() as s:
        await enrollments.add(s, before)
        await enrollments.keep(s, before, sync_id="of another process")
    nudged: list[str] = []
    keeping = Keeping(db, clock=lambda: LATER, operators=operators, nudge=lambda _, row_id: nudged.append(row_id))
    assert await keeping.keep(before, replace(before, state=State.FAILED, trouble=Trouble("run_failed"))) is None
    async with db.begin() as s:
        now = await enrollments.get(s, before.id)
        assert await messages.by_cause(s, f"ping:{before.id}:{State.FAILED}") is None
    assert now is not None
    assert ("of another process", State.LAUNCHING, []) == (now.sync_id, now.state, nudged)
