"""The body of the living message: for each state, what is going on and what that means for people."""

from datetime import datetime

from bot.enrollment import canaries
from bot.enrollment.model.enrollments import Enrollment, Outcome, State, Step, Tally
from bot.views import approval_words, canary, holds, retries, troubles, words
from bot.views.approval_words import Asked
from bot.views.states import retrying

SMALL = 20
_REASONS_MAX = 3

_LAUNCH = (
    (Step.CREATE_MODEL, "Create the model", "Creating the model in Polytomic…", "Model created in Polytomic"),
    (Step.CREATE_SYNC, "Create the sync", "Creating the sync…", "Sync created"),
    (Step.START_RUN, "Start the run", "Starting the run…", "Run started"),
)


def body(enrollment: Enrollment, told: str, now: datetime, asked: Asked | None = None) -> str:
    """Mrkdwn for the state of this enrollment; `told` says which operator knows, `asked` what approvers said."""
    if retrying(enrollment):
        return retries.body(enrollment, told, now)
    match enrollment.state:
        case State.LAUNCHING:
            return _launching(enrollment)
        case State.AWAITING_APPROVAL | State.AWAITING_GONG | State.ON_HOLD:
            return _waiting(enrollment, asked or Asked())
        case State.RUNNING | State.CANARY:
            return _running(enrollment)
        case State.NEEDS_ATTENTION:
            return troubles.attention(enrollment, told)
        case _:
            return _ended(enrollment, told)


def _waiting(enrollment: Enrollment, asked: Asked) -> str:
    if enrollment.state is State.AWAITING_GONG:
        return retries.awaiting_gong(enrollment)
    if enrollment.state is State.ON_HOLD:
        return holds.body(enrollment)
    return approval_words.awaiting(enrollment, asked)


def _launching(enrollment: Enrollment) -> str:
    lines = [f":white_check_mark: List of {words.count(enrollment.tally.total, 'contact')} frozen"]
    steps = [step for step, *_ in _LAUNCH]
    here = steps.index(enrollment.step) if enrollment.step in steps else len(steps)
    for place, (_, before, during, after) in enumerate(_LAUNCH):
        if place < here:
            lines.append(f":white_check_mark: {after}")
        elif place == here:
            lines.append(f":hourglass_flowing_sand: {during}")
        else:
            lines.append(f":white_small_square: {before}")
    return "\n".join(lines)


def _running(enrollment: Enrollment) -> str:
    if enrollment.state is State.CANARY:
        return canary.body(enrollment)
    if enrollment.cancel_asked_at:
        return f"Canceling: Polytomic is asked to end the run since {words.date(enrollment.cancel_asked_at)}."
    if canaries.runs(enrollment):
        return canary.running(enrollment)
    tally = enrollment.tally
    since = words.date(enrollment.started_at or enrollment.updated_at)
    if tally.total < SMALL:
        return f"Running since {since}."
    if not tally.done:
        return f"Polytomic has not reported counts yet. Running since {since}."
    figures = f"{words.number(tally.done)} of {words.number(tally.total)} ({words.percent(tally.done, tally.total)})"
    parts = [f"{words.number(tally.enrolled)} enrolled", f"{words.number(tally.refused)} refused"]
    parts += [f"{words.number(tally.gone)} gone"] if tally.gone else []
    return f"{figures} `{words.bar(tally.done, tally.total)}`\n{', '.join(parts)} so far"


def _ended(enrollment: Enrollment, told: str) -> str:
    match enrollment.state:
        case State.FAILED:
            return troubles.failed(enrollment, told)
        case State.DENIED:
            return troubles.denied(enrollment)
        case State.CANCELED:
            return _canceled(enrollment)
        case State.EXPIRED:
            return canary.expired(enrollment) if canaries.unreleased(enrollment) else troubles.expired(enrollment)
        case _:
            return _moved(enrollment)


def _moved(enrollment: Enrollment) -> str:
    tally = enrollment.tally
    figures = f"{words.number(tally.enrolled)} of {words.number(tally.total)} enrolled"
    if enrollment.state is State.PARTLY_ENROLLED:
        return "\n".join([f"{figures}, {troubles.missing(tally)}:", *(f"• {line}" for line in _reasons(tally))])
    if tally.total < SMALL or not (enrollment.started_at and enrollment.ended_at):
        return f"{figures}."
    took = (enrollment.ended_at - enrollment.started_at).total_seconds()
    return f"{figures} in {words.duration(took)}."


def _reasons(tally: Tally) -> list[str]:
    """At most three of our reasons, the rest as "other reasons"; those gone or not reached on lines of their own."""
    named = [(reason, count) for reason, count in tally.reasons if count and reason is not Outcome.OTHER]
    named.sort(key=lambda pair: -pair[1])
    rest = tally.refused - sum(count for _, count in named)
    kept = named if len(named) <= _REASONS_MAX - (rest > 0) else named[: _REASONS_MAX - 1]
    rest = tally.refused - sum(count for _, count in kept)
    lines = [f"{words.number(count)} {reason.value}" for reason, count in kept]
    if rest > 0:
        lines.append(words.count(rest, "other reason"))
    if tally.gone:
        lines.append(f"{words.number(tally.gone)} no longer in the query's answer")
    if tally.done < tally.total:
        # Their run was over, by an operator's word, before it came to them.
        lines.append(f"{words.number(tally.total - tally.done)} not reached by their run")
    return lines


def canceler(enrollment: Enrollment) -> str:
    """by @olga; or where, when nobody pressed anything here: Polytomic does not say who ended a run there."""
    return f"by {words.mention(enrollment.canceled_by)}" if enrollment.canceled_by else "in Polytomic"


def _canceled(enrollment: Enrollment) -> str:
    when = words.date(enrollment.ended_at or enrollment.updated_at)
    by = canceler(enrollment)
    return f"Canceled {by} {when}. {troubles.already(enrollment.tally) or 'Nobody was enrolled.'}"
