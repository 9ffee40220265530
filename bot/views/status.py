"""Section 2: a person's enrollments as lines, and canceling from the command."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.enrollment.model.enrollments import Enrollment
from bot.views import ids, living, words
from bot.views.answers import say
from bot.views.blocks import Block, Element, Message, button, context, section
from bot.views.states import is_open, shown

SHOWN = 10
NONE_YET = "You have no enrollments yet. Start one with `/enroll-flow`."
NOTHING_TO_CANCEL = "Nothing of yours can be canceled: all have ended."


@dataclass(frozen=True, slots=True)
class Counts:
    """How a person's enrollments stand: waiting for somebody, running, ended in the last 30 days."""

    waiting: int = 0
    running: int = 0
    ended: int = 0


def line(enrollment: Enrollment, link: str = "") -> str:
    """One enrollment on one line of mrkdwn."""
    state = shown(enrollment)
    opens = f" · {words.link(link, 'open')}" if link else ""
    return (
        f"{state.icon} *{state.word}* · {words.number(enrollment.tally.total)} → {words.flow(enrollment.flow.name)}"
        f" · `{enrollment.id}` · {words.date(enrollment.created_at)}{opens}"
    )


def in_order(enrollments: Sequence[Enrollment]) -> list[Enrollment]:
    """Open ones first, then the latest; ten at most."""
    latest = sorted(enrollments, key=lambda one: one.created_at, reverse=True)
    return sorted(latest, key=lambda one: not is_open(one))[:SHOWN]


def counts_line(counts: Counts) -> str:
    """3 waiting, 1 running, 6 ended in the last 30 days."""
    return (
        f"{words.number(counts.waiting)} waiting, {words.number(counts.running)} running,"
        f" {words.number(counts.ended)} ended in the last 30 days."
    )


def status(enrollments: Sequence[Enrollment], counts: Counts, links: Mapping[str, str]) -> Message:
    """A person's enrollments; `links` has the permalink of a living message by enrollment id."""
    if not enrollments:
        return say(NONE_YET)
    blocks = [section(line(one, links.get(one.id, ""))) for one in in_order(enrollments)]
    return _list("Your enrollments.", [*blocks, context(counts_line(counts))])


def one(enrollment: Enrollment, link: str = "") -> Message:
    """One enrollment, asked for by its id."""
    return say(line(enrollment, link))


def not_yours(enrollment_id: str) -> Message:
    """Somebody else's id was asked for."""
    return say(f"`{enrollment_id}` is not yours.")


def no_such(typed: str, may_see: Sequence[str]) -> Message:
    """An id that nobody has; a near one is offered among those the person may see."""
    near = difflib.get_close_matches(typed.upper(), may_see, n=1, cutoff=0.75)
    guess = f" Did you mean `{near[0]}`?" if near else ""
    return say(f"I know no {words.code(typed, 40)}.{guess}")


def cancel_one(enrollment: Enrollment) -> Message:
    """The question before canceling the one that can be canceled."""
    total = words.number(enrollment.tally.total)
    said = f"Cancel `{enrollment.id}`, {total} → {words.flow(enrollment.flow.name)}? {living.consequence(enrollment)}"
    return say(
        said,
        button("Cancel enrollment", ids.CANCEL, value=enrollment.id, style="danger"),
        button("Keep it", ids.KEEP, value=enrollment.id),
    )


def cancel_several(enrollments: Sequence[Enrollment], links: Mapping[str, str]) -> Message:
    """Every open one with a button of its own."""
    blocks = [section(line(one, links.get(one.id, "")), accessory=cancel_button(one)) for one in in_order(enrollments)]
    return _list("Which one should be canceled?", blocks)


def cancel_none() -> Message:
    """There is nothing to cancel."""
    return say(NOTHING_TO_CANCEL)


def cancel_button(enrollment: Enrollment) -> Element:
    """The button of the living message, for a line."""
    return living.cancel(enrollment)


def _list(text: str, blocks: list[Block]) -> Message:
    return {"response_type": "ephemeral", "text": text, "blocks": blocks}
