"""Every view and message about a request for approval, with one text from outside in every slot it can reach."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.enrollment.approval_rules import Answer, Heard
from bot.enrollment.model.approvals import Decision, Question, Word
from bot.enrollment.model.checks import Funnel, LeftOut
from bot.enrollment.model.enrollments import Enrollment, State, Tally, Trouble
from bot.enrollment.model.flows import FieldMapping, Flow, FlowField
from bot.enrollment.model.stops import Stop
from bot.views import answers, approval, approval_forms, approval_words, living, ping, review, sentences
from bot.views.approval_words import Asked
from tests.unit import view_builders as some
from tests.unit.view_builders import FINGERPRINT, ID, NOW

Shown = dict[str, Any]
LINK = "https://app.polytomic.example/s/1"
MANY = tuple(f"U0APPROVER{letter}" for letter in "ABCDEFGHIJKL")
# The card reads alike in all others: approved, and what the enrollment is now.
_STATES = (State.AWAITING_APPROVAL, State.RUNNING, State.DENIED, State.CANCELED)
LATE = NOW + timedelta(days=1)


def views(text: str, people: int) -> Iterator[Shown]:
    """The card in a view of its own, the query of one whose check was let go, and the three forms."""
    for enrollment in _requests(text, people):
        for facts in _facts(text, people):
            yield approval.request(enrollment, facts, notice=approval_words.heard(_pressed(enrollment), "U", {}, NOW))
    yield review.query_view(replace(some.awaiting(), sql=text))
    yield approval_forms.deny(some.awaiting())
    yield approval_forms.ask(some.awaiting())
    yield approval_forms.answer(_question(text))


def messages(text: str, people: int) -> Iterator[Shown]:
    """Cards, notes, questions, answers, reminders, and what is told to whoever presses."""
    stop = Stop("stop", "T0SANDBOX", "U0OPERATOR", text, NOW)
    names = dict.fromkeys(("U0APPROVER", *MANY), text)
    for enrollment in _requests(text, people):
        for facts in _facts(text, people):
            yield approval.card(enrollment, replace(facts, stop=stop))
            yield living.message(enrollment, living.Facts(NOW, asked=Asked(facts.words, names)))
            yield approval_words.approved(enrollment, facts.words)
        yield ping.message(enrollment)
        yield approval_words.reminder(enrollment)
        for answerable in (True, False):
            yield approval_words.question(enrollment, _question(text), answerable=answerable)
        for answer in Answer:
            heard = Heard(answer, enrollment, _words(text), ("U0APPROVER", *MANY), _question(text))
            said = approval_words.heard(heard, "U0OTHER", names, NOW, LINK)
            yield answers.say(said or "Nothing.")
        yield answers.say(sentences.query_not_yours(enrollment))
    yield approval_words.answer(_question(text))


def _pressed(enrollment: Enrollment) -> Heard:
    return Heard(Answer.NOT_APPROVER, enrollment, approvers=MANY)


def _requests(text: str, people: int) -> Iterator[Enrollment]:
    flow, total = Flow("1234567890123482913", text), Tally(max(people, 1))
    mapped = (FieldMapping("owner", text, value=text),)
    for state in _STATES:
        for terms in ({}, {"needed": 2, "approvers": MANY, "escalated_at": NOW, "note": text, "rule": text}):
            trouble = Trouble("denied", by="U0APPROVER", fragment=text, since=NOW)
            made = replace(some.awaiting(state, **terms), flow=flow, tally=total, mappings=mapped, trouble=trouble)
            yield replace(made, canceled_by="U0REQUESTER", cancel_asked_at=NOW if state is State.CANCELED else None)
    voided = replace(some.awaiting(State.FAILED), flow=flow, trouble=Trouble("voided"))
    yield voided
    yield replace(some.awaiting(State.EXPIRED, expires_at=NOW), flow=flow, trouble=Trouble("unapproved", limit=86_400))


def _facts(text: str, people: int) -> Iterator[approval.Facts]:
    funnel = Funnel(people * 10, tuple((reason, people) for reason in LeftOut), people)
    fields = (FlowField("owner", text, is_email=True),)
    check = replace(some.check(), tables=(text,) * 50, fields=fields, preflight=some.preflight(funnel=funnel))
    yield approval.Facts(NOW, check=check, owners=(text,) * 5, later=True)
    for said in _words(text):
        yield approval.Facts(NOW, words=(said,), check=check, owners=(text,), link=LINK)
    yield approval.Facts(LATE)


def _words(text: str) -> tuple[Word, ...]:
    made = Word(ID, "T1", "U0APPROVER", Decision.APPROVED, FINGERPRINT, NOW)
    return made, replace(made, user_id="U0OTHER", decision=Decision.DENIED, reason=text)


def _question(text: str) -> Question:
    return Question("question-1", ID, "T1", "U0APPROVER", text[:500], NOW, text[:500], "U0REQUESTER", None)
