"""Two writes that read once more whether a stop stands, in their own transaction: the mark before a POST, and a hold.

A stop is committed first and looks for runs that have begun afterwards, in a transaction of its own. A mark is written
first and the stop is read afterwards. So one of the two always sees the other: if the stop was not there yet when it
was read, the mark has held its row since before the stop looks for it; the stop waits for the row, finds it marked, and
tells its run to end. Read later, the stop is seen and nothing starts.

To resume is one transaction: the stop is lifted, then those it holds are looked for. A hold is written under the row's
lock, with the stop read after that: either it is seen there, or it sees that nothing is stopped any more.
"""

from datetime import datetime

from bot.enrollment.model.enrollments import Enrollment, PauseKind, Step
from bot.store import enrollments, stops
from bot.store.session import Database, Transaction


class _Stopped(Exception):
    """A stop stands, so the mark is undone."""


async def mark(db: Database, enrollment: Enrollment, now: datetime) -> Enrollment | None:
    """The enrollment as one that asks from now on; None, and nothing is written, when it may not.

    It may not when somebody else has written it, and no run may start while a stop stands: the row stays due, and
    the gate decides what becomes of it.
    """
    try:
        async with db.begin() as s:
            marked = await enrollments.keep(s, enrollment, asked=True, asked_at=now)
            if marked is not None:
                await _demand_no_stop(s, enrollment)
    except _Stopped:
        return None
    return marked


async def _demand_no_stop(s: Transaction, enrollment: Enrollment) -> None:
    if enrollment.step is Step.START_RUN and await stops.standing(s, enrollment.team_id) is not None:
        raise _Stopped


async def waits_for_nothing(s: Transaction, enrollment: Enrollment) -> bool:
    """True for one that is about to be held by a stop that was lifted meanwhile; its row is locked already."""
    pause = enrollment.pause
    held = pause is not None and pause.kind is PauseKind.STOP
    return held and await stops.standing(s, enrollment.team_id) is None
