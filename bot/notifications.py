"""Brings every message row from what was sent to what is wanted: posts, edits, and says where a message stands.

The domain writes rows and never calls Slack; a crash between the two loses nothing. At least once: `ts` is saved right
after posting, and a restart in between posts a second time. What stands in Slack is known by the row alone, so that
any process can go on where another was killed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot import retelling, slack_answers
from bot.enrollment import chores, wanted, wanted_approval
from bot.enrollment.chores import Nudge
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.messages import EDITED, Message, MessageKind
from bot.errors import SlackUndelivered
from bot.renderings import Renderings
from bot.sending import OTHER_FIRST, Sending
from bot.slack_messages import Posted, SlackMessages
from bot.store import messages
from bot.store.session import Database

Told = Callable[[str, str], Awaitable[None]]
"""(team id, user id): something that this person sees has changed."""

_EVERY = timedelta(seconds=3)
_WAIT_FOR_OTHER = timedelta(seconds=1)


class Notifications:
    """Delivers message rows; `deliver` is a chore of the runner."""

    def __init__(
        self,
        db: Database,
        slack: SlackMessages,
        renderings: Renderings,
        *,
        clock: Clock,
        nudge: Nudge,
        told: Told,
    ) -> None:
        self._db = db
        self._sending = Sending(db, slack, renderings)
        self._new = asyncio.Lock()
        self._clock = clock
        self._nudge = nudge
        self._told = told
        self._locked_out = False
        self._log = structlog.get_logger()

    async def deliver(self, message_id: str) -> datetime | None:
        """The message stands in Slack as wanted, or is due again later, or is given up with a reason.

        Says when it wants to be looked at next; None when it waits for nothing but another wish.
        """
        message = await self._read(message_id)
        if message is None or not self._is_due(message):
            return _due_at(message)
        next_time = await self._put_off(message)
        if next_time is not None:
            return next_time
        if message.ts:
            return await self._deliver(message)
        # New ones one after the other: a kill between a post and its row leaves one of them doubled, and not several.
        async with self._new:
            latest = await self._read(message_id)
            if latest is None or not self._is_due(latest):
                return _due_at(latest)
            return await self._deliver(latest)

    async def _deliver(self, message: Message) -> datetime | None:
        try:
            posted, standing = await self._sending.send(message)
        except SlackUndelivered as error:
            return await self._undelivered(message, error)
        again = await self._sent(message, posted, standing)
        if message.kind is MessageKind.LIVING:
            await self._tell(message)
        if message.kind is MessageKind.APPROVAL_CARD:
            await self._told(message.team_id, message.channel)
        return again

    async def _read(self, message_id: str) -> Message | None:
        async with self._db.begin() as s:
            return await messages.get(s, message_id)

    def _is_due(self, message: Message) -> bool:
        return message.due_at is not None and message.due_at <= self._clock()

    async def link(self, enrollment_id: str) -> str:
        """The permalink of the enrollment's living message; empty while there is none."""
        return await self._sending.link(enrollment_id)

    async def post_there(self, enrollment: Enrollment) -> None:
        """The living message is on its way to the channel where it was wanted at first."""
        living = await self._sending.living(enrollment.id)
        if living is None or living.channel == enrollment.post_channel:
            return
        async with self._db.begin() as s:
            await messages.redirect(s, living, enrollment.post_channel, self._clock())
        self._nudge(chores.MESSAGE, living.id)

    # -- sending

    async def _put_off(self, message: Message) -> datetime | None:
        """Until when this message has to wait, if it has: one that follows something is edited every 3 s at most."""
        if message.kind not in EDITED or message.sent_at is None:
            return None
        next_time = message.sent_at + _EVERY
        if next_time <= self._clock():
            return None
        async with self._db.begin() as s:
            await messages.later(s, message.id, next_time)
        return next_time

    async def _sent(self, message: Message, posted: Posted, standing: str) -> datetime | None:
        now = self._clock()
        again = None
        async with self._db.begin() as s:
            kept = await messages.sent(s, message, (posted.channel, posted.ts), now, now + _EVERY, standing=standing)
            if not kept and message.kind in EDITED:
                again = now + _EVERY
                await messages.unsure(s, message.id, again)
        if self._locked_out:
            self._locked_out = False
            self._log.info("slack.let_in")
        return again

    # -- when it cannot be sent

    async def _undelivered(self, message: Message, error: SlackUndelivered) -> datetime | None:
        code, now = error.slack_error, self._clock()
        if code == OTHER_FIRST:
            return await self._wait_for_other(message)
        if await self._moved(message, code):
            return None  # Whoever it goes to now was rung for.
        due, attempt = retelling.next_try(message, error, now)
        async with self._db.begin() as s:
            await messages.failed(s, message.id, due, code, attempt=attempt)
        if code not in slack_answers.LOCKED_OUT:
            self._log.warning("message.undelivered", message=message.id, kind=message.kind, slack_error=code)
        elif not self._locked_out:
            # Once, not for each message that waits: what is wrong is the same for all of them.
            self._locked_out = True
            self._log.error("slack.locked_out", slack_error=code)
        return due

    async def _wait_for_other(self, message: Message) -> datetime:
        first = await self._sending.first(message)
        after = self._clock()
        if first is not None and first.undelivered and first.due_at is not None:
            after = max(after, first.due_at)
        async with self._db.begin() as s:
            await messages.later(s, message.id, after + _WAIT_FOR_OTHER)
        return after + _WAIT_FOR_OTHER

    async def _moved(self, message: Message, code: str) -> bool:
        """True for a message that begins anew: at its requester's, or where it was lost."""
        enrollment = await self._sending.enrollment(message.subject_id)
        if message.kind is MessageKind.APPROVAL_CARD and code in slack_answers.CLOSED and enrollment is not None:
            await self._each_their_own(message, enrollment)
        target = retelling.elsewhere(message, code, enrollment.requester_id if enrollment else "")
        if target is None:
            return False
        now = self._clock()
        away = message.kind is MessageKind.LIVING and target != message.channel
        note = _why(enrollment, code, now) if enrollment and away else None
        async with self._db.begin() as s:
            await messages.redirect(s, message, target, now)
            if note:
                await messages.want(s, note)
        self._log.warning("message.moved", message=message.id, kind=message.kind, slack_error=code)
        self._nudge(chores.MESSAGE, message.id)
        if note:
            self._nudge(chores.MESSAGE, note.id)
        return True

    async def _each_their_own(self, message: Message, enrollment: Enrollment) -> None:
        """Whose channel does not take the card have it in their direct messages."""
        if enrollment.terms is None or message.channel != enrollment.terms.channel:
            return
        cards = wanted_approval.cards_apart(enrollment, self._clock())
        async with self._db.begin() as s:
            await messages.want_all(s, cards)
        for card in cards:
            self._nudge(chores.MESSAGE, card.id)

    # -- rows

    async def _tell(self, message: Message) -> None:
        enrollment = await self._sending.enrollment(message.subject_id)
        if enrollment is not None:
            await self._told(enrollment.team_id, enrollment.requester_id)


def _due_at(message: Message | None) -> datetime | None:
    return message.due_at if message is not None else None


def _why(enrollment: Enrollment, code: str, now: datetime) -> Message:
    """The note to the requester about a message that could not stand where they wanted it."""
    cause = f"undelivered:{enrollment.id}:{code}"
    return wanted.about(MessageKind.UNDELIVERED, enrollment, enrollment.requester_id, now, cause=cause)
