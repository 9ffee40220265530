"""What is asked once more before anybody is asked for at Polytomic: may this enrollment still go on?

An enrollment may have waited for days, and rights change. What has begun is followed to its end, whatever changed.
"""

from bot.enrollment import frozen, names, states
from bot.enrollment.deciding import Deciding
from bot.enrollment.model.enrollments import Enrollment, State, Step, Trouble
from bot.enrollment.model.people import Rights, Standing
from bot.enrollment.setbacks import RIGHTS_UNKNOWN, Setbacks
from bot.store.session import Database

_MOVING = frozenset({State.LAUNCHING, State.RUNNING})
_ASKS = frozenset({Step.CREATE_MODEL, Step.START_RUN})


class Gate:
    """Looked at before the row is marked as asking: who may not go on has asked for nothing."""

    def __init__(self, db: Database, rights: Rights, setbacks: Setbacks, deciding: Deciding) -> None:
        self._db = db
        self._rights = rights
        self._setbacks = setbacks
        self._deciding = deciding

    async def held_back(self, enrollment: Enrollment) -> Enrollment | None:
        """What becomes of an enrollment that may not ask for people now; None when it may, or when it asks for none."""
        if enrollment.state not in _MOVING or enrollment.step not in _ASKS:
            return None
        if canceled_before_a_run(enrollment) or _under_way(enrollment):
            return None
        unsaid = await self._deciding.voided(enrollment)
        if unsaid is not None:
            return self._setbacks.end(enrollment, State.FAILED, unsaid)
        return await self.barred(enrollment) or await self._voided(enrollment)

    async def barred(self, enrollment: Enrollment) -> Enrollment | None:
        """What becomes of an enrollment whose requester may not enroll now; None while they may."""
        person = await self._rights(enrollment.team_id, enrollment.requester_id)
        if person.may_enroll:
            return None
        if person.standing is Standing.UNKNOWN:
            return self._setbacks.rights_unknown(enrollment)
        return self._setbacks.end(enrollment, State.FAILED, Trouble("rights_lost", names.reference()))

    async def _voided(self, enrollment: Enrollment) -> Enrollment | None:
        """What becomes of an enrollment whose rows are not those that were confirmed; None when they are."""
        async with self._db.begin() as s:
            if await frozen.as_confirmed(s, enrollment):
                return None
        return self._setbacks.end(enrollment, State.FAILED, Trouble("voided", names.reference()))


def canceled_before_a_run(enrollment: Enrollment) -> bool:
    """True when nobody of the next batch can have been asked for yet, so that ending is only a matter of saying so."""
    if enrollment.cancel_asked_at is None or enrollment.state in states.ENDED:
        return False
    if enrollment.state in {State.AWAITING_GONG, State.CANARY}:
        return True  # Whatever was asked for was refused; after a canary nobody was asked for.
    if enrollment.step is Step.START_RUN:
        return not enrollment.asked
    return enrollment.step in {Step.CREATE_MODEL, Step.CREATE_SYNC}


def _under_way(enrollment: Enrollment) -> bool:
    """True when a run of the next batch may have begun: it is followed, whatever its requester may do by now."""
    if enrollment.step is not Step.START_RUN or not enrollment.asked:
        return False
    trouble = enrollment.trouble
    refused = enrollment.held_for is not None or (trouble is not None and trouble.kind == RIGHTS_UNKNOWN)
    return not refused or (trouble is not None and trouble.unanswered is not None)
