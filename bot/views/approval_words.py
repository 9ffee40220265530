"""4.1 to 4.3: a request that waits for somebody's word, in the living message, in threads, and to whoever presses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.enrollment import approval_rules
from bot.enrollment.approval_rules import Answer, Heard, Settled
from bot.enrollment.model.approvals import Decision, Question, Terms, Word
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Standing
from bot.views import ids, sentences, words
from bot.views.blocks import Message, actions, button, section

_ALWAYS = {
    Answer.OWN: "You asked for this, so someone else has to approve it. Nothing changed.",
    Answer.VOID: "This request was edited, so your word would be about another one. Nothing changed.",
    Answer.UNKNOWN_PERSON: sentences.not_allowed(Standing.UNKNOWN),
}
_DONE = {Decision.APPROVED: "approved", Decision.DENIED: "denied"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said so far, and the display names of those who were asked, by user id."""

    words: tuple[Word, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def awaiting(enrollment: Enrollment, asked: Asked) -> str:
    """Mrkdwn for the living message: who was asked, how many have to say yes, why, and until when."""
    terms = enrollment.terms
    if terms is None:
        return "Nobody is enrolled before someone approves."
    first = [one for one in terms.approvers if one != enrollment.requester_id]
    who = words.named(first, asked.names)
    why = over(terms)
    until = words.date(terms.expires_at)
    lines = [f"Asked {who} ({words.number(terms.needed)} needed): {why}. Expires {until}."]
    later = [one for one in approval_rules.asked(enrollment) if one not in first]
    if terms.escalated_at is not None and later:
        lines.append(f"Also asked {words.named(later, asked.names, 'and')} {words.date(terms.escalated_at)}.")
    yes = approval_rules.approvals(enrollment, asked.words)
    if yes:
        by = words.joined([words.mention(word.user_id) for word in yes], "and")
        lines.append(
            f"{words.number(len(yes))} of {words.number(terms.needed)} approved: {by}, {words.date(yes[-1].at)}."
        )
    missing = terms.needed - len(yes)
    nobody = f"{words.number(missing)} more {'approves' if missing == 1 else 'approve'}" if yes else "someone approves"
    return "\n".join([*lines, f"Nobody is enrolled before {nobody}."])


def over(terms: Terms) -> str:
    """How many it takes for somebody's word to be needed."""
    return f"more than {words.count(terms.above, 'contact')}" if terms.above else "any number of contacts"


def approved(enrollment: Enrollment, said: tuple[Word, ...], *, stopped: bool = False) -> Message:
    """The word in the thread that it was allowed, and when it starts; `stopped` while a stop stands."""
    yes = approval_rules.approvals(enrollment, said)
    by = words.joined([words.mention(word.user_id) for word in yes], "and")
    onward = "Starting."
    if stopped:
        onward = "It starts once enrolling is resumed."
    elif enrollment.pause is not None and enrollment.pause.until is not None:
        onward = f"Starts {words.date(enrollment.pause.until)}."
    return _one(f"{by} approved {words.date(yes[-1].at)}. {onward}" if yes else f"Approved. {onward}")


def reminder(enrollment: Enrollment) -> Message:
    """The one reminder to somebody who has not decided."""
    until = f", until {words.date(enrollment.terms.expires_at)}" if enrollment.terms else ""
    verb = "waits" if enrollment.tally.total == 1 else "wait"
    people = words.count(enrollment.tally.total, "contact")
    said = f"{people} for {words.flow(enrollment.flow.name)} {verb} for your decision{until}."
    press = button("Open request", ids.OPEN_REQUEST, value=enrollment.id, spoken=f"Open request {enrollment.id}")
    return {"text": said, "blocks": [section(said), actions(press)]}


def question(enrollment: Enrollment, asked: Question, *, answerable: bool) -> Message:
    """What an approver asks; it can be answered where the requester reads it, until it was."""
    quoted = words.escape(asked.text, words.REASON_MAX * 3)
    said = f"{words.mention(asked.asker_id)} asks {words.mention(enrollment.requester_id)}: “{quoted}”"
    if not answerable or asked.answered_at is not None:
        return _one(said)
    press = button("Answer", ids.ANSWER, value=asked.id, spoken=f"Answer about {enrollment.id}")
    return {"text": said, "blocks": [section(said), actions(press)]}


def answer(asked: Question) -> Message:
    """What the requester answered."""
    return _one(f"{words.mention(asked.answered_by)}: “{words.escape(asked.answer, words.REASON_MAX * 3)}”")


def heard(press: Heard, user_id: str, names: Mapping[str, str], now: datetime, link: str = "") -> str:
    """Mrkdwn for whoever pressed and changed nothing; empty for a press that was taken."""
    match press.answer:
        case Answer.TAKEN:
            return ""
        case Answer.NOT_APPROVER:
            who = words.named(press.approvers, names) if press.approvers else "an approver"
            return f"Only {who} can decide this. Nothing changed."
        case Answer.DECIDED if press.enrollment is not None:
            return _too_late(press, press.enrollment, user_id, now, link)
        case Answer.NOT_REQUESTER | Answer.ANSWERED:
            return _unanswerable(press)
        case _:
            return _ALWAYS.get(press.answer, sentences.LOST_ENROLLMENT)


def _unanswerable(press: Heard) -> str:
    if press.answer is Answer.ANSWERED and press.question is not None:
        return _answered(press.question)
    if press.enrollment is None:
        return sentences.LOST_ENROLLMENT
    return f"Only {words.mention(press.enrollment.requester_id)} can answer this. Nothing changed."


def _answered(asked: Question) -> str:
    when = f" {words.date(asked.answered_at)}" if asked.answered_at else ""
    return f"Already answered by {words.mention(asked.answered_by)}{when}. Your press changed nothing."


def _too_late(press: Heard, enrollment: Enrollment, user_id: str, now: datetime, link: str) -> str:
    """The first answer once more: the presser's own word if there is one, else the one that decided."""
    own = next((word for word in press.words if word.user_id == user_id), None)
    deciding = approval_rules.denial(press.words) or next(
        reversed(approval_rules.approvals(enrollment, press.words)), None
    )
    settled = approval_rules.settled(enrollment, press.words, now)
    if own is None and settled is Settled.WITHDRAWN:
        when = f" {words.date(enrollment.cancel_asked_at)}" if enrollment.cancel_asked_at else ""
        return f"Already withdrawn by {words.mention(enrollment.canceled_by)}{when}. Your press changed nothing."
    if own is None and settled is Settled.EXPIRED and enrollment.terms is not None:
        return f"Expired {words.date(enrollment.terms.expires_at)}, nobody enrolled. Your press changed nothing."
    word = own or deciding
    if word is None:
        return sentences.old_button(enrollment, link)
    return (
        f"Already {_DONE[word.decision]} by {words.mention(word.user_id)} {words.date(word.at)}."
        " Your press changed nothing."
    )


def _one(said: str) -> Message:
    return {"text": said, "blocks": [section(said)]}
