"""The bodies of a living message that goes on by itself: while something does not answer, and while it is held.

"Nobody" stands only where it is certain.
"""

from datetime import datetime

from bot.enrollment.model.enrollments import Enrollment, State, Step
from bot.views import words
from bot.views.states import locked_out

_RIGHTS = "rights_unknown"


def body(enrollment: Enrollment, told: str, now: datetime) -> str:
    """Mrkdwn while the enrollment is retrying; `told` says which operator knows."""
    if locked_out(enrollment):
        return _locked_out(enrollment, told)
    until = enrollment.trouble.until if enrollment.trouble and enrollment.trouble.until else enrollment.due_at
    at = words.time(until or now)
    match _kind(enrollment):
        case "PolytomicBusy":
            return f"Polytomic asks me to wait until {at}."
        case "rights_unknown":
            return f"{cause(enrollment)}. {so_far(enrollment)} I ask again at {at}. You need do nothing."
        case _:
            # Once a start was asked for, it may have happened: only before that is "nobody" known.
            before_start = enrollment.state is State.LAUNCHING and enrollment.step is not Step.START_RUN
            twice = "Nobody has been enrolled twice, and nobody will be:"
            nobody = "Nobody has been enrolled." if before_start else twice
            return f"Polytomic does not answer. {nobody} I look first, then try again at {at}. You need do nothing."


def cause(enrollment: Enrollment) -> str:
    """What is the matter while an enrollment is retrying."""
    if locked_out(enrollment):
        return "Polytomic refuses the bot's key"
    match _kind(enrollment):
        case "PolytomicBusy":
            return "Polytomic asks me to wait"
        case "rights_unknown":
            return "Slack does not tell me whether you may still enroll"
        case _:
            return "Polytomic does not answer"


def unanswered(enrollment: Enrollment) -> bool:
    """True when a call that went out may have done what it asked for."""
    if locked_out(enrollment):
        return enrollment.trouble is not None and enrollment.trouble.unanswered is not None
    return enrollment.failures > 0 and _kind(enrollment) != _RIGHTS


def awaiting_gong(enrollment: Enrollment) -> str:
    """Mrkdwn while Gong has to be connected again."""
    until = enrollment.trouble.until if enrollment.trouble is not None else None
    expires = f" Expires {words.date(until)}." if until else ""
    if enrollment.cancel_asked_at:
        return f"Gong needs consent again. {so_far(enrollment)} Canceling."
    return (
        f"Gong needs consent again. {so_far(enrollment).removesuffix('.')}; this goes on by itself once Gong is"
        f" connected.{expires}"
    )


def _locked_out(enrollment: Enrollment, told: str) -> str:
    onward = "It is canceled as soon as" if enrollment.cancel_asked_at else "It goes on by itself once"
    reference = enrollment.trouble.reference if enrollment.trouble else ""
    given = f" Reference `{reference}`." if reference else ""
    return f"{cause(enrollment)}. {_known(enrollment)} {onward} the key works again. {told}{given}"


def _known(enrollment: Enrollment) -> str:
    """What is certain of people while Polytomic shows nothing."""
    if enrollment.step is not Step.WATCH_RUN and not (enrollment.step is Step.START_RUN and unanswered(enrollment)):
        return so_far(enrollment)
    if not enrollment.tally.enrolled:
        return "Who has been enrolled cannot be seen now; nobody will be enrolled twice."
    were = f"{words.number(enrollment.tally.enrolled)} {'was' if enrollment.tally.enrolled == 1 else 'were'}"
    return f"{were} enrolled when I last looked; nobody will be enrolled twice."


def so_far(enrollment: Enrollment) -> str:
    """A whole sentence: how many are enrolled while it waits."""
    enrolled = enrollment.tally.enrolled
    if not enrolled:
        return "Nobody has been enrolled."
    return f"{words.number(enrolled)} {'has' if enrolled == 1 else 'have'} been enrolled so far."


def _kind(enrollment: Enrollment) -> str:
    return enrollment.trouble.kind if enrollment.trouble is not None else ""
