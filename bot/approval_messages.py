"""What each message and view about a request for somebody's word says, read from the rows at that moment."""

from collections.abc import Awaitable, Callable, Collection

from bot.enrollment import wanted_approval
from bot.enrollment.approval_rules import asked, undecided
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.messages import Message, MessageKind
from bot.rights import Names
from bot.slack_messages import Content
from bot.store import approvals, checks, enrollments, stops
from bot.store.session import Database
from bot.views import approval, approval_words, troubles
from bot.views.approval_words import Asked

Owners = Callable[[Collection[str]], Awaitable[tuple[str, ...]]]
"""Ids of users and user groups -> display names, groups opened; a few are enough."""


class ApprovalMessages:
    """Rows in, messages out; None where nothing has to be said any more."""

    def __init__(self, db: Database, *, clock: Clock, owners: Owners, people: Names, may_wait: bool) -> None:
        self._db = db
        self._clock = clock
        self._owners = owners
        self._people = people
        self._may_wait = may_wait

    async def card(self, message: Message, link: str) -> Content | None:
        """The card of this reader as the request stands; `link` leads to the living message."""
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, message.subject_id)
        if enrollment is None:
            return None
        return approval.card(enrollment, await self.facts(enrollment, message.channel, link))

    async def facts(self, enrollment: Enrollment, reader: str, link: str = "") -> approval.Facts:
        """What a card for this reader shows."""
        terms = enrollment.terms
        async with self._db.begin() as s:
            said = tuple(await approvals.words(s, enrollment.id))
            check = await checks.get(s, enrollment.check_id)
            stop = await stops.standing(s, enrollment.team_id)
        first = terms is None or reader in (*terms.approvers, terms.channel)
        return approval.Facts(
            now=self._clock(),
            words=said,
            check=check,
            stop=stop,
            may_wait=self._may_wait,
            owners=await self._owners(terms.owner) if terms else (),
            later=not first and reader in asked(enrollment),
            # A message in the requester's own messages opens for nobody else.
            link="" if troubles.private(enrollment) else link,
        )

    async def asked(self, enrollment: Enrollment) -> Asked:
        """What was said so far, and the names of those who were asked."""
        if enrollment.terms is None or enrollment.state is not State.AWAITING_APPROVAL:
            return Asked()
        async with self._db.begin() as s:
            said = tuple(await approvals.words(s, enrollment.id))
        return Asked(said, await self._people(asked(enrollment)))

    async def beside(self, message: Message) -> Content | None:
        """What stands in the thread of a card or of the living message."""
        match message.kind:
            case MessageKind.QUESTION | MessageKind.ANSWER:
                return await self._question(message)
            case _:
                async with self._db.begin() as s:
                    enrollment = await enrollments.get(s, message.subject_id)
                    said = tuple(await approvals.words(s, message.subject_id))
                    stop = await stops.standing(s, message.team_id)
                if enrollment is None:
                    return None
                return approval_words.approved(enrollment, said, stopped=stop is not None)

    async def reminder(self, message: Message) -> Content | None:
        """The reminder to whoever has not decided by now."""
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, message.subject_id)
            said = await approvals.words(s, message.subject_id)
        if enrollment is None or enrollment.state is not State.AWAITING_APPROVAL:
            return None
        return approval_words.reminder(enrollment) if message.channel in undecided(enrollment, said) else None

    async def _question(self, message: Message) -> Content | None:
        async with self._db.begin() as s:
            question = await approvals.question(s, message.subject_id)
            enrollment = await enrollments.get(s, question.enrollment_id) if question else None
        if question is None or enrollment is None:
            return None
        if message.kind is MessageKind.ANSWER:
            return approval_words.answer(question)
        # In an approver's own messages nobody could answer it.
        beside_card = wanted_approval.first_cause(message).startswith(f"{MessageKind.APPROVAL_CARD}:")
        channel = enrollment.terms.channel if enrollment.terms else ""
        return approval_words.question(enrollment, question, answerable=not beside_card or message.channel == channel)
