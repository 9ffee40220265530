"""Section 2: what an operator reads who stops everything, or resumes it, and what anybody else reads."""

from collections.abc import Sequence

from bot.enrollment.model.stops import Resumed, Stop, Stopped
from bot.views import ids, words
from bot.views.answers import say
from bot.views.blocks import Message, button

NOTHING_STOPPED = "Nothing is stopped."
_NAMED = 10
_NOTHING_MOVED = "Nothing was about to start or running. What waits for somebody's word is held once it has it."


def stopped(did: Stopped) -> Message:
    """What is held, what was told to end, and how it is lifted."""
    first = "Stopped."
    if did.again:
        first = f"Already stopped by {words.mention(did.stop.by)} {words.date(did.stop.at)}."
    lift = "New enrollments are blocked. Lift it with `/enroll-flow resume`."
    why = "" if did.stop.reason else "Say why: `/enroll-flow stop &lt;reason&gt;`."
    return say(" ".join(part for part in (first, _held(did), _told(did), lift, why) if part))


def only_operators(verb: str, operators: Sequence[str]) -> Message:
    """Somebody else typed or pressed it; `verb` is stop or resume."""
    done = {"stop": "stopped", "resume": "resumed"}[verb]
    return say(f"Only operators may {verb}: {words.operators(operators)}. Nothing was {done}.")


def ask(stop: Stop, enrollment_ids: Sequence[str]) -> Message:
    """The question before everything goes on; its buttons are about this stop and no later one."""
    count = len(enrollment_ids)
    if not count:
        said, label = "Nothing is on hold. New enrollments are allowed again once you resume.", "Resume"
    else:
        go = "goes" if count == 1 else "go"
        said = f"{words.number(count)} on hold {go} on, in order, rights and rules checked again first: "
        said += _listed(enrollment_ids)
        label = words.label("Resume", count, "enrollment")
    return say(
        said,
        button(label, ids.RESUME, value=stop.id, style="primary"),
        button("Leave stopped", ids.LEAVE_STOPPED, value=stop.id),
    )


def resumed(did: Resumed) -> Message:
    """Who goes on."""
    count = len(did.enrollment_ids)
    if not count:
        return say("Resumed. New enrollments are allowed again.")
    go = "goes" if count == 1 else "go"
    return say(f"Resumed. {words.number(count)} {go} on, in order: {_listed(did.enrollment_ids)}")


def not_stopped() -> Message:
    """There is nothing to resume."""
    return say(NOTHING_STOPPED)


def left_stopped() -> Message:
    """The operator thought better of it."""
    return say("Still stopped. Lift it with `/enroll-flow resume`.")


def another_stop() -> Message:
    """A button that asked about an earlier stop was pressed while a later one stands."""
    return say("This button is about an earlier stop; nothing changed. Type `/enroll-flow resume`.")


def _held(did: Stopped) -> str:
    if did.held:
        return f"{words.number(did.held)} not yet started {'is' if did.held == 1 else 'are'} on hold."
    return "" if did.told_to_end else _NOTHING_MOVED


def _told(did: Stopped) -> str:
    runs = len(did.told_to_end)
    if not runs:
        return ""
    told = f"{words.number(runs)} running {'was' if runs == 1 else 'were'} told to end:"
    whose = "its" if runs == 1 else "their"
    enrolled, total = (sum(numbers) for numbers in zip(*did.told_to_end, strict=True))
    if not enrolled:
        was = "was" if total == 1 else "were"
        return f"{told} none of {whose} {words.number(total)} {was} enrolled when I last looked."
    were, stay = ("was", "stays") if enrolled == 1 else ("were", "stay")
    return f"{told} {words.number(enrolled)} of {whose} {words.number(total)} {were} already enrolled and {stay}."


def _listed(enrollment_ids: Sequence[str]) -> str:
    named = ", ".join(f"`{one}`" for one in enrollment_ids[:_NAMED])
    more = len(enrollment_ids) - _NAMED
    return f"{named} and {words.number(more)} more" if more > 0 else named
