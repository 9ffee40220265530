"""When a run is looked at: often while it is young, later only when something is heard of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.enrollment import pacing
from tests.unit import stored
from tests.unit.stored import NOW

SILENT = timedelta(hours=1)


def test_a_young_run_is_looked_at_often() -> None:
    """At half a second, then each time at twice the age, and never after more than fifteen seconds."""
    run, now, pauses = stored.run(started_at=NOW), NOW, []
    while now - NOW < pacing.YOUNG:
        due = pacing.next_look(stored.enrollment(), run, now, SILENT)
        pauses.append((due - now).total_seconds())
        now = due
    assert [0.5, 0.5, 1, 2, 4, 8, 15, 15, 15, 15, 15, 15, 15] == pauses


def test_an_old_run_is_looked_at_when_it_has_been_silent_for_long() -> None:
    """Counted from when it last moved; where that is over, it is not looked at without pause."""
    run, now = stored.run(started_at=NOW, changed_at=NOW + timedelta(minutes=2)), NOW + timedelta(minutes=3)
    assert NOW + timedelta(minutes=62) == pacing.next_look(stored.enrollment(), run, now, SILENT)
    late = NOW + timedelta(hours=3)
    assert late + timedelta(seconds=15) == pacing.next_look(stored.enrollment(), run, late, SILENT)
    unmoved = replace(run, changed_at=None)
    assert NOW + SILENT == pacing.next_look(stored.enrollment(), unmoved, now, SILENT)


@pytest.mark.parametrize(("since", "pause"), [(0, 0.5), (3.5, 3.5), (600, 15)])
def test_a_run_that_is_being_canceled_is_watched_closely(since: float, pause: float) -> None:
    """However old it is: somebody waits for its end."""
    run, now = stored.run(started_at=NOW - SILENT), NOW + timedelta(seconds=since)
    canceled = stored.enrollment(cancel_asked_at=NOW)
    assert now + timedelta(seconds=pause) == pacing.next_look(canceled, run, now, SILENT)


def test_only_a_run_that_moved_has_changed() -> None:
    """Each look is kept, and when its counts last changed."""
    before, now = stored.run(started_at=NOW, total=5, moved=3), NOW + timedelta(seconds=30)
    assert replace(before, looked_at=now, changed_at=NOW) == pacing.looked(before, before, now)
    moved = replace(before, moved=4)
    assert replace(moved, looked_at=now, changed_at=now) == pacing.looked(before, moved, now)
