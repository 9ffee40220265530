"""When a run that still goes becomes a question to an operator: silent for too long, or interrupted and not resumed.

Pure. Whoever asks has looked at the run a moment ago: that look is the last one before a person is asked.
"""

from datetime import datetime, timedelta

from bot.enrollment import names
from bot.enrollment.model.enrollments import Enrollment, Run, RunStatus, State, Step, Trouble, Verdict

# Polytomic may take an interrupted run up again, or never (polytomic-api.md section 7).
RESUMES_WITHIN = timedelta(minutes=5)
SILENT, INTERRUPTED, NOBODY_MOVED, TOO_MANY = "silent", "interrupted", "nobody_moved", "too_many"


def question(run: Run, now: datetime, silent: timedelta) -> Trouble | None:
    """What an operator has to be asked about this run by now; None while it is only to be watched."""
    heard = run.changed_at or run.started_at or now
    interrupted = run.status is RunStatus.INTERRUPTED
    if now - heard < (RESUMES_WITHIN if interrupted else silent):
        return None
    return Trouble(INTERRUPTED if interrupted else SILENT, names.reference(), since=heard)


def asked_by(run: Run) -> datetime | None:
    """When an interrupted run becomes a question; None for any other."""
    heard = run.changed_at or run.started_at
    return heard + RESUMES_WITHIN if heard is not None and run.status is RunStatus.INTERRUPTED else None


def nobody_moved(run: Run, now: datetime) -> Trouble:
    """Polytomic says that the run is complete, and that it met nobody of those who were named."""
    return Trouble(NOBODY_MOVED, names.reference(), size=0, limit=run.size, since=now)


def shows_life(run: Run) -> bool:
    """True when the last look found the run going, and not as it had been."""
    return run.status is RunStatus.GOING and run.changed_at is not None and run.changed_at == run.looked_at


def may_be_judged(enrollment: Enrollment) -> bool:
    """True when an operator's word lets it go on; a run over too many was canceled, and is over."""
    if enrollment.state is not State.NEEDS_ATTENTION or enrollment.cancel_asked_at is not None:
        return False
    return enrollment.trouble is not None and enrollment.trouble.kind != TOO_MANY


def is_asked(enrollment: Enrollment, reference: str) -> bool:
    """True while an operator's word is waited for, on the very question that has this reference."""
    if enrollment.verdict is not None or not may_be_judged(enrollment) or enrollment.trouble is None:
        return False
    return enrollment.trouble.reference == reference


def only_looked_for(enrollment: Enrollment, verdict: Verdict) -> bool:
    """True where nobody can say that it ended, because nobody knows of a run: what the start made is looked for."""
    return verdict is Verdict.ENDED and unseen(enrollment)


def unseen(enrollment: Enrollment) -> bool:
    """True when nobody knows of any run of the batch: its start was asked for and never answered."""
    return enrollment.step is Step.START_RUN


def batch_size(enrollment: Enrollment) -> int:
    """How many contacts the batch has that the enrollment stands at."""
    first, end = enrollment.slice(enrollment.batch)
    return end - first
