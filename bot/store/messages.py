"""Messages as they are wanted and as they were sent. Who posts them, and how they look, is not known here."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import Update

from bot.enrollment.model.messages import EDITED, Message, MessageKind
from bot.store import rows
from bot.store.tables import messages as table

_SAME = ("id", "channel", "ts", "sent_revision", "standing")


async def want(s: AsyncConnection, message: Message) -> bool:
    """The message is wanted, like those of `want_all`; True when nothing of its cause was wanted before."""
    return bool(await want_all(s, [message]))


async def want_all(s: AsyncConnection, asked: Sequence[Message]) -> list[Message]:
    """These messages are wanted; those are returned of whose causes nothing was wanted before.

    Wanting a message that is edited again raises its revision and makes it due, unless it waits because Slack asked us
    to; any other message is wanted once.
    """
    # Asked of the database alone: a row that cannot be read any more keeps nobody from wanting it.
    known: set[str] = set()
    for causes in rows.chunks([message.cause for message in asked]):
        known.update((await s.execute(_known(), {"causes": causes})).scalars())
    fresh: list[Message] = []
    for message in asked:
        if message.cause not in known and await rows.added(s, table, rows.values(message)):
            fresh.append(message)
        else:
            await s.execute(_again(), {"of_cause": message.cause, "again": message.due_at})
    return fresh


@cache
def _known() -> Select[Any]:
    return select(table.c.cause).where(table.c.cause.in_(bindparam("causes", expanding=True)))


@cache
def _again() -> Update:
    waits = and_(table.c.undelivered != "", table.c.due_at.is_not(None))
    of_cause = update(table).where(table.c.cause == bindparam("of_cause"), table.c.kind.in_(list(EDITED)))
    return of_cause.values(
        wanted_revision=table.c.wanted_revision + 1,
        due_at=case((waits, table.c.due_at), else_=bindparam("again", type_=table.c.due_at.type)),
    )


async def get(s: AsyncConnection, message_id: str) -> Message | None:
    """The message with this id."""
    return await rows.one_by(s, table, "id", message_id, Message)


async def by_cause(s: AsyncConnection, cause: str) -> Message | None:
    """The message that has this cause."""
    return await rows.one_by(s, table, "cause", cause, Message)


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
    channel, ts = stands
    changes = {"sent_revision": before.wanted_revision, "posted_channel": channel, "ts": ts, "sent_at": now}
    changes |= {"standing": standing, "attempt": 0, "undelivered": ""}
    more = {"of_wanted": before.wanted_revision, "again": due_at}
    return await rows.changed(s, _sent(), **_read(before), **more, **changes) == 1


async def unsure(s: AsyncConnection, message_id: str, due_at: datetime) -> bool:
    """Two have written at Slack in the same moment, so nobody knows what stands there: it is written once more."""
    return await _change(s, message_id, standing="", due_at=due_at)


async def later(s: AsyncConnection, message_id: str, due_at: datetime) -> bool:
    """The message is looked at again then; nothing was tried."""
    return await _change(s, message_id, due_at=due_at)


async def failed(s: AsyncConnection, message_id: str, due_at: datetime | None, error: str, *, attempt: int) -> bool:
    """A try went wrong with Slack's code, the `attempt`th of its sort in a row; the next is at `due_at`, or never."""
    return await _change(s, message_id, attempt=attempt, due_at=due_at, undelivered=error)


async def redirect(s: AsyncConnection, before: Message, channel: str, due_at: datetime) -> bool:
    """The message goes to this channel instead, from its beginning; whatever it left elsewhere is let go.

    False, and nothing is changed, when somebody has sent or moved it since `before` was read.
    """
    anew = {"ts": "", "posted_channel": "", "sent_revision": 0, "attempt": 0, "undelivered": "", "standing": ""}
    as_read = rows.as_read(table, *_SAME)
    return await rows.changed(s, as_read, **_read(before), **anew, channel=channel, due_at=due_at) == 1


async def _change(s: AsyncConnection, message_id: str, **changes: Any) -> bool:
    return await rows.changed(s, rows.as_read(table, "id"), of_id=message_id, **changes) == 1


@cache
def _sent() -> Update:
    more = table.c.wanted_revision > bindparam("of_wanted")
    again = bindparam("again", type_=table.c.due_at.type)
    return rows.as_read(table, *_SAME).values(due_at=case((more, again), else_=null()))


def _read(before: Message) -> dict[str, Any]:
    """What has to stand in the row still."""
    return {f"of_{name}": getattr(before, name) for name in _SAME}
