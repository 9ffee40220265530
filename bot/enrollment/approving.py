"""What people say of a request: yes, no, a question, an answer, or that it is not wanted any more.

Each is one short transaction that holds the enrollment. Only `advance` moves it: a word is left for it, and makes the
row due. Who may decide is asked at each press, by ids.
"""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.enrollment import approval_rules, chores, names, rules, wanted, wanted_approval
from bot.enrollment.approval_rules import Answer, Heard
from bot.enrollment.chores import Nudge
from bot.enrollment.model.approvals import Decision, Question, Word
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.model.people import PeopleUnknown, Person
from bot.store import approvals, enrollments, messages
from bot.store.session import Database, Transaction


class Approvers(Protocol):
    """Who may decide under this rule now; with those whom it escalates to, when asked for them.

    Raises PeopleUnknown when Slack cannot say who is behind a user group.
    """

    async def __call__(self, rule: str, *, escalated: bool = False) -> frozenset[str]: ...


class Approvals:
    """The verbs of ux.md 4.3; each says what to tell whoever pressed."""

    def __init__(self, db: Database, *, clock: Clock, nudge: Nudge, approvers: Approvers) -> None:
        self._db = db
        self._clock = clock
        self._nudge = nudge
        self._approvers = approvers

    async def approve(self, enrollment_id: str, person: Person, fingerprint: str) -> Heard:
        """The person's yes to the request with this fingerprint stands, if it was theirs to give."""
        return await self._decide(enrollment_id, person, Decision.APPROVED, fingerprint)

    async def deny(self, enrollment_id: str, person: Person, reason: str) -> Heard:
        """The person's no stands with its reason, if it was theirs to give."""
        return await self._decide(enrollment_id, person, Decision.DENIED, reason=reason)

    async def may_decide(self, enrollment_id: str, person: Person) -> Heard:
        """What a press of this person would come to now; nothing is changed."""
        enrollment = await self._get(enrollment_id)
        allowed = await self._allowed(enrollment)
        async with self._db.begin() as s:
            return await self._heard(s, enrollment, person, allowed)

    async def ask(self, enrollment_id: str, person: Person, text: str) -> Heard:
        """The question is on its way into the threads of the cards and of the living message."""
        allowed = await self._allowed(await self._get(enrollment_id))
        now = self._clock()
        async with self._db.begin() as s:
            enrollment = await enrollments.current(s, enrollment_id)
            heard = await self._heard(s, enrollment, person, allowed)
            if enrollment is None or heard.answer is not Answer.TAKEN:
                return heard
            question = Question(names.row_id(), enrollment.id, enrollment.team_id, person.user_id, text, now)
            await approvals.ask(s, question)
            cards = await messages.about(s, enrollment.id, MessageKind.APPROVAL_CARD)
            asked = await self._want(s, wanted_approval.question(enrollment, question, cards, now))
        self._deliver(asked)
        return replace(heard, question=question)

    async def answer(self, question_id: str, person: Person, text: str) -> Heard:
        """The requester's answer is on its way into the same threads; the first one counts."""
        now = self._clock()
        async with self._db.begin() as s:
            question = await approvals.question(s, question_id)
            enrollment = await enrollments.current(s, question.enrollment_id) if question else None
            heard = _may_answer(question, enrollment, person)
            if heard.answer is not Answer.TAKEN or enrollment is None or question is None:
                return heard
            if not await approvals.answer(s, question_id, text, person.user_id, now):
                return replace(heard, answer=Answer.ANSWERED, question=await approvals.question(s, question_id))
            cards = await messages.about(s, enrollment.id, MessageKind.APPROVAL_CARD)
            asked = await self._want(s, wanted_approval.answer(enrollment, question, cards, now))
        self._deliver(asked)
        return heard

    async def may_answer(self, question_id: str, person: Person) -> Heard:
        """What an answer of this person would come to now; nothing is changed."""
        async with self._db.begin() as s:
            question = await approvals.question(s, question_id)
            enrollment = await enrollments.get(s, question.enrollment_id) if question else None
        return _may_answer(question, enrollment, person)

    async def withdraw(self, enrollment_id: str, person: Person) -> Heard:
        """The request is not wanted any more; only while nobody has decided it.

        Raises NotAllowed for anyone but its requester and operators.
        """
        now = self._clock()
        async with self._db.begin() as s:
            enrollment = await enrollments.current(s, enrollment_id)
            if enrollment is None or enrollment.team_id != person.team_id:
                return Heard(Answer.LOST)
            rules.demand_mine(enrollment, person)
            if enrollment.state is not State.AWAITING_APPROVAL or enrollment.cancel_asked_at is not None:
                return Heard(Answer.DECIDED, enrollment, tuple(await approvals.words(s, enrollment_id)))
            changes = {"canceled_by": person.user_id, "cancel_asked_at": now, "due_at": now}
            await enrollments.move(s, enrollment_id, {State.AWAITING_APPROVAL}, **changes)
        self._nudge(chores.ENROLLMENT, enrollment_id)
        return Heard(Answer.TAKEN, enrollment)

    async def waiting_for(self, team_id: str, user_id: str) -> list[Enrollment]:
        """The requests that wait for this person's word, the oldest first."""
        now = self._clock()
        async with self._db.begin() as s:
            found = await approvals.waiting(s, team_id, user_id)
        mine = [one for one in found if user_id in approval_rules.asked(one)]
        return [one for one in mine if approval_rules.settled(one, (), now) is approval_rules.Settled.WAITING]

    # -- how

    async def _decide(
        self, enrollment_id: str, person: Person, decision: Decision, fingerprint: str = "", reason: str = ""
    ) -> Heard:
        allowed = await self._allowed(await self._get(enrollment_id))
        now = self._clock()
        async with self._db.begin() as s:
            enrollment = await enrollments.current(s, enrollment_id)
            heard = await self._heard(s, enrollment, person, allowed, fingerprint)
            if enrollment is None or heard.answer is not Answer.TAKEN:
                return heard
            said = Word(
                enrollment.id, enrollment.team_id, person.user_id, decision, enrollment.fingerprint, now, reason
            )
            await approvals.say(s, said)
            asked = await self._word_came(s, enrollment, now)
        self._nudge(chores.ENROLLMENT, enrollment_id)
        self._deliver(asked)
        return replace(heard, words=(*heard.words, said))

    async def _word_came(self, s: Transaction, enrollment: Enrollment, now: datetime) -> list[Message]:
        """The row is looked at now, and everything that shows the words is brought up to date.

        One version on: who has read the row before may not park it any more, for it does not know of the word.
        """
        await enrollments.keep(s, enrollment, due_at=now, revision=enrollment.revision + 1, updated_at=now)
        return await self._want(s, [wanted.living(enrollment, now), *wanted_approval.approval_cards(enrollment, now)])

    async def _heard(
        self,
        s: Transaction,
        enrollment: Enrollment | None,
        person: Person,
        allowed: frozenset[str] | None,
        fingerprint: str = "",
    ) -> Heard:
        if enrollment is None or enrollment.terms is None or enrollment.team_id != person.team_id:
            return Heard(Answer.LOST)
        said = await approvals.words(s, enrollment.id)
        if allowed is None:
            return Heard(Answer.UNKNOWN_PERSON, enrollment, tuple(said))
        why = approval_rules.refused(enrollment, said, person, allowed, self._clock(), fingerprint)
        return Heard(why or Answer.TAKEN, enrollment, tuple(said), _who_may(enrollment, allowed))

    async def _allowed(self, enrollment: Enrollment | None) -> frozenset[str] | None:
        """Asked before the transaction: Slack may have to be asked who is in a group. None when it cannot say."""
        if enrollment is None or enrollment.terms is None:
            return frozenset()
        try:
            return await self._approvers(enrollment.terms.rule, escalated=enrollment.terms.escalated_at is not None)
        except PeopleUnknown:
            return None

    async def _get(self, enrollment_id: str) -> Enrollment | None:
        async with self._db.begin() as s:
            return await enrollments.get(s, enrollment_id)

    async def _want(self, s: Transaction, asked: list[Message]) -> list[Message]:
        await messages.want_all(s, asked)
        return asked

    def _deliver(self, asked: list[Message]) -> None:
        for message in asked:
            self._nudge(chores.MESSAGE, message.id)


def _who_may(enrollment: Enrollment, allowed: frozenset[str]) -> tuple[str, ...]:
    """Who may decide it now: those who were asked first, in their order."""
    first = [one for one in approval_rules.asked(enrollment) if one in allowed]
    return (*first, *sorted(allowed - {*first, enrollment.requester_id}))


def _may_answer(question: Question | None, enrollment: Enrollment | None, person: Person) -> Heard:
    if question is None or enrollment is None or enrollment.team_id != person.team_id:
        return Heard(Answer.LOST)
    if person.user_id != enrollment.requester_id:
        return Heard(Answer.NOT_REQUESTER, enrollment, question=question)
    if question.answered_at is not None:
        return Heard(Answer.ANSWERED, enrollment, question=question)
    return Heard(Answer.TAKEN, enrollment, question=question)
