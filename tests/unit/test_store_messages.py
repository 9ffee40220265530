"""Messages: wanted once, sent until what was sent is what is wanted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.messages import EDITED, Message, MessageKind
from bot.store import messages
from bot.store.session import Database
from tests.unit import stored
from tests.unit.stored import NOW

LATER = NOW + timedelta(seconds=3)
LIVING = stored.message()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database in a file."""
    async with stored.opened(tmp_path) as opened:
        yield opened


async def sent(s: AsyncConnection, once: Message = LIVING, at: datetime = NOW) -> bool:
    """The message as it is now was sent."""
    before = await messages.by_cause(s, once.cause)
    assert before is not None
    return await messages.sent(s, before, ("C0REVOPS", "1.1"), at, LATER, standing="said")


@pytest.mark.parametrize("kind", sorted(EDITED))
async def test_a_message_that_is_edited_is_a_revision_on_when_it_is_wanted_again(
    db: Database, kind: MessageKind
) -> None:
    """One row and one place in Slack, however often it changes."""
    once = stored.message(kind)
    async with db.begin() as s:
        assert await messages.want(s, once)
        assert await sent(s, once)
        assert not await messages.want(s, replace(once, id="another", channel="C0OTHER", due_at=LATER))
        stands = replace(once, sent_revision=1, ts="1.1", posted_channel="C0REVOPS", sent_at=NOW, standing="said")
        assert replace(stands, wanted_revision=2, due_at=LATER) == await messages.by_cause(s, once.cause)
        assert await messages.get(s, "another") is None


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind not in EDITED])
async def test_any_other_message_is_wanted_once(db: Database, kind: MessageKind) -> None:
    """A repeated step mentions nobody twice."""
    once = stored.message(kind)
    async with db.begin() as s:
        assert await messages.want(s, once)
        await messages.sent(s, once, ("C0REVOPS", "1.1"), NOW, LATER)
        assert not await messages.want(s, replace(once, id="another", due_at=LATER))
        assert await messages.due(s, LATER, 10) == []


async def test_what_became_wanted_while_it_was_sent_is_due_again(db: Database) -> None:
    """Nothing is due once sent equals wanted; an older revision never overwrites a newer one."""
    async with db.begin() as s:
        await messages.want(s, LIVING)
        before = await messages.by_cause(s, LIVING.cause)
        assert before is not None
        await messages.want(s, LIVING)
        assert await messages.sent(s, before, ("C0REVOPS", "1.1"), NOW, LATER)
        assert await messages.due(s, NOW, 10) == []
        assert await messages.due(s, LATER, 10) == [LIVING.id]
        assert await sent(s, at=LATER)
        assert not await messages.sent(s, before, ("C0REVOPS", "0.9"), LATER, LATER)
        assert await messages.due(s, LATER, 10) == []


async def test_slack_s_wish_to_wait_is_kept(db: Database) -> None:
    """A change that comes meanwhile is wanted, but not sooner than Slack allows."""
    async with db.begin() as s:
        await messages.want(s, LIVING)
        assert await messages.failed(s, LIVING.id, LATER, "ratelimited", attempt=1)
        await messages.want(s, replace(LIVING, due_at=NOW))
        expected = replace(LIVING, wanted_revision=2, attempt=1, due_at=LATER, undelivered="ratelimited")
        assert expected == await messages.get(s, LIVING.id)
        await messages.failed(s, LIVING.id, None, "user_disabled", attempt=1)
        await messages.want(s, LIVING)
        assert await messages.due(s, NOW, 10) == [LIVING.id]


async def test_a_message_can_wait_for_another(db: Database) -> None:
    """Waiting is not failing."""
    async with db.begin() as s:
        await messages.want(s, LIVING)
        assert await messages.later(s, LIVING.id, LATER)
        assert replace(LIVING, due_at=LATER) == await messages.get(s, LIVING.id)


async def test_a_message_can_be_sent_elsewhere_from_its_beginning(db: Database) -> None:
    """What Slack would not take in a channel becomes a direct message."""
    async with db.begin() as s:
        await messages.want(s, LIVING)
        await sent(s)
        await messages.failed(s, LIVING.id, None, "is_archived", attempt=1)
        before = await messages.by_cause(s, LIVING.cause)
        assert before is not None
        assert await messages.redirect(s, before, "U0REQUESTER", LATER)
        expected = replace(LIVING, channel="U0REQUESTER", due_at=LATER, sent_at=NOW)
        assert expected == await messages.get(s, LIVING.id)
        assert not await messages.redirect(s, before, "U0REQUESTER", LATER), "somebody else has moved it already"
