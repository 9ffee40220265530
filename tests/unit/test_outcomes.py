"""How runs add up: counts are Polytomic's, reasons are Gong's words in ours."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enrollment.model.enrollments import Outcome, Run, RunStatus, State, Tally
from bot.enrollment.outcomes import end_of, outcome_of, summed

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)


def run(batch: int, size: int, moved: int, errors: int, *, total: int | None = None, ended: bool = True) -> Run:
    """A run of this batch with these counts."""
    return Run(
        enrollment_id="E-7K2M9Q",
        batch=batch,
        attempt=0,
        status=RunStatus.COMPLETED if ended else RunStatus.GOING,
        size=size,
        total=moved + errors if total is None else total,
        moved=moved,
        errors=errors,
        ended_at=NOW if ended else None,
    )


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("Invalid crmId 003xx0000000001AAA", Outcome.NOT_IN_CRM),
        ("Prospect is already in flow", Outcome.ALREADY_IN_FLOW),
        ("The prospect is in an EXCLUSIVE flow", Outcome.EXCLUSIVE_FLOW),
        ("cool-off period has not ended", Outcome.COOL_OFF),
        ("marked as do not contact", Outcome.DO_NOT_CONTACT),
        ("crmId is malformed", Outcome.NOT_A_VALID_ID),
        ("the moon is full", Outcome.OTHER),
        ("", Outcome.OTHER),
    ],
)
def test_gongs_words_become_ours(message: str, outcome: Outcome) -> None:
    """Each known cause has its reason; an unknown one stays other."""
    assert outcome == outcome_of(message)


def test_refusals_that_no_log_names_are_other() -> None:
    """Counts are the truth even when the log file could not be read."""
    tally = summed(20, {0: run(0, 20, 15, 5)}, {Outcome.NOT_IN_CRM: 3})
    assert Tally(20, 15, 5, 0, ((Outcome.NOT_IN_CRM, 3), (Outcome.OTHER, 2))) == tally


def test_people_missing_from_an_ended_run_are_gone() -> None:
    """Who was named and not met has left the query."""
    assert Tally(10, 7, 0, 3, ()) == summed(10, {0: run(0, 10, 7, 0)}, {})


def test_people_of_a_going_run_are_not_gone_yet() -> None:
    """A run that has moved half is not one that lost half."""
    assert Tally(10, 4, 1, 0, ((Outcome.OTHER, 1),)) == summed(10, {0: run(0, 10, 4, 1, total=10, ended=False)}, {})


@pytest.mark.parametrize("status", [RunStatus.CANCELED, RunStatus.FAILED])
def test_people_whom_a_cut_run_never_reached_are_not_gone(status: RunStatus) -> None:
    """They are still in the query's answer; nobody came to them."""
    cut = replace(run(0, 10, 4, 1), status=status)
    assert Tally(10, 4, 1, 0, ((Outcome.OTHER, 1),)) == summed(10, {0: cut}, {})


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=5))
def test_ended_runs_always_sum_to_the_list(parts: list[tuple[int, int, int]]) -> None:
    """enrolled + refused + gone = everybody who was named, whatever the split."""
    parts = [part for part in parts if part[0] + part[1]]
    runs = {n: run(n, moved + errors + gone, moved, errors) for n, (moved, errors, gone) in enumerate(parts)}
    total = sum(sum(part) for part in parts)
    tally = summed(total, runs, {})
    assert total == tally.done
    assert tally.refused == sum(count for _, count in tally.reasons)


@pytest.mark.parametrize(
    ("tally", "state"),
    [
        (Tally(3, 3), State.ENROLLED),
        (Tally(3, 2, 1), State.PARTLY_ENROLLED),
        (Tally(3, 2, 0, 1), State.PARTLY_ENROLLED),
        (Tally(3, 0, 3), State.FAILED),
        (Tally(3, 0, 2, 1), State.FAILED),
    ],
)
def test_enrolled_means_everybody(tally: Tally, state: State) -> None:
    """One person short is partly enrolled; nobody at all is failed."""
    assert state is end_of(tally)
