"""Whether the same query went into the same flow a short while ago, whoever asked for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.enrollment import fingerprints, query
from bot.enrollment.limits import Limits
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.policies import Policy
from bot.store import enrollments
from bot.store.session import Database


@dataclass(frozen=True, slots=True)
class Repeat:
    """The enrollment that the draft would repeat, and until when its people are left out: `days` after it."""

    enrollment: Enrollment
    until: datetime
    days: int


class Repeats:
    """Looks for what a draft would repeat."""

    def __init__(self, db: Database, *, clock: Clock, limits: Limits, policy: Policy) -> None:
        self._db = db
        self._clock = clock
        self._limits = limits
        self._policy = policy

    async def of(self, draft: Draft) -> Repeat | None:
        """The latest enrollment within the cool-off that this draft would repeat; None when there is none.

        One that ended with nobody enrolled, or has asked for nobody yet, went into no flow. Raises QueryRefused.
        """
        days = self._policy.cool_off_days
        if not days or draft.flow is None:
            return None
        guarded = query.guard(draft.query, max_bytes=self._limits.query_bytes)
        now = self._clock()
        cool_off = timedelta(days=days)
        async with self._db.begin() as s:
            hashed = fingerprints.of_query(guarded.normalized)
            found = await enrollments.started_with(s, draft.team_id, hashed, now - cool_off)
        same = (one for one in found if one.flow.id == draft.flow.id and (one.ended_at is None or one.tally.enrolled))
        latest = next(same, None)
        return None if latest is None else Repeat(latest, (latest.ended_at or now) + cool_off, days)
