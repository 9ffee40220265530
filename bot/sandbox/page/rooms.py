"""What one person sees of the workspace: their sidebar, a conversation, a thread. It changes nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from bot.sandbox.page.marks import Marks, notices, order
from bot.sandbox.slack.first_day import BOT, SLACKBOT
from bot.sandbox.slack.things import Channel, Message, Refused, User
from bot.sandbox.slack.world import SlackWorld

_TOGETHER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Room:
    """One line of the sidebar. `unread` makes it bold, `mentions` is its number; archived ones are not open."""

    id: str
    name: str
    kind: Literal["channel", "private", "dm"]
    unread: bool
    mentions: int
    is_open: bool
    is_shared: bool
    has_bot: bool


@dataclass(frozen=True, slots=True)
class Attached:
    """A file below a message; `size` in bytes."""

    id: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """One message as one person reads it.

    `day` is the date where they are, for what divides days; a continuation stands below the same author without a
    name. Of a message that is gone only its place is left, because replies hang on it. `reply_unread` are the replies
    that are new to them and count.
    """

    message: Message
    author: str
    at: datetime
    day: date
    is_mine: bool
    is_bot: bool
    is_edited: bool
    is_gone: bool
    is_unread: bool
    is_continuation: bool
    only_for_you: bool
    replies: int
    last_reply_at: datetime | None
    reply_unread: int
    files: tuple[Attached, ...]


def sidebar(world: SlackWorld, marks: Marks, user: str) -> list[Room]:
    """The channels that this person is in, by name and archived ones last, then their direct messages with the bot."""
    me = world.users[user]
    mine = [one for one in world.channels.values() if user in one.members and not one.is_im]
    rooms = [_room(world, marks, user, one) for one in sorted(mine, key=lambda one: (one.is_archived, one.name))]
    if me.deleted or me.is_bot:
        return rooms
    # The conversation is there before the bot or the person has written anything in it.
    direct = world.channels.get(me.direct_id) or Channel(me.direct_id, "", {user, BOT}, is_im=True)
    return [*rooms, _room(world, marks, user, direct)]


def conversation(
    world: SlackWorld, user: str, channel: str, zone: tzinfo, most: int = 200, *, marks: Marks | None = None
) -> list[Line]:
    """The newest messages outside threads, oldest first; without marks everything counts as read.

    Raises Refused where the person may not read.
    """
    here = _readable(world, user, channel)
    reader = _reader(world, user, channel, zone, marks)
    threads = _threads(here)
    shown = [one for one in here if not one.thread_ts and (not one.deleted or one.ts in threads)]
    return _lines(reader, shown[-most:], threads)


def thread(
    world: SlackWorld, user: str, channel: str, ts: str, zone: tzinfo = UTC, *, marks: Marks | None = None
) -> list[Line]:
    """The message with this ts, or the one that it replies to, and every reply below it.

    Raises Refused where the person may not read, and when there is no such message.
    """
    here = _readable(world, user, channel)
    named = next((one for one in here if one.ts == ts), None)
    parent = next((one for one in here if named and one.ts == (named.thread_ts or named.ts)), None)
    threads = _threads(here)
    if parent is None or (parent.deleted and parent.ts not in threads):
        raise Refused("message_not_found")
    replies = [one for one in here if one.thread_ts == parent.ts and not one.deleted]
    return _lines(_reader(world, user, channel, zone, marks), [parent, *replies], threads)


def may_read(world: SlackWorld, user: str, channel: str) -> bool:
    """Whether this person is in the conversation."""
    reader = world.users.get(user)
    if reader is None or reader.deleted or reader.is_bot:
        return False
    place = world.channels.get(channel)
    return user in place.members if place else channel == reader.direct_id


def may_download(world: SlackWorld, user: str, file_id: str) -> bool:
    """Whether the file was sent to a conversation of this person, or is their own."""
    found, reader = world.files.get(file_id), world.users.get(user)
    if found is None or reader is None or reader.deleted:
        return False
    return found.user == user or may_read(world, user, found.channel)


def find(world: SlackWorld, channel: str, ts: str) -> Message | None:
    """The message with this ts, with its dot or as it stands in a permalink: p1795435500000042."""
    digits = ts.removeprefix("p").replace(".", "")
    here = (one for one in world.messages if one.channel == channel and not one.deleted and not one.only_for)
    return next((one for one in here if one.ts.replace(".", "") == digits), None)


def moment(ts: str) -> datetime:
    """When a message with this ts was posted."""
    return datetime.fromtimestamp(order(ts)[0], UTC)


# -- how


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads, where they are, and what is new to them: each ts, and how many there are below each parent."""

    world: SlackWorld
    user: str
    zone: tzinfo
    new: frozenset[str]
    new_below: Mapping[str, int]


