"""Why an enrollment and its runs cannot be right: nothing of ours writes such rows, so somebody's hand did.

Pure. The words are half a sentence about "it", and free of everything that stands in the row.
"""

from collections.abc import Iterator, Sequence

from bot.enrollment import attention, states
from bot.enrollment.model.enrollments import Enrollment, Run, State, Step

NO_RUN = "it watches a run that was never kept"
ANOTHER_LIST = "its frozen list has not as many contacts as it says"

_LAST = frozenset({Step.RETIRE, Step.CLEAN_UP})
_STEPS = {
    State.LAUNCHING: frozenset({Step.CREATE_MODEL, Step.CREATE_SYNC, Step.START_RUN}),
    State.AWAITING_APPROVAL: frozenset({Step.CREATE_MODEL}),
    State.AWAITING_GONG: frozenset(Step) - _LAST,
    State.CANARY: frozenset({Step.START_RUN}),
    State.ON_HOLD: frozenset({Step.CREATE_MODEL, Step.START_RUN}),
    State.RUNNING: frozenset({Step.START_RUN, Step.WATCH_RUN}),
    State.NEEDS_ATTENTION: frozenset({Step.START_RUN, Step.WATCH_RUN}),
}
_COUNTS = ("revision", "version", "attempt", "failures", "batch")


def unsound(enrollment: Enrollment, runs: Sequence[Run], *, listed: int | None = None) -> str:
    """Why this cannot be; empty when all is well. `listed` is how many contacts its batch really has, when known."""
    return next(_wrongs(enrollment, runs, listed), "")


def _wrongs(enrollment: Enrollment, runs: Sequence[Run], listed: int | None) -> Iterator[str]:
    yield from _numbers(enrollment, runs)
    yield from _state(enrollment)
    yield from _made(enrollment)
    yield from _runs(enrollment, runs)
    if listed is not None and listed != attention.batch_size(enrollment):
        yield ANOTHER_LIST


def _numbers(enrollment: Enrollment, runs: Sequence[Run]) -> Iterator[str]:
    tally = enrollment.tally
    counted = [getattr(enrollment, name) for name in _COUNTS]
    counted += [tally.enrolled, tally.refused, tally.gone, *(count for _, count in tally.reasons)]
    counted += [number for run in runs for number in (run.batch, run.attempt, run.total, run.moved, run.errors)]
    if not all(_whole(number, 0) for number in counted):
        yield "one of its counts is not a count"
    sizes = [enrollment.batch_size, tally.total, *(run.size for run in runs)]
    if not all(_whole(size, 1) for size in sizes):
        yield "it has nobody to enroll"
    elif _whole(enrollment.batch, 0) and enrollment.batch >= enrollment.batches:
        yield "its batch does not exist"


def _whole(number: object, least: int) -> bool:
    """SQLite keeps whatever a hand writes into a column of numbers."""
    return isinstance(number, int) and number >= least


def _state(enrollment: Enrollment) -> Iterator[str]:
    ended = enrollment.state in states.ENDED
    if ended and enrollment.ended_at is None:
        yield "it ended without an end"
    if not ended and enrollment.ended_at is not None:
        yield "it is open and has an end"
    if enrollment.step not in _STEPS.get(enrollment.state, _LAST):
        yield "its step does not belong to its state"
    if (enrollment.held_for is None) != (enrollment.held_since is None):
        yield "it is held without a reason or without a beginning"
    if enrollment.state is State.AWAITING_GONG and enrollment.held_for is None:
        yield "it waits for Gong and is not held"
    if (enrollment.state is State.ON_HOLD) != (enrollment.pause is not None):
        yield "it is on hold without a reason, or has one and is not"
    if enrollment.state is State.AWAITING_APPROVAL and enrollment.terms is None:
        yield "it waits for nobody's approval"
    if enrollment.state is State.CANARY and not _had_a_canary(enrollment):
        yield "it waits after a canary that it never had"
    if (enrollment.verdict is not None) != bool(enrollment.verdict_by):
        yield "somebody's word on it is missing, or nobody has given it"


def _had_a_canary(enrollment: Enrollment) -> bool:
    return enrollment.canary > 0 and enrollment.batch == 1 and enrollment.canary_until is not None


def _made(enrollment: Enrollment) -> Iterator[str]:
    if enrollment.step is Step.CREATE_SYNC and not (enrollment.model_id and enrollment.model_field):
        yield "it has no model to make a sync of"
    if enrollment.step in {Step.START_RUN, Step.WATCH_RUN} and not (enrollment.model_id and enrollment.sync_id):
        yield "it has no sync to start"


def _runs(enrollment: Enrollment, runs: Sequence[Run]) -> Iterator[str]:
    here = [run for run in runs if run.batch == enrollment.batch]
    if enrollment.step is Step.WATCH_RUN and not here:
        yield NO_RUN
    if not all(run.execution_id for run in runs):
        yield "one of its runs has no execution"
    if any(run.batch > enrollment.batch for run in runs):
        yield "it has a run of a batch whose turn has not come"
    if enrollment.batch and enrollment.batch - 1 not in {run.batch for run in runs}:
        yield "it has passed over a batch that was never run"
