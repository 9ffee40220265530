"""The clock behind the curtain: the whole world and the bot's process go by it, and it only ever moves on."""

import functools
from datetime import timedelta

from bot.sandbox.behind import given as read
from bot.sandbox.behind.sections import Given, Section, counted, offer, stamp
from bot.sandbox.clock import MovableClock
from bot.sandbox.keeper import Keeper
from bot.sandbox.page.scene import Field

_STEPS = (
    ("clock-minute", timedelta(minutes=1)),
    ("clock-hour", timedelta(hours=1)),
    ("clock-half-day", timedelta(hours=12)),
    ("clock-day", timedelta(days=1)),
)
_MOST_MINUTES = 366 * 24 * 60


class ClockPart:
    """The section of the clock."""

    def __init__(self, clock: MovableClock, keeper: Keeper) -> None:
        self._clock = clock
        self._keeper = keeper

    def section(self) -> Section:
        """What it shows and offers now."""
        steps = [offer(deed_id, f"+{_told(step)}", functools.partial(self._move, step)) for deed_id, step in _STEPS]
        minutes = Field("minutes", "Minutes", "30")
        return Section("clock", "The clock", self._words(), (*steps, offer("clock-by", "Move on", self._by, minutes)))

    def _words(self) -> str:
        ahead = self._clock.ahead
        than = f"{_told(ahead)} ahead of this machine" if ahead else "as on this machine"
        return f"It is {stamp(self._clock())}, {than}. Slack, Polytomic, Gong and the bot all go by it."

    async def _by(self, given: Given) -> str:
        minutes = read.number(given, "minutes", least=1 / 60, most=_MOST_MINUTES)
        return await self._move(timedelta(minutes=minutes), given)

    async def _move(self, step: timedelta, _: Given) -> str:
        self._clock.on(seconds=step.total_seconds())
        await self._keeper.set_ahead(self._clock.ahead)
        return f"The clock has moved on by {_told(step)}."


def _told(time: timedelta) -> str:
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return " ".join(counted(number, noun) for number, noun in parts if number) or "0 seconds"