def _reader(world: SlackWorld, user: str, channel: str, zone: tzinfo, marks: Marks | None) -> _Reader:
    new = [one.message for one in notices(world, marks, user, channel)] if marks is not None else []
    return _Reader(
        world, user, zone, frozenset(one.ts for one in new), Counter(one.thread_ts for one in new if one.thread_ts)
    )


def _room(world: SlackWorld, marks: Marks, user: str, channel: Channel) -> Room:
    new = list(notices(world, marks, user, channel.id))
    private: Literal["private", "channel"] = "private" if channel.is_private else "channel"
    return Room(
        id=channel.id,
        name=world.users[BOT].real_name if channel.is_im else channel.name,
        kind="dm" if channel.is_im else private,
        unread=bool(new),
        mentions=sum(one.is_loud for one in new),
        is_open=not channel.is_archived,
        is_shared=channel.is_shared,
        has_bot=BOT in channel.members,
    )


def _readable(world: SlackWorld, user: str, channel: str) -> list[Message]:
    if not may_read(world, user, channel):
        raise Refused("channel_not_found")
    here = [one for one in world.messages if one.channel == channel and one.only_for in ("", user)]
    return sorted(here, key=lambda one: order(one.ts))


def _threads(here: Iterable[Message]) -> dict[str, list[Message]]:
    """The ts of a parent -> what everybody can read below it."""
    found: dict[str, list[Message]] = {}
    for one in here:
        if one.thread_ts and not one.only_for and not one.deleted:
            found.setdefault(one.thread_ts, []).append(one)
    return found


def _lines(reader: _Reader, shown: Iterable[Message], threads: Mapping[str, Sequence[Message]]) -> list[Line]:
    lines: list[Line] = []
    for one in shown:
        lines.append(_line(reader, one, threads.get(one.ts, ()), lines[-1] if lines else None))
    return lines


def _line(reader: _Reader, message: Message, replies: Sequence[Message], above: Line | None) -> Line:
    at = moment(message.ts)
    files = (reader.world.files[one] for one in message.files)
    return Line(
        message=message,
        author=_author(reader.world.users.get(message.user), message.user),
        at=at,
        day=at.astimezone(reader.zone).date(),
        is_mine=message.user == reader.user,
        is_bot=not message.by_person,
        # Slack says nothing of an app's edit of blocks.
        is_edited=message.edits > 0 and not message.blocks,
        is_gone=message.deleted,
        is_unread=message.ts in reader.new,
        is_continuation=above is not None and _continues(message, at, above, reader.zone),
        only_for_you=bool(message.only_for),
        replies=len(replies),
        last_reply_at=moment(replies[-1].ts) if replies else None,
        reply_unread=reader.new_below.get(message.ts, 0),
        files=tuple(Attached(one.id, one.name, len(one.content)) for one in files),
    )


def _author(user: User | None, user_id: str) -> str:
    if user is not None:
        return user.real_name
    return "Slackbot" if user_id == SLACKBOT else user_id


def _continues(message: Message, at: datetime, above: Line, zone: tzinfo) -> bool:
    before = above.message
    is_alike = (message.user, message.only_for, message.subtype) == (before.user, before.only_for, "")
    is_whole = not message.deleted and not before.deleted and not before.subtype
    return is_alike and is_whole and at - above.at <= _TOGETHER and at.astimezone(zone).date() == above.day
