"""A workspace for what people see of it: a clock that a test moves, marks, and short ways to write."""

from datetime import UTC, datetime, timedelta

from bot.sandbox.page import rooms
from bot.sandbox.page.marks import Marks
from bot.sandbox.slack.things import Message
from bot.sandbox.slack.world import SlackWorld

RINA, COLE, GUS, OTTO = "U0REQUESTER", "U0COLLEAGUE", "U0GUEST", "U0OUTSIDER"
REVOPS = "C0REVOPS"


class Stage:
    """The world, its marks and its clock, which starts at 22:58 in Berlin."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 21, 58, tzinfo=UTC)
        self.world = SlackWorld(clock=lambda: self.now)
        self.marks = Marks()

    def on(self, **by: float) -> None:
        """The clock has moved."""
        self.now += timedelta(**by)

    def bot(self, text: str, channel: str = REVOPS, thread: str = "") -> Message:
        """The bot posts."""
        return self.world.post(channel, text, [], thread_ts=thread)

    def cole(self, text: str, channel: str = REVOPS, thread: str = "") -> Message:
        """Cole writes."""
        return self.world.say(COLE, channel, text, thread)

    def rina(self, text: str, channel: str = REVOPS, thread: str = "") -> Message:
        """Rina writes."""
        return self.world.say(RINA, channel, text, thread)

    def mark(self, user: str = RINA, channel: str = REVOPS) -> tuple[bool, int]:
        """Bold or not, and the number, as they stand in this person's sidebar."""
        found = next(one for one in rooms.sidebar(self.world, self.marks, user) if one.id == channel)
        return found.unread, found.mentions
