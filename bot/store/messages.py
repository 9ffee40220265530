"""Messages as they are wanted and as they were sent. Who posts them, and how they look, is not known here."""

from datetime import datetime

from sqlalchemy import and_, case, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Update

from bot.enrollment.model.messages import EDITED, Message, MessageKind
from bot.store import rows
from bot.store.tables import messages as table


async def want(s: AsyncConnection, message: Message) -> bool:
    """The message is wanted; True when nothing of its cause was wanted before.

    Wanting a message that is edited again raises its revision and makes it due, unless it waits because Slack asked us
    to; any other message is wanted once.
    """
    # Asked of the database alone: a row that cannot be read any more keeps nobody from wanting it.
    known = (await s.execute(select(table.c.id).where(table.c.cause == message.cause))).scalar()
    if known is None and await rows.added(s, table, rows.values(message)):
        return True
    waits = and_(table.c.undelivered != "", table.c.due_at.is_not(None))
    again = update(table).where(table.c.cause == message.cause, table.c.kind.in_(list(EDITED)))
    await s.execute(
        again.values(
            wanted_revision=table.c.wanted_revision + 1,
            due_at=case((waits, table.c.due_at), else_=message.due_at),
        )
    )
    return False


async def get(s: AsyncConnection, message_id: str) -> Message | None:
    """The message with this id."""
    return await rows.one(s, rows.selected(table, Message).where(table.c.id == message_id), Message)


async def by_cause(s: AsyncConnection, cause: str) -> Message | None:
    """The message that has this cause."""
    return await rows.one(s, rows.selected(table, Message).where(table.c.cause == cause), Message)


async def about(s: AsyncConnection, subject_id: str, kind: MessageKind) -> list[Message]:
    """Every message of this kind about this subject: one for each of its readers."""
    statement = rows.selected(table, Message).where(table.c.subject_id == subject_id, table.c.kind == kind)
    return await rows.every(s, statement.order_by(table.c.cause), Message)


async def due(s: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """The ids of messages that want to be sent by now."""
    return await rows.due(s, table, now, limit)


async def sent(
    s: AsyncConnection, before: Message, stands: tuple[str, str], now: datetime, due_at: datetime, *, standing: str = ""
) -> bool:
    """The revision that `before` wanted stands in Slack under this channel and ts, saying `standing`.

    Due again at `due_at` only if more is wanted by now. False, and nothing is changed, when somebody has sent or
    moved the message since `before` was read.
    """
    more = table.c.wanted_revision > before.wanted_revision
    return await _one(
        s,
        _as_read(before).values(
            sent_revision=before.wanted_revision,
            posted_channel=stands[0],
            ts=stands[1],
            sent_at=now,
            standing=standing,
            due_at=case((more, due_at), else_=null()),
            attempt=0,
            undelivered="",
        ),
    )


async def unsure(s: AsyncConnection, message_id: str, due_at: datetime) -> bool:
    """Two have written at Slack in the same moment, so nobody knows what stands there: it is written once more."""
    return await _one(s, _of(message_id).values(standing="", due_at=due_at))


async def later(s: AsyncConnection, message_id: str, due_at: datetime) -> bool:
    """The message is looked at again then; nothing was tried."""
    return await _one(s, _of(message_id).values(due_at=due_at))


async def failed(s: AsyncConnection, message_id: str, due_at: datetime | None, error: str, *, attempt: int) -> bool:
    """A try went wrong with Slack's code, the `attempt`th of its sort in a row; the next is at `due_at`, or never."""
    return await _one(s, _of(message_id).values(attempt=attempt, due_at=due_at, undelivered=error))


async def redirect(s: AsyncConnection, before: Message, channel: str, due_at: datetime) -> bool:
    """The message goes to this channel instead, from its beginning; whatever it left elsewhere is let go.

    False, and nothing is changed, when somebody has sent or moved it since `before` was read.
    """
    return await _one(
        s,
        _as_read(before).values(
            channel=channel,
            ts="",
            posted_channel="",
            sent_revision=0,
            attempt=0,
            due_at=due_at,
            undelivered="",
            standing="",
        ),
    )


def _of(message_id: str) -> Update:
    return update(table).where(table.c.id == message_id)


def _as_read(before: Message) -> Update:
    same = [table.c[name] == getattr(before, name) for name in ("channel", "ts", "sent_revision", "standing")]
    return _of(before.id).where(*same)


async def _one(s: AsyncConnection, statement: Update) -> bool:
    return await rows.changed(s, statement) == 1
