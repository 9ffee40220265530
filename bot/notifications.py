"""Brings every message row from what was sent to what is wanted: posts, edits, and says where a message stands.

The domain writes rows and never calls Slack; a crash between the two loses nothing. At least once: `ts` is saved right
after posting, and a restart in between posts a second time. What stands in Slack is known by the row alone, so that
any process can go on where another was killed.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot import retelling, slack_answers
from bot.enrollment import chores, wanted
from bot.enrollment.chores import Nudge
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.messages import EDITED, Message, MessageKind
from bot.errors import SlackUndelivered
from bot.renderings import Renderings
from bot.slack_messages import Content, Posted, SlackMessages
from bot.store import enrollments, messages
from bot.store.session import Database

Told = Callable[[str, str], Awaitable[None]]
"""(team id, user id): something that this person sees has changed."""

_EVERY = timedelta(seconds=3)
_WAIT_FOR_OTHER = timedelta(seconds=1)
_REMEMBERED = 1000


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
        self._slack = slack
        self._renderings = renderings
        self._clock = clock
        self._nudge = nudge
        self._told = told
        self._links: dict[str, str] = {}  # Of messages by their ts; an address never changes.
        self._locked_out = False
        self._log = structlog.get_logger()

    async def deliver(self, message_id: str) -> None:
        """The message stands in Slack as wanted, or is due again later, or is given up with a reason."""
        async with self._db.begin() as s:
            message = await messages.get(s, message_id)
        if message is None or message.due_at is None or message.due_at > self._clock():
            return
        if await self._put_off(message):
            return
        try:
            posted, standing = await self._send(message)
        except SlackUndelivered as error:
            await self._undelivered(message, error)
            return
        await self._sent(message, posted, standing)
        if message.kind is MessageKind.LIVING:
            await self._tell(message)

    async def link(self, enrollment_id: str) -> str:
        """The permalink of the enrollment's living message; empty while there is none."""
        living = await self._living(enrollment_id)
        if living is None or not living.ts:
            return ""
        if living.ts not in self._links:
            link = await self._slack.permalink(Posted(living.posted_channel, living.ts))
            if not link:
                return ""
            self._links[living.ts] = link
            _forget_oldest(self._links)
        return self._links[living.ts]

    async def post_there(self, enrollment: Enrollment) -> None:
        """The living message is on its way to the channel where it was wanted at first."""
        living = await self._living(enrollment.id)
        if living is None or living.channel == enrollment.post_channel:
            return
        async with self._db.begin() as s:
            await messages.redirect(s, living, enrollment.post_channel, self._clock())
        self._nudge(chores.MESSAGE, living.id)

    # -- sending

    async def _put_off(self, message: Message) -> bool:
        """True when this message has to wait: one that follows something is edited every 3 seconds at most."""
        if message.kind not in EDITED or message.sent_at is None:
            return False
        next_time = message.sent_at + _EVERY
        if next_time <= self._clock():
            return False
        async with self._db.begin() as s:
            await messages.later(s, message.id, next_time)
        return True

    async def _send(self, message: Message) -> tuple[Posted, str]:
        """Where the message stands now, and a fingerprint of what it says if it will be edited."""
        match message.kind:
            case MessageKind.LIVING:
                return await self._send_edited(message, await self._renderings.living(message.subject_id))
            case MessageKind.OUTAGE:
                return await self._send_edited(message, await self._renderings.outage(message))
            case MessageKind.PING | MessageKind.STARTED | MessageKind.OUTAGE_HEALED:
                return await self._send_beside(message), ""
            case MessageKind.REFUSED_FILE | MessageKind.LEFT_OUT_FILE:
                return await self._renderings.send_file(message), ""
            case _:
                content = await self._renderings.direct(message)
                return (await self._slack.post(message.channel, content) if content else _nowhere(message)), ""

    async def _send_beside(self, message: Message) -> Posted:
        """What belongs to another message, and waits until that one stands."""
        match message.kind:
            case MessageKind.PING:
                return await self._send_ping(message)
            case MessageKind.STARTED:
                return await self._send_started(message)
            case _:
                return await self._send_healed(message)

    async def _send_edited(self, message: Message, content: Content | None) -> tuple[Posted, str]:
        if content is None:
            return _nowhere(message), ""
        said = _said(content)
        if not message.ts:
            return await self._slack.post(message.channel, content), said
        posted = Posted(message.posted_channel, message.ts)
        if message.standing != said:
            await self._slack.update(posted, content)
        return posted, said

    async def _send_ping(self, message: Message) -> Posted:
        content = await self._renderings.ping(message.subject_id)
        enrollment = await self._enrollment(message.subject_id)
        if content is None or enrollment is None:
            return _nowhere(message)
        living = await self._living(message.subject_id)
        if living and (_given_up(living) or retelling.stands_alone(message, living, enrollment.requester_id)):
            return await self._slack.post(message.channel, content)
        if living is None or not living.ts:
            raise SlackUndelivered(_OTHER_FIRST)
        return await self._slack.post(living.posted_channel, content, thread_ts=living.ts)

    async def _send_healed(self, message: Message) -> Posted:
        content = await self._renderings.outage_healed(message.subject_id)
        first = await self._first(message)
        if content is None or first is None or _given_up(first):
            return _nowhere(message)
        if not first.ts:
            raise SlackUndelivered(_OTHER_FIRST)
        if retelling.has_no_thread(message):
            return await self._slack.post(message.channel, content)
        return await self._slack.post(first.posted_channel, content, thread_ts=first.ts)

    async def _send_started(self, message: Message) -> Posted:
        enrollment = await self._enrollment(message.subject_id)
        living = await self._living(message.subject_id)
        if enrollment is None or (living is not None and _given_up(living)):
            return _nowhere(message)
        if living is None or not living.ts:
            raise SlackUndelivered(_OTHER_FIRST)
        if living.posted_channel == enrollment.origin_channel_id:
            return _nowhere(message)
        content = self._renderings.started(enrollment, await self.link(enrollment.id))
        if await self._slack.answer(enrollment.response_url, content):
            return _nowhere(message)
        if living.channel == enrollment.requester_id:
            return _nowhere(message)  # The living message itself stands in their direct messages.
        return await self._slack.post(message.channel, content)

    async def _sent(self, message: Message, posted: Posted, standing: str) -> None:
        now = self._clock()
        async with self._db.begin() as s:
            kept = await messages.sent(s, message, (posted.channel, posted.ts), now, now + _EVERY, standing=standing)
            if not kept and message.kind in EDITED:
                await messages.unsure(s, message.id, now + _EVERY)
        if self._locked_out:
            self._locked_out = False
            self._log.info("slack.let_in")

    # -- when it cannot be sent

    async def _undelivered(self, message: Message, error: SlackUndelivered) -> None:
        code, now = error.slack_error, self._clock()
        if code == _OTHER_FIRST:
            await self._wait_for_other(message)
            return
        if await self._moved(message, code):
            return
        due, attempt = retelling.next_try(message, error, now)
        async with self._db.begin() as s:
            await messages.failed(s, message.id, due, code, attempt=attempt)
        if code not in slack_answers.LOCKED_OUT:
            self._log.warning("message.undelivered", message=message.id, kind=message.kind, slack_error=code)
        elif not self._locked_out:
            # Once, not for each message that waits: what is wrong is the same for all of them.
            self._locked_out = True
            self._log.error("slack.locked_out", slack_error=code)

    async def _wait_for_other(self, message: Message) -> None:
        first = await self._first(message)
        after = self._clock()
        if first is not None and first.undelivered and first.due_at is not None:
            after = max(after, first.due_at)
        async with self._db.begin() as s:
            await messages.later(s, message.id, after + _WAIT_FOR_OTHER)

    async def _moved(self, message: Message, code: str) -> bool:
        """True for a message that begins anew: at its requester's, or where it was lost."""
        enrollment = await self._enrollment(message.subject_id)
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

    # -- rows

    async def _tell(self, message: Message) -> None:
        enrollment = await self._enrollment(message.subject_id)
        if enrollment is not None:
            await self._told(enrollment.team_id, enrollment.requester_id)

    async def _first(self, message: Message) -> Message | None:
        """The message that this one belongs to."""
        if message.kind is not MessageKind.OUTAGE_HEALED:
            return await self._living(message.subject_id)
        async with self._db.begin() as s:
            return await messages.by_cause(s, wanted.outage_cause(message.subject_id, message.channel))

    async def _living(self, enrollment_id: str) -> Message | None:
        async with self._db.begin() as s:
            return await messages.by_cause(s, f"{MessageKind.LIVING}:{enrollment_id}")

    async def _enrollment(self, enrollment_id: str) -> Enrollment | None:
        async with self._db.begin() as s:
            return await enrollments.get(s, enrollment_id)


# Not Slack's: the message that this one belongs to is not posted yet.
_OTHER_FIRST = "other_first"


def _given_up(living: Message) -> bool:
    """True when no message will ever stand there that another could belong to."""
    return living.due_at is None and not living.ts


def _nowhere(message: Message) -> Posted:
    """Nothing had to be said, or it was said where no message stays."""
    return Posted(message.channel, "")


def _why(enrollment: Enrollment, code: str, now: datetime) -> Message:
    """The note to the requester about a message that could not stand where they wanted it."""
    return wanted.message(
        MessageKind.UNDELIVERED,
        team_id=enrollment.team_id,
        subject_id=enrollment.id,
        channel=enrollment.requester_id,
        now=now,
        cause=f"undelivered:{enrollment.id}:{code}",
    )


def _said(content: Mapping[str, Any]) -> str:
    """A fingerprint of what a reader sees of a message; block_ids change with every edit and are not seen."""
    blocks = [{key: value for key, value in block.items() if key != "block_id"} for block in content["blocks"]]
    return hashlib.sha256(json.dumps([content["text"], blocks], sort_keys=True).encode()).hexdigest()[:16]


def _forget_oldest(remembered: dict[str, str]) -> None:
    while len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]
