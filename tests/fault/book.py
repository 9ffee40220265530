"""What Slack shows of enrollments: their living messages, whether they ended, and what was told twice."""

import re
from collections import Counter
from collections.abc import Collection, Iterator

from bot.sandbox.slack import reading
from bot.sandbox.slack.first_day import BOT
from bot.sandbox.slack.things import Message
from bot.sandbox.slack.world import SlackWorld

_ID = re.compile(r"E-[0-9A-Z]{6}")
_ENDS = ("Enrolled ·", "Partly enrolled ·", "Failed ·", "Canceled ·", "Expired ·")


class Book:
    """The messages of one workspace, read once each, but for those that are edited."""

    def __init__(self, world: SlackWorld) -> None:
        self._world = world
        self._read = 0
        self._living: dict[str, list[Message]] = {}
        self._ended: set[str] = set()

    def living(self, enrollment_id: str) -> list[Message]:
        """The living message, and every copy of it."""
        for message in self._world.messages[self._read :]:
            found = _ID.search(words(message))
            if found and _is_living(message):
                self._living.setdefault(found[0], []).append(message)
        self._read = len(self._world.messages)
        return self._living.get(enrollment_id, [])

    def shown(self, ids: Collection[str]) -> str:
        """The first of these enrollments that has a living message; empty when none has."""
        return next((one for one in ids if self.living(one)), "")

    def says(self, enrollment_id: str) -> str:
        """The words of the living message, all copies together."""
        return "\n".join(words(message) for message in self.living(enrollment_id))

    def ended(self, enrollment_id: str) -> bool:
        """True once the living message, or a copy, shows an end state; the end state never changes again."""
        if enrollment_id not in self._ended and any(end in self.says(enrollment_id) for end in _ENDS):
            self._ended.add(enrollment_id)
        return enrollment_id in self._ended

    def open_among(self, ids: Collection[str]) -> list[str]:
        """Those of these enrollments that show no end."""
        return [one for one in ids if not self.ended(one)]

    def doubled(self) -> int:
        """How many messages were one too many: copies of living messages, and whatever else was told twice."""
        self.shown(("",))
        copies = sum(len(found) - 1 for found in self._living.values())
        of = {message.ts: key for key, found in self._living.items() for message in found}
        told = Counter((of.get(one.thread_ts, one.channel), words(one)) for one in self._others())
        return copies + sum(count - 1 for count in told.values())

    def _others(self) -> Iterator[Message]:
        listed = (one for one in self._world.messages if one.user == BOT and not one.only_for and not one.deleted)
        return (one for one in listed if not _is_living(one))


def words(message: Message) -> str:
    """What a reader sees of a message."""
    return reading.message(message.text, message.blocks)


def _is_living(message: Message) -> bool:
    """True for what stands in a channel by itself: only living messages do."""
    return message.channel.startswith("C") and not message.thread_ts and not message.only_for
