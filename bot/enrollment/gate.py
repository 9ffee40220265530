"""What is asked once more before people are asked for at Polytomic: may this enrollment go on, and may it now?

An enrollment may have waited for days; rights, rules and the hour change, and an operator may have stopped everything.
What has begun is followed to its end, whatever changed; only a stop tells it to end.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.enrollment import names, pausing, states
from bot.enrollment.deciding import Deciding
from bot.enrollment.frozen import Frozen
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, State, Step, Trouble
from bot.enrollment.model.people import Rights, Standing
from bot.enrollment.model.policies import Choice, Judgement
from bot.enrollment.model.stops import Stop
from bot.enrollment.policing import Policing
from bot.enrollment.setbacks import RIGHTS_UNKNOWN, Setbacks
from bot.store import checks, stops
from bot.store.session import Database

_MOVING = frozenset({State.LAUNCHING, State.RUNNING})
_ASKS = frozenset({Step.CREATE_MODEL, Step.START_RUN})

Named = Callable[[Sequence[str]], Awaitable[tuple[tuple[str, str], ...]]]
"""Ids of connections -> (id, name) of those that are known."""


class Gate:
    """Looked at before the row is marked as asking: who may not go on has asked for nothing."""

    def __init__(
        self,
        db: Database,
        setbacks: Setbacks,
        *,
        rights: Rights,
        policing: Policing,
        named: Named,
        deciding: Deciding,
        clock: Clock,
    ) -> None:
        self._db = db
        self._setbacks = setbacks
        self._rights = rights
        self._policing = policing
        self._named = named
        self._deciding = deciding
        self._frozen = Frozen(db, clock=clock)
        self._clock = clock

    async def held_back(self, enrollment: Enrollment) -> Enrollment | None:
        """What becomes of an enrollment that may not ask for people now; None when it may, or when it asks for none."""
        if enrollment.cancel_asked_at is not None:
            return None
        if enrollment.state is State.ON_HOLD:
            return await self.barred(enrollment) or pausing.goes_on(enrollment, self._clock())
        if enrollment.state not in _MOVING:
            return None
        if has_begun(enrollment):
            return await self._told_to_end(enrollment)
        return await self.barred(enrollment) if enrollment.step in _ASKS else None

    async def barred(self, enrollment: Enrollment) -> Enrollment | None:
        """What becomes of an enrollment that may not go on now; None while it may."""
        person = await self._rights(enrollment.team_id, enrollment.requester_id)
        if person.standing is Standing.UNKNOWN:
            return self._setbacks.rights_unknown(enrollment)
        if not person.may_enroll:
            return self._setbacks.end(enrollment, State.FAILED, Trouble("rights_lost", names.reference()))
        if enrollment.step not in _ASKS:
            return None
        stop = await self._stop(enrollment.team_id)
        if stop is not None:
            return pausing.on_hold(enrollment, pausing.of_stop(stop))
        return await self._ruled(enrollment) or await self._voided(enrollment)

    async def _ruled(self, enrollment: Enrollment) -> Enrollment | None:
        """What the policy as it is by now makes of it."""
        judgement = await self._judged(enrollment)
        if judgement.unknown:
            return self._setbacks.rights_unknown(enrollment)
        rule = pausing.broken_rule(enrollment, judgement)
        if rule:
            trouble = Trouble("rules_changed", names.reference(), what=rule)
            return self._setbacks.end(enrollment, State.FAILED, trouble)
        pause = pausing.by_clock(enrollment, judgement, self._policing.policy, self._clock())
        return pausing.on_hold(enrollment, pause) if pause is not None else None

    async def _judged(self, enrollment: Enrollment) -> Judgement:
        policy = self._policing.policy
        used = (enrollment.snowflake_id, enrollment.gong_id)
        return await self._policing.judge(
            enrollment.team_id,
            enrollment.requester_id,
            flow=enrollment.flow,
            people=enrollment.tally.total,
            connections=await self._named(used) if policy.connections != Choice() else (),
            channel_id=enrollment.origin_channel_id,
            opt_out_known=not policy.opt_out.required or await self._opt_out_known(enrollment),
            enrollment_id=enrollment.id,
        )

    async def _opt_out_known(self, enrollment: Enrollment) -> bool:
        """True when the check of this list knew who has opted out."""
        async with self._db.begin() as s:
            check = await checks.get(s, enrollment.check_id)
        found = check.preflight if check is not None else None
        return found is None or bool(found.opt_out_column) or found.suppressed

    async def _told_to_end(self, enrollment: Enrollment) -> Enrollment | None:
        """A run that goes, or may, while everything is stopped has the stop's wish, whoever wrote it too late."""
        stop = await self._stop(enrollment.team_id)
        if stop is None:
            return None
        now = self._clock()
        return replace(enrollment, canceled_by=stop.by, cancel_asked_at=now, due_at=now)

    async def _stop(self, team_id: str) -> Stop | None:
        async with self._db.begin() as s:
            return await stops.standing(s, team_id)

    async def _voided(self, enrollment: Enrollment) -> Enrollment | None:
        """What becomes of one that lacks a word it needs, or whose rows are not those that were confirmed."""
        trouble = await self._deciding.voided(enrollment)
        if trouble is None and await self._frozen.as_confirmed(enrollment):
            return None
        return self._setbacks.end(enrollment, State.FAILED, trouble or Trouble("voided", names.reference()))


def canceled_before_a_run(enrollment: Enrollment) -> bool:
    """True when nobody of the next batch can have been asked for yet, so that ending is only a matter of saying so."""
    if enrollment.cancel_asked_at is None or enrollment.state in states.ENDED:
        return False
    if enrollment.state in {State.AWAITING_GONG, State.CANARY, State.ON_HOLD}:
        return True  # Whatever was asked for was refused; after a canary, or on hold, nobody was asked for.
    if enrollment.step is Step.START_RUN:
        return not enrollment.asked
    return enrollment.step in {Step.CREATE_MODEL, Step.CREATE_SYNC}


def has_begun(enrollment: Enrollment) -> bool:
    """True when a run of the next batch goes or may: it is followed, whatever its requester may do by now."""
    if enrollment.step is Step.WATCH_RUN:
        return True
    if enrollment.step is not Step.START_RUN or not enrollment.asked:
        return False
    if enrollment.asked_at is not None:
        return True  # A call is out, whatever was said of the one before.
    trouble = enrollment.trouble
    refused = enrollment.held_for is not None or (trouble is not None and trouble.kind == RIGHTS_UNKNOWN)
    return not refused or (trouble is not None and trouble.unanswered is not None)
