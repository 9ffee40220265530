"""Consents: one is pending per organization and service, and everybody who waits is known."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.enrollment.model.connections import ConsentState, Service
from bot.store import consents
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER, TEAM


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def test_one_consent_is_pending_until_it_ends(db: Database) -> None:
    """The database refuses a second one meanwhile, and lets a new one be asked for afterwards."""
    waiting = stored.consent(state=ConsentState.WAITING, url="https://gong.example/authorize")
    async with db.begin() as s:
        await consents.add(s, stored.consent())
        await consents.add(s, stored.consent("snowflake", service=Service.SNOWFLAKE))
        assert await consents.save(s, waiting)
        assert waiting == await consents.pending(s, TEAM, Service.GONG)
    async with db.begin() as s:
        assert not await consents.add(s, stored.consent("second"))
        assert waiting == await consents.opened(s, stored.consent("second"))
    ended = stored.consent(state=ConsentState.CONNECTED, due_at=None)
    async with db.begin() as s:
        assert await consents.save(s, ended)
        assert ended == await consents.get(s, "consent")
        assert await consents.pending(s, TEAM, Service.GONG) is None
        assert await consents.pending(s, "T0OTHER", Service.SNOWFLAKE) is None
        await consents.add(s, stored.consent("second"))
        assert not await consents.save(s, stored.consent("never added", state=ConsentState.EXPIRED))


async def test_consents_are_due_by_their_time(db: Database) -> None:
    """As everything that waits."""
    async with db.begin() as s:
        await consents.add(s, stored.consent())
        assert await consents.due(s, NOW - timedelta(seconds=1), 10) == []
        assert await consents.due(s, NOW, 10) == ["consent"]


async def test_who_waits_is_told_about_their_latest_draft(db: Database) -> None:
    """Asking twice is waiting once."""
    async with db.begin() as s:
        await consents.add(s, stored.consent())
        asked = stored.consent(user_id="U0GIVER")
        assert await consents.askers(s, asked) == []
        await consents.add_asker(s, "consent", TEAM, REQUESTER, "E-1")
        await consents.add_asker(s, "consent", TEAM, "U0OTHER", "E-2")
        await consents.add_asker(s, "consent", TEAM, REQUESTER, "E-3")
        await consents.add_asker(s, "consent", TEAM, "U0GIVER", "E-4")
        assert await consents.askers(s, asked) == [("U0OTHER", "E-2"), (REQUESTER, "E-3")]
