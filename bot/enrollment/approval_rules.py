"""What words of approvers come to, and what the next moment is at which something happens without any. Pure.

A word is about a fingerprint: one that was given for anything else than the request as it stands counts for nothing.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.enrollment.model.approvals import Decision, Question, Terms, Word
from bot.enrollment.model.enrollments import Enrollment, State, Trouble
from bot.enrollment.model.people import Person, Standing

VOIDED = "voided"
DENIED = "denied"
UNAPPROVED = "unapproved"

Quiet = Callable[[datetime], datetime | None]
"""Now -> when the quiet hours end; None outside of them."""

_MEMBERS = frozenset({Standing.ALLOWED, Standing.NOT_LISTED, Standing.NOBODY_YET})


class Answer(StrEnum):
    """What became of somebody's press."""

    TAKEN = "taken"
    DECIDED = "decided"
    OWN = "own"
    NOT_APPROVER = "not_approver"
    NOT_REQUESTER = "not_requester"
    ANSWERED = "answered"
    VOID = "void"
    LOST = "lost"
    UNKNOWN_PERSON = "unknown_person"


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a press, about which enrollment, with the words that stand and who could decide.

    `enrollment` is as it was found; null when there is none. `question` is the one that was asked or answered.
    """

    answer: Answer
    enrollment: Enrollment | None = None
    words: tuple[Word, ...] = ()
    approvers: tuple[str, ...] = ()
    question: Question | None = None


class Settled(StrEnum):
    """How a request stands, as its card tells it."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    VOID = "void"
    ENDED = "ended"


def asked(enrollment: Enrollment) -> tuple[str, ...]:
    """Whose word it is waiting for, in the order of the policy; the requester never is among them."""
    terms = enrollment.terms
    if terms is None:
        return ()
    everybody = terms.approvers + (terms.escalate_to if terms.escalated_at else ())
    return tuple(dict.fromkeys(one for one in everybody if one != enrollment.requester_id))


def approvals(enrollment: Enrollment, words: Sequence[Word]) -> tuple[Word, ...]:
    """The words that allow this very request, one per person, in the order in which they were given."""
    terms = enrollment.terms
    if terms is None:
        return ()
    valid = {
        word.user_id: word
        for word in sorted(words, key=lambda word: (word.at, word.user_id), reverse=True)
        if word.decision is Decision.APPROVED
        and word.enrollment_id == enrollment.id
        and word.fingerprint == enrollment.fingerprint
        and word.user_id != enrollment.requester_id
        and word.at < terms.expires_at
    }
    return tuple(sorted(valid.values(), key=lambda word: (word.at, word.user_id)))


def denial(words: Sequence[Word]) -> Word | None:
    """The first word that says no."""
    return min((one for one in words if one.decision is Decision.DENIED), key=lambda one: one.at, default=None)


def enough(enrollment: Enrollment, words: Sequence[Word]) -> bool:
    """True when so many have allowed this very request as have to, and nobody has denied it."""
    terms = enrollment.terms
    return terms is None or (len(approvals(enrollment, words)) >= max(terms.needed, 1) and denial(words) is None)


def settled(enrollment: Enrollment, words: Sequence[Word], now: datetime) -> Settled:
    """How the request stands by its words, its state and the clock."""
    if enrollment.trouble is not None and enrollment.trouble.kind == VOIDED:
        return Settled.VOID
    if denial(words) is not None:
        return Settled.DENIED
    if enough(enrollment, words):
        return Settled.APPROVED
    if enrollment.cancel_asked_at is not None or enrollment.state is State.CANCELED:
        return Settled.WITHDRAWN
    if enrollment.state is State.EXPIRED or (enrollment.terms is not None and now >= enrollment.terms.expires_at):
        return Settled.EXPIRED
    return Settled.WAITING if enrollment.state is State.AWAITING_APPROVAL else Settled.ENDED


def undecided(enrollment: Enrollment, words: Sequence[Word]) -> tuple[str, ...]:
    """Those who were asked and have said nothing yet."""
    spoken = {word.user_id for word in words}
    return tuple(one for one in asked(enrollment) if one not in spoken)


def refused(  # noqa: PLR0917  # each is asked about the same press
    enrollment: Enrollment,
    words: Sequence[Word],
    person: Person,
    approvers: Collection[str],
    now: datetime,
    fingerprint: str,
) -> Answer | None:
    """Why this person may not decide this request now; None when they may. Asked anew at each press, by ids."""
    if person.standing is Standing.UNKNOWN:
        return Answer.UNKNOWN_PERSON
    if person.user_id == enrollment.requester_id:
        return Answer.OWN
    if person.standing not in _MEMBERS or person.user_id not in approvers:
        return Answer.NOT_APPROVER
    if settled(enrollment, words, now) is not Settled.WAITING:
        return Answer.DECIDED
    if fingerprint and fingerprint != enrollment.fingerprint:
        return Answer.VOID
    return Answer.DECIDED if any(word.user_id == person.user_id for word in words) else None


def may_see_query(enrollment: Enrollment, person: Person) -> bool:
    """True for the requester, those who were asked for their word, and operators."""
    if enrollment.team_id != person.team_id or person.standing not in _MEMBERS:
        return False
    return person.operator or person.user_id == enrollment.requester_id or person.user_id in asked(enrollment)


def looked(enrollment: Enrollment, words: Sequence[Word], now: datetime, quiet: Quiet) -> Enrollment:
    """The enrollment after one look: denied, allowed and due, expired, or waiting on until something is due."""
    terms = enrollment.terms
    if terms is None:
        raise ValueError("an enrollment without terms waits for nobody's word")
    no = denial(words)
    if no is not None:
        trouble = Trouble(DENIED, by=no.user_id, fragment=no.reason, since=no.at)
        return replace(enrollment, state=State.DENIED, trouble=trouble)
    if enough(enrollment, words):
        return replace(enrollment, state=State.LAUNCHING, due_at=now)
    if now >= terms.expires_at:
        waited = round((terms.expires_at - enrollment.created_at).total_seconds())
        return replace(enrollment, state=State.EXPIRED, trouble=Trouble(UNAPPROVED, limit=waited))
    terms = _told(terms, now, quiet)
    return replace(enrollment, terms=terms, due_at=_next(terms, now, quiet))


def _told(terms: Terms, now: datetime, quiet: Quiet) -> Terms:
    """Who was to be told by now is told now; a reminder waits for the end of quiet hours."""
    if terms.reminded_at is None and now >= terms.remind_at and quiet(now) is None:
        terms = replace(terms, reminded_at=now)
    if terms.escalate_to and terms.escalated_at is None and now >= terms.escalate_at:
        terms = replace(terms, escalated_at=now)
    return terms


def _next(terms: Terms, now: datetime, quiet: Quiet) -> datetime:
    """When something happens without anybody's word."""
    moments = [terms.expires_at]
    if terms.reminded_at is None:
        moments.append(terms.remind_at if terms.remind_at > now else quiet(now) or now)
    if terms.escalate_to and terms.escalated_at is None:
        moments.append(terms.escalate_at)
    return min(moments)
