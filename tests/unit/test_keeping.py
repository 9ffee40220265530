"""Which messages a change of state asks for, written in the transaction that makes the change."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.enrollment.keeping import Keeping
from bot.enrollment.model.enrollments import State
from bot.store import enrollments, messages
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER

OPERATOR = "U0OPERATOR"


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
