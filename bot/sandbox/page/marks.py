"""What each person has read, and which of the newer messages count for them, by Slack's rules of notification."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.slack.things import Message
from bot.sandbox.slack.world import SlackWorld

_BROADCASTS = frozenset({"here", "channel", "everyone"})


def order(ts: str) -> tuple[int, int]:
    """Where a ts stands among others: the seconds, then the counter, as numbers."""
    seconds, _, counter = ts.partition(".")
    return int(seconds), int(counter or 0)


class Marks:
    """For each person the newest ts that they have seen, in every conversation and in every thread by itself."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], tuple[int, int]] = {}

    def seen(self, user: str, channel: str, ts: str, *, thread: str = "") -> None:
        """Everything up to this ts is read by them; `thread` is its parent's ts. A mark never goes back."""
        key = (user, channel, thread)
        self._seen[key] = max(order(ts), self._newest(key))

    def covers(self, user: str, message: Message) -> bool:
        """Whether this person's mark has reached the message."""
        return order(message.ts) <= self._newest((user, message.channel, message.thread_ts))

    def _newest(self, key: tuple[str, str, str]) -> tuple[int, int]:
        return self._seen.get(key, (0, 0))


@dataclass(frozen=True, slots=True)
class Notice:
    """A message that is new to somebody; `is_loud` puts it into the number, else the name is only bold."""

    message: Message
    is_loud: bool


def notices(world: SlackWorld, marks: Marks, user: str, channel: str) -> Iterator[Notice]:
    """What is new to this person in the conversation, oldest first.

    Their own messages, those for one person alone, deleted ones and lines that nobody wrote count never; replies only
    in threads where the person wrote or was named before, or that name them. In direct messages everything is loud.
    """
    place = world.channels.get(channel)
    groups = {group for group, members in world.groups.items() if user in members}
    followed: set[str] = set()
    for one in _counted(world, channel):
        thread = one.thread_ts or one.ts
        follows, is_named = thread in followed, not one.mentions.isdisjoint({user, *groups})
        if one.user == user or is_named:
            followed.add(thread)
        is_called = not one.mentions.isdisjoint(_BROADCASTS) and (follows or not one.thread_ts)
        is_loud = is_named or is_called or (place is not None and place.is_im)
        if one.user != user and not marks.covers(user, one) and (is_loud or follows or not one.thread_ts):
            yield Notice(one, is_loud)


def _counted(world: SlackWorld, channel: str) -> list[Message]:
    here = (one for one in world.messages if one.channel == channel)
    return sorted(
        (one for one in here if not (one.deleted or one.only_for or one.subtype)), key=lambda one: order(one.ts)
    )
