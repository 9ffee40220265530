"""What is remembered of the people of a check: who was enrolled into its flow lately, and who into others."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.enrollment.model.checks import COLLISION_DAYS, Check, Collision
from bot.enrollment.model.clock import Clock
from bot.store import memory
from bot.store.session import Database

_ELSEWHERE = timedelta(days=COLLISION_DAYS)
_SHOWN = 10
# Looking up so many takes some 50 ms: the only connection of a SQLite file is free for others in between.
_AT_ONCE = 5_000


class Remembering:
    """Look-ups by canonical id; ids that were never enrolled leave no trace by being looked up."""

    def __init__(self, db: Database, *, clock: Clock, cool_off_days: int) -> None:
        self._db = db
        self._clock = clock
        self._cool_off = timedelta(days=cool_off_days)

    async def lately(self, check: Check, people: Sequence[str]) -> dict[str, str]:
        """Who of these people was enrolled into the check's flow within the cool-off: when, and by what."""
        found: dict[str, str] = {}
        if not self._cool_off:
            return found
        since = self._clock() - self._cool_off
        for piece in _pieces(people):
            async with self._db.begin() as s:
                past = await memory.lately(s, check.team_id, check.flow.id, piece, since)
            words = {one: f"enrolled {one.at:%Y-%m-%d} by {one.enrollment_id}" for one in set(past.values())}
            found |= {person: words[one] for person, one in past.items()}
        return found

    async def elsewhere(self, check: Check, people: Sequence[str]) -> tuple[Collision, ...]:
        """The enrollments that had the most of these people in other flows lately."""
        since = self._clock() - _ELSEWHERE
        shares: Counter[str] = Counter()
        for piece in _pieces(people):
            async with self._db.begin() as s:
                shares += await memory.elsewhere(s, check.team_id, check.flow.id, piece, since)
        async with self._db.begin() as s:
            return await memory.told(s, shares, _SHOWN)


def _pieces(people: Sequence[str]) -> Iterator[Sequence[str]]:
    return (people[start : start + _AT_ONCE] for start in range(0, len(people), _AT_ONCE))
