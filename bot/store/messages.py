"""Messages as they are wanted and as they were sent. Who posts them, and how they look, is not known here."""

from datetime import datetime

from sqlalchemy import and_, case, insert, null, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import Update

from bot.enrollment.model.messages import EDITED, Message, MessageKind
from bot.store import rows
from bot.store.tables import messages as table


async def want(s: AsyncSession, message: Message) -> bool:
    """The message is wanted; True when nothing of its cause was wanted before.

    Wanting a message that is edited again raises its revision and makes it due, unless it waits because Slack asked us
    to; any other message is wanted once.
    """
    if await by_cause(s, message.cause) is None:
        try:
            async with s.begin_nested():
                await s.execute(insert(table).values(rows.values(message)))
        except IntegrityError:  # Somebody wanted it in the same moment.
            pass
        else:
            return True
    waits = and_(table.c.attempt > 0, table.c.due_at.is_not(None))
    again = update(table).where(table.c.cause == message.cause, table.c.kind.in_(list(EDITED)))
    await s.execute(
        again.values(
            wanted_revision=table.c.wanted_revision + 1,
            due_at=case((waits, table.c.due_at), else_=message.due_at),
        )
    )
    return False


async def get(s: AsyncSession, message_id: str) -> Message | None:
    """The message with this id."""
    return await rows.one(s, rows.selected(table, Message).where(table.c.id == message_id), Message)


async def by_cause(s: AsyncSession, cause: str) -> Message | None:
    """The message that has this cause."""
    return await rows.one(s, rows.selected(table, Message).where(table.c.cause == cause), Message)


async def about(s: AsyncSession, subject_id: str, kind: MessageKind) -> list[Message]:
    """Every message of this kind about this subject: one for each of its readers."""
    statement = rows.selected(table, Message).where(table.c.subject_id == subject_id, table.c.kind == kind)
    return await rows.every(s, statement.order_by(table.c.cause), Message)


async def due(s: AsyncSession, now: datetime, limit: int) -> list[str]:
    """The ids of messages that want to be sent by now."""
    return await rows.due(s, table, now, limit)


async def due_at(s: AsyncSession, message_id: str) -> datetime | None:
    """When this message wants to be looked at next, if ever."""
    return await rows.due_at(s, table, message_id)


async def sent(  # noqa: PLR0917  # in the order in which they become known
    s: AsyncSession, message_id: str, revision: int, channel: str, ts: str, now: datetime, due_at: datetime
) -> bool:
    """This revision stands in Slack under this channel and ts; due again at `due_at` only if more is wanted by now."""
    more = table.c.wanted_revision > revision
    change = _of(message_id).where(table.c.sent_revision <= revision)
    return await _one(
        s,
        change.values(
            sent_revision=revision,
            posted_channel=channel,
            ts=ts,
            sent_at=now,
            due_at=case((more, due_at), else_=null()),
            attempt=0,
            undelivered="",
        ),
    )


async def later(s: AsyncSession, message_id: str, due_at: datetime) -> bool:
    """The message is looked at again then; nothing was tried."""
    return await _one(s, _of(message_id).values(due_at=due_at))


async def failed(s: AsyncSession, message_id: str, due_at: datetime | None, error: str) -> bool:
    """One more try went wrong with Slack's code; the next is at `due_at`, or never."""
    return await _one(s, _of(message_id).values(attempt=table.c.attempt + 1, due_at=due_at, undelivered=error))


async def redirect(s: AsyncSession, message_id: str, channel: str, due_at: datetime) -> bool:
    """The message goes to this channel instead, from its beginning; whatever it left elsewhere is let go."""
    return await _one(
        s,
        _of(message_id).values(
            channel=channel, ts="", posted_channel="", sent_revision=0, attempt=0, due_at=due_at, undelivered=""
        ),
    )


def _of(message_id: str) -> Update:
    return update(table).where(table.c.id == message_id)


async def _one(s: AsyncSession, statement: Update) -> bool:
    return await rows.changed(s, statement) == 1
