"""4.2: the one new message at an end, with the mention first, because edits notify nobody."""

from collections.abc import Sequence

from bot.enrollment import canaries, states
from bot.enrollment.model.enrollments import Enrollment, State, Tally
from bot.views import canary, troubles, words
from bot.views.blocks import Message, section
from bot.views.bodies import canceler


def message(enrollment: Enrollment, *, operators: Sequence[str] = (), link: str = "") -> Message:
    """What the requester is told; `operators` are display names."""
    said = f"{words.mention(enrollment.requester_id)} {_said(enrollment, operators)}"
    ended = enrollment.started_at is not None and enrollment.state in states.ENDED
    if link and ended:
        said = f"{said} {words.link(link, 'Open in Polytomic')}"
    return {"text": said, "blocks": [section(said)]}


def _said(enrollment: Enrollment, operators: Sequence[str]) -> str:
    tally = enrollment.tally
    name = words.flow(enrollment.flow.name)
    match enrollment.state:
        case State.ENROLLED:
            return f"Done: {words.count(tally.enrolled, 'contact')} {'is' if tally.enrolled == 1 else 'are'} in {name}."
        case State.PARTLY_ENROLLED:
            return _partly(tally, name)
        case State.CANCELED:
            by = canceler(enrollment)
            return f"Canceled {by}. {words.number(tally.enrolled) if tally.enrolled else 'Nobody'} enrolled."
        case State.DENIED | State.EXPIRED | State.CANARY:
            return _not_let_go(enrollment)
        case State.NEEDS_ATTENTION:
            return _attention(enrollment, operators)
        case _:
            return _failed(enrollment)


def _partly(tally: Tally, name: str) -> str:
    parts = []
    if tally.refused:
        parts.append(f"{words.number(tally.refused)} {'was' if tally.refused == 1 else 'were'} refused")
    if tally.gone:
        verb = "is" if tally.gone == 1 else "are"
        parts.append(f"{words.number(tally.gone)} {verb} no longer in the query's answer")
    told = "; I sent you the list" if parts else ""
    if tally.done < tally.total:
        missed = tally.total - tally.done
        parts.append(f"{words.number(missed)} {'was' if missed == 1 else 'were'} not reached")
    are = "is" if tally.enrolled == 1 else "are"
    figures = f"{words.number(tally.enrolled)} of {words.count(tally.total, 'contact')} {are} in {name}."
    return f"{figures} {' and '.join(parts)}{told}."


def _attention(enrollment: Enrollment, operators: Sequence[str]) -> str:
    names = [f"@{words.escape(name, 40)}" for name in operators[:3]] or ["@operator"]
    told = f"{' and '.join(names)} {'was' if len(names) == 1 else 'were'} told"
    if enrollment.trouble is not None and enrollment.trouble.kind == "too_many":
        return f"I canceled this run: it held more contacts than I named. {told}."
    if enrollment.trouble is not None and enrollment.trouble.kind == "interrupted":
        return f"Polytomic interrupted this run. {told}; nobody will be enrolled twice."
    return f"I lost sight of this run. {told}; nobody will be enrolled twice."


def _not_let_go(enrollment: Enrollment) -> str:
    if enrollment.state is State.DENIED:
        return troubles.denied_by(enrollment)
    if enrollment.state is State.CANARY:
        return canary.said(enrollment)
    if canaries.unreleased(enrollment):
        return canary.expired_ping(enrollment)
    if enrollment.trouble is not None and enrollment.trouble.kind == "unapproved":
        return "Expired without approval. Nobody was enrolled."
    stay = troubles.already(enrollment.tally) or "Nobody was enrolled."
    return f"Expired: {troubles.waited(enrollment)} {stay} Your query is kept."


def _failed(enrollment: Enrollment) -> str:
    tally = enrollment.tally
    if enrollment.trouble is not None and enrollment.trouble.kind == "all_refused":
        return f"Gong refused all {words.number(tally.total)}. I sent you the list."
    return f"This failed: {troubles.cause(enrollment)}. {words.enrolled(tally.enrolled)} Your query is kept."
