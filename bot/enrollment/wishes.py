"""What people want of an enrollment that is under way. Only `advance` moves it: a wish is written, and makes it due."""

from datetime import datetime

from bot.enrollment import attention, canaries, chores, rules, states
from bot.enrollment.chores import Nudge
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, State, Verdict
from bot.enrollment.model.people import Person
from bot.store import enrollments
from bot.store.session import Database


class Wishes:
    """To cancel, to look again, to let the rest go after a canary, and an operator's word on a run out of sight."""

    def __init__(self, db: Database, *, clock: Clock, nudge: Nudge) -> None:
        self._db = db
        self._clock = clock
        self._nudge = nudge

    async def cancel(self, enrollment_id: str, person: Person) -> Enrollment | None:
        """The enrollment, told to end if it was still open. Only `advance` moves it: this leaves the wish.

        Returns None when there is no such enrollment in this team; raises NotAllowed for anyone but its requester
        and operators.
        """
        now = self._clock()
        async with self._db.begin() as s:
            enrollment = await enrollments.current(s, enrollment_id)
            if enrollment is None or enrollment.team_id != person.team_id:
                return None
            rules.demand_mine(enrollment, person)
            if enrollment.cancel_asked_at is None:
                await enrollments.move(
                    s, enrollment_id, states.OPEN, canceled_by=person.user_id, cancel_asked_at=now, due_at=now
                )
        self._nudge(chores.ENROLLMENT, enrollment_id)
        return enrollment

    async def release(self, enrollment_id: str, person: Person) -> bool:
        """Those who waited for the canary may go; False when it waits for no such word, or has had one before.

        Whether they still may be enrolled is asked before anybody is. Raises NotAllowed for anyone but the requester
        and operators.
        """
        now = self._clock()
        word = {"released_by": person.user_id, "released_at": now}
        return await self._after_the_canary(enrollment_id, person, now, word)

    async def stop_here(self, enrollment_id: str, person: Person) -> bool:
        """Those who waited for the canary are never asked for; False when it does not wait any more.

        Raises NotAllowed as `release` does.
        """
        now = self._clock()
        word = {"canceled_by": person.user_id, "cancel_asked_at": now}
        return await self._after_the_canary(enrollment_id, person, now, word)

    async def _after_the_canary(
        self, enrollment_id: str, person: Person, now: datetime, word: dict[str, object]
    ) -> bool:
        async with self._db.begin() as s:
            enrollment = await enrollments.current(s, enrollment_id)
            if enrollment is None or enrollment.team_id != person.team_id:
                return False
            rules.demand_mine(enrollment, person)
            if not canaries.may_be_decided(enrollment, now):
                return False
            heard = await enrollments.move(s, enrollment_id, {State.CANARY}, due_at=now, **word)
        self._nudge(chores.ENROLLMENT, enrollment_id)
        return heard

    async def look_again(self, enrollment_id: str, person: Person) -> Enrollment | None:
        """An enrollment that needs attention is looked at again now; nothing is started."""
        now = self._clock()
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, enrollment_id)
            if enrollment is None or enrollment.team_id != person.team_id:
                return None
            rules.demand_mine(enrollment, person)
            await enrollments.move(s, enrollment_id, {State.NEEDS_ATTENTION}, due_at=now)
        self._nudge(chores.ENROLLMENT, enrollment_id)
        return enrollment

    async def judge(self, enrollment_id: str, person: Person, verdict: Verdict, question: str) -> bool:
        """An operator's word on the run is left for `advance`, which looks before it acts on it.

        False when this is not what is asked any more: `question` is the reference under which it was. Raises
        NotAllowed for anyone but operators.
        """
        rules.demand_operator(person)
        now = self._clock()
        async with self._db.begin() as s:
            enrollment = await enrollments.current(s, enrollment_id)
            if enrollment is None or enrollment.team_id != person.team_id:
                return False
            if not attention.is_asked(enrollment, question):
                return False
            word: dict[str, object] = {"verdict": verdict, "verdict_by": person.user_id}
            if attention.only_looked_for(enrollment, verdict):
                word = {}
            judged = await enrollments.move(s, enrollment_id, {State.NEEDS_ATTENTION}, due_at=now, **word)
        self._nudge(chores.ENROLLMENT, enrollment_id)
        return judged
