"""The kill switch: nothing new starts for anybody of a team until an operator says so.

Only `advance` moves enrollments. A stop is a row that everybody reads who is about to start something; what is written
beside it makes them look at once.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.enrollment import chores, gate, names, rules, wanted
from bot.enrollment.chores import Nudge
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, PauseKind, State
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.model.people import Person
from bot.enrollment.model.stops import Resumed, Stop, Stopped
from bot.errors import EnrollingStopped
from bot.store import enrollments, messages, stops
from bot.store.session import Database, Transaction

_MOVING = frozenset({State.LAUNCHING, State.RUNNING})
_APART = timedelta(milliseconds=200)
"""Between two that go on: they keep their order, and whoever resumed too early can stop the later ones."""


class Stopping:
    """To stop, to resume, and what stands."""

    def __init__(self, db: Database, *, clock: Clock, nudge: Nudge) -> None:
        self._db = db
        self._clock = clock
        self._nudge = nudge

    async def standing(self, team_id: str) -> Stop | None:
        """The team's stop that nobody has lifted, if there is one."""
        async with self._db.begin() as s:
            return await stops.standing(s, team_id)

    async def waiting(self, team_id: str) -> tuple[str, ...]:
        """The ids of those that a stop holds, in the order in which they would go on."""
        async with self._db.begin() as s:
            return tuple(one.id for one in await enrollments.still_open(s, team_id) if _held(one))

    async def stop(self, person: Person, reason: str) -> Stopped:
        """Nothing starts any more, and what runs is told to end. Raises NotAllowed for anyone but operators.

        A second stop leaves the first as it is, gives it the reason it may lack, and looks again for what goes on.
        """
        rules.demand_operator(person)
        now = self._clock()
        wished = Stop(names.row_id(), person.team_id, person.user_id, reason, now)
        # Committed before anybody is looked for: `marking` says why.
        async with self._db.begin() as s:
            stop = await stops.add(s, wished)
            if reason and await stops.explain(s, stop.id, reason):
                stop = await stops.get(s, stop.id) or stop
        async with self._db.begin() as s:
            found = await enrollments.still_open(s, person.team_id)
            ending, waiting = [one for one in found if _ends(one, stop)], [one for one in found if _waits(one)]
            wish = {"canceled_by": stop.by, "cancel_asked_at": now, "due_at": now}
            for one in ending:
                if one.cancel_asked_at is None:
                    await enrollments.move(s, one.id, _MOVING, **wish)
            for one in waiting:
                # The gate puts it on hold: this only makes it look.
                await enrollments.move(s, one.id, {one.state}, due_at=now)
            asked = await _show(s, found, stop, MessageKind.STOPPED, now)
        self._nudge_all([*ending, *waiting], asked)
        told = tuple((one.tally.enrolled, one.tally.total) for one in ending)
        return Stopped(stop, len(waiting), told, again=stop.id != wished.id)

    async def resume(self, person: Person, stop_id: str = "") -> Resumed | None:
        """Nothing is stopped any more, and those held go on, the oldest first; None when there is no such stop.

        `stop_id` is the one that is meant; whichever stands, without. Raises NotAllowed for anyone but operators.
        """
        rules.demand_operator(person)
        now = self._clock()
        async with self._db.begin() as s:
            stop = await stops.standing(s, person.team_id)
            if stop is None or stop.id != (stop_id or stop.id):
                return None
            if not await stops.lift(s, stop.id, person.user_id, now):
                return None
            found = await enrollments.still_open(s, person.team_id)
            held = [one for one in found if _held(one)]
            for place, one in enumerate(held):
                await enrollments.move(s, one.id, {State.ON_HOLD}, due_at=now + place * _APART)
            asked = await _show(s, found, stop, MessageKind.RESUMED, now)
        self._nudge_all(held, asked)
        return Resumed(stop, tuple(one.id for one in held))

    def _nudge_all(self, enrollments: Iterable[Enrollment], asked: Iterable[Message]) -> None:
        for enrollment in enrollments:
            self._nudge(chores.ENROLLMENT, enrollment.id)
        for message in asked:
            self._nudge(chores.MESSAGE, message.id)


async def demand_not_stopped(s: Transaction, team_id: str) -> None:
    """Raises EnrollingStopped while the team's enrolling is stopped."""
    stop = await stops.standing(s, team_id)
    if stop is not None:
        raise EnrollingStopped(stop.at)


def _ends(enrollment: Enrollment, stop: Stop) -> bool:
    """True for a run that goes, or may, and that nobody told to end before this stop."""
    begun = enrollment.state in _MOVING and gate.has_begun(enrollment)
    return begun and (enrollment.cancel_asked_at is None or enrollment.cancel_asked_at >= stop.at)


def _waits(enrollment: Enrollment) -> bool:
    """True for one that would start by itself and has not."""
    soon = enrollment.state in _MOVING and not gate.has_begun(enrollment)
    return enrollment.cancel_asked_at is None and (soon or enrollment.state is State.ON_HOLD)


def _held(enrollment: Enrollment) -> bool:
    """True for one that waits for this to be resumed, and for nothing else."""
    return enrollment.pause is not None and enrollment.pause.kind is PauseKind.STOP


async def _show(
    s: Transaction, found: Sequence[Enrollment], stop: Stop, kind: MessageKind, now: datetime
) -> list[Message]:
    """Whatever shows one of these is brought up to date, and their threads say what happened."""
    asked: list[Message] = []
    for one in found:
        asked += [wanted.living(one, now), wanted.stop_note(kind, one, stop, now)]
        if one.state is State.AWAITING_APPROVAL:
            cards = await messages.about(s, one.id, MessageKind.APPROVAL_CARD)
            asked += [wanted.again(card, now) for card in cards]
    await messages.want_all(s, asked)
    return asked
