"""A request that waits for somebody's word, one look at a time, over the words that stand in the store."""

from bot.enrollment import approval_rules, names
from bot.enrollment.approval_rules import Quiet
from bot.enrollment.model.approvals import Word
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, Trouble
from bot.store import approvals
from bot.store.session import Database


class Deciding:
    """Reads what was said; what comes of it is in `approval_rules`."""

    def __init__(self, db: Database, *, clock: Clock, quiet: Quiet) -> None:
        self._db = db
        self._clock = clock
        self._quiet = quiet

    async def look(self, enrollment: Enrollment) -> Enrollment:
        """The enrollment as words and clock have it now: going on, at its end, or parked until something is due."""
        return approval_rules.looked(enrollment, await self._words(enrollment), self._clock(), self._quiet)

    async def voided(self, enrollment: Enrollment) -> Trouble | None:
        """Why nobody of this enrollment may be asked for, whatever its state says; None when enough words stand."""
        if enrollment.terms is None or approval_rules.enough(enrollment, await self._words(enrollment)):
            return None
        return Trouble(approval_rules.VOIDED, names.reference())

    async def _words(self, enrollment: Enrollment) -> list[Word]:
        async with self._db.begin() as s:
            return await approvals.words(s, enrollment.id)
