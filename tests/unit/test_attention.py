"""When a run that still goes becomes a question, and who may answer which one."""

from datetime import timedelta

import pytest

from bot.enrollment import attention, pacing
from bot.enrollment.model.enrollments import RunStatus, State, Step, Trouble, Verdict
from tests.unit import stored
from tests.unit.stored import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("expected", "status", "minutes"),
    [
        ("", RunStatus.GOING, 59),
        ("silent", RunStatus.GOING, 60),
        ("silent", RunStatus.CANCELING, 60),
        ("", RunStatus.INTERRUPTED, 4),
        ("interrupted", RunStatus.INTERRUPTED, 5),
    ],
)
def test_a_quiet_run_becomes_a_question(expected: str, status: RunStatus, minutes: int) -> None:
    """After an hour without a change, or five minutes after it was interrupted; since when is told."""
    run = stored.run(status=status, started_at=NOW - HOUR, changed_at=NOW)
    asked = attention.question(run, NOW + timedelta(minutes=minutes), HOUR)
    assert (expected, NOW if expected else None) == (asked.kind if asked else "", asked.since if asked else None)


def test_only_what_changed_shows_life() -> None:
    """A look that finds the same counts and the same status is no sign of life; an interruption is none either."""
    before = stored.run(started_at=NOW, changed_at=NOW)
    later = NOW + HOUR
    same = pacing.looked(before, before, later)
    moved = pacing.looked(before, stored.run(total=5, changed_at=NOW), later)
    interrupted = pacing.looked(before, stored.run(status=RunStatus.INTERRUPTED), later)
    assert [False, True, False] == [attention.shows_life(one) for one in (same, moved, interrupted)]
    assert [NOW, later, later] == [one.changed_at for one in (same, moved, interrupted)]


def test_only_the_question_that_stands_can_be_answered() -> None:
    """Once, by the reference under which it was asked; never for a run that was canceled for its size."""
    asked = stored.enrollment(state=State.NEEDS_ATTENTION, step=Step.WATCH_RUN, trouble=Trouble("silent", "R-1"))
    assert attention.is_asked(asked, "R-1")
    others = [
        stored.enrollment(state=State.RUNNING, step=Step.WATCH_RUN, trouble=asked.trouble),
        stored.enrollment(state=State.NEEDS_ATTENTION, trouble=Trouble("silent", "R-2")),
        stored.enrollment(state=State.NEEDS_ATTENTION, trouble=Trouble("too_many", "R-1")),
        stored.enrollment(state=State.NEEDS_ATTENTION, trouble=asked.trouble, cancel_asked_at=NOW),
        stored.enrollment(state=State.NEEDS_ATTENTION, trouble=asked.trouble, verdict=Verdict.ENDED),
    ]
    assert [False] * 5 == [attention.is_asked(one, "R-1") for one in others]
