"""4.1, canary: while it runs, what came of it, and the two words that it waits for."""

from collections.abc import Sequence
from dataclasses import replace

from bot.enrollment import canaries
from bot.enrollment.model.enrollments import Enrollment, Outcome
from bot.views import ids, troubles, words
from bot.views.blocks import Element, Style, button, confirm

_REASONS_MAX = 3


def running(enrollment: Enrollment) -> str:
    """Enrolling the first 5. The other 1,220 wait."""
    first = canaries.size(enrollment)
    return (
        f"Enrolling the first {'one' if first == 1 else words.number(first)}. {_others(enrollment, 'wait', 'waits')}."
    )


def body(enrollment: Enrollment) -> str:
    """Mrkdwn: how many of the first few are in; what to do, or what was not done."""
    if not canaries.good(enrollment):
        return f":warning: {_figures(enrollment)}. {_others(enrollment, 'were', 'was')} not touched."
    first = canaries.size(enrollment)
    look = "it" if first == 1 else "them"
    until = f" Expires {words.date(enrollment.canary_until)};" if enrollment.canary_until else ""
    return (
        f":white_check_mark: {_done(enrollment)}. Look at {look} in Gong, then release the rest."
        f"{until} the {words.number(first)} {'stays' if first == 1 else 'stay'}."
    )


def said(enrollment: Enrollment) -> str:
    """Plain words for `text:` and for the ping: 5 of 5 enrolled. 1,220 wait for your word."""
    rest = canaries.rest(enrollment)
    figures = _done(enrollment) if canaries.good(enrollment) else f"{_done(enrollment)}, {_missing(enrollment)}"
    return f"{figures}. {words.number(rest)} {'waits' if rest == 1 else 'wait'} for your word."


def buttons(enrollment: Enrollment) -> list[Element]:
    """Release and Stop here, until one of them was pressed; a canary that was not good is not the way to go on."""
    if enrollment.cancel_asked_at or enrollment.released_at:
        return []
    return [release(enrollment, style="primary" if canaries.good(enrollment) else None), _stop_here(enrollment)]


def release(enrollment: Enrollment, *, style: Style | None = None) -> Element:
    """The button that lets the rest go, behind a dialog that says what happens to them."""
    rest = words.count(canaries.rest(enrollment), "contact")
    start = "This contact starts" if canaries.rest(enrollment) == 1 else "They start"
    flow = words.data(enrollment.flow.name, words.FLOW_MAX)
    return button(
        f"Release {rest}",
        ids.RELEASE,
        value=enrollment.id,
        style=style,
        spoken=f"Release {rest} of {enrollment.id}",
        confirm=confirm(f"Release {rest}?", f"{start} “{flow}” now. It cannot be recalled.", "Release", "Not yet"),
    )


def _stop_here(enrollment: Enrollment) -> Element:
    dialog = confirm(stop_title(enrollment), consequence(enrollment), "Stop here", "Go back")
    spoken = f"Stop {enrollment.id} here"
    return button("Stop here", ids.STOP_HERE, value=enrollment.id, spoken=spoken, confirm=dialog)


def stop_title(enrollment: Enrollment) -> str:
    """Stop after 5?"""
    return f"Stop after {words.number(canaries.size(enrollment))}?"


def consequence(enrollment: Enrollment) -> str:
    """Plain text: what ending now means."""
    rest = canaries.rest(enrollment)
    return f"{_stay(enrollment)} The other {words.number(rest)} {'is' if rest == 1 else 'are'} not enrolled."


def expired(enrollment: Enrollment) -> str:
    """Two sentences and a half: for how long nobody said a word, and who stays."""
    limit = enrollment.trouble.limit if enrollment.trouble else 0
    within = f" within {words.span(limit)}" if limit else ""
    enrolled = enrollment.tally.enrolled
    if not enrolled:
        return f"The canary was not released{within}. Nobody was enrolled. Your query is kept."
    stay = "stays" if enrolled == 1 else "stay"
    return f"The canary was not released{within}; its {words.number(enrolled)} {stay}. Your query is kept."


def expired_ping(enrollment: Enrollment) -> str:
    """Expired: the canary was not released. Its 5 stay, 1,220 were not enrolled."""
    enrolled = enrollment.tally.enrolled
    if not enrolled:
        return "Expired: the canary was not released. Nobody was enrolled."
    rest = enrollment.tally.total - enrolled
    return (
        f"Expired: the canary was not released. Its {words.number(enrolled)} {'stays' if enrolled == 1 else 'stay'},"
        f" {words.number(rest)} {'was' if rest == 1 else 'were'} not enrolled."
    )


def _done(enrollment: Enrollment) -> str:
    return f"{words.number(enrollment.tally.enrolled)} of {words.number(canaries.size(enrollment))} enrolled"


def _figures(enrollment: Enrollment) -> str:
    """3 of 5 enrolled, 2 refused: not in the CRM linked to Gong"""
    named = [(reason, count) for reason, count in enrollment.tally.reasons if count and reason is not Outcome.OTHER]
    why = f": {_why(enrollment, named)}" if named else ""
    return f"{_done(enrollment)}, {_missing(enrollment)}{why}"


def _why(enrollment: Enrollment, named: Sequence[tuple[Outcome, int]]) -> str:
    if len(named) == 1 and named[0][1] == enrollment.tally.refused:
        return named[0][0].value
    kept = named[:_REASONS_MAX]
    other = enrollment.tally.refused - sum(count for _, count in kept)
    parts = [f"{words.number(count)} {reason.value}" for reason, count in kept]
    return ", ".join([*parts, words.count(other, "other reason")] if other > 0 else parts)


def _missing(enrollment: Enrollment) -> str:
    return troubles.missing(replace(enrollment.tally, total=canaries.size(enrollment)))


def _stay(enrollment: Enrollment) -> str:
    enrolled = enrollment.tally.enrolled
    if not enrolled:
        return "Nobody was enrolled."
    return f"The {words.number(enrolled)} {'stays' if enrolled == 1 else 'stay'} in the flow."


def _others(enrollment: Enrollment, many: str, one: str) -> str:
    rest = canaries.rest(enrollment)
    return f"The other {words.number(rest)} {one if rest == 1 else many}"
