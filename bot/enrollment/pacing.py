"""When a run is looked at: often while it is young or being canceled, later only when something says so.

An old run is looked at because an event named it or because nothing was heard of it for long (`bot.jobs.reconcile`),
and at the latest when its silence has lasted for `Limits.run_silent`. So the calls do not grow with the runs.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.enrollment.model.enrollments import Enrollment, Run, RunStatus

FIRST_LOOK = timedelta(seconds=0.5)
YOUNG = timedelta(minutes=2)
_LONGEST_PAUSE = timedelta(seconds=15)


def next_look(enrollment: Enrollment, run: Run, now: datetime, silent: timedelta) -> datetime:
    """When to look again at a run that still goes: at an age of 0.5, 1, 2, 4, 8, 16, 31 … s, or when it is silent."""
    canceling = enrollment.cancel_asked_at is not None or run.status is RunStatus.CANCELING
    since = enrollment.cancel_asked_at or (run.changed_at if canceling else run.started_at) or now
    age = max(now - since, timedelta())
    if canceling or age < YOUNG:
        return now + min(max(age, FIRST_LOOK), _LONGEST_PAUSE)
    return max(silent_at(run, silent) or now, now + _LONGEST_PAUSE)


def silent_at(run: Run, silent: timedelta) -> datetime | None:
    """When nothing will have been heard of the run for too long; None when it is not known to have begun."""
    heard = run.changed_at or run.started_at
    return None if heard is None else heard + silent


def looked(before: Run, after: Run, now: datetime) -> Run:
    """The run as it was seen now; what it was before tells whether it has moved since."""
    moved = _signs(before) != _signs(after)
    return replace(after, looked_at=now, changed_at=now if moved else before.changed_at or before.started_at)


def _signs(run: Run) -> tuple[object, ...]:
    return run.status, run.total, run.moved, run.errors
