"""How each kind of message is sent: posted, edited, in a thread, as a file, or through a response_url.

What it says is rendered at this moment from the rows. When it is tried, and what becomes of a refusal, is not known
here: `notifications` decides that.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from bot import retelling
from bot.enrollment import wanted, wanted_approval
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.messages import Message, MessageKind
from bot.errors import SlackUndelivered
from bot.renderings import Renderings
from bot.slack_messages import Content, Posted, SlackMessages
from bot.store import enrollments, messages
from bot.store.session import Database

OTHER_FIRST = "other_first"
"""Not Slack's: the message that this one belongs to is not posted yet."""
_REMEMBERED = 1000
_BESIDE = frozenset(
    {
        MessageKind.PING,
        MessageKind.STARTED,
        MessageKind.OUTAGE_HEALED,
        MessageKind.APPROVED,
        MessageKind.ANSWER,
        MessageKind.STOPPED,
        MessageKind.RESUMED,
        MessageKind.RECEIPT,
    }
)


class Sending:
    """Sends one message as its row and its subject stand now."""

    def __init__(self, db: Database, slack: SlackMessages, renderings: Renderings) -> None:
        self._db = db
        self._slack = slack
        self._renderings = renderings
        self._links: dict[str, str] = {}  # Of messages by their ts; an address never changes.

    async def send(self, message: Message) -> tuple[Posted, str]:
        """Where the message stands now, and a fingerprint of what it says if it will be edited.

        Raises SlackUndelivered, with OTHER_FIRST while the message that it belongs to is not posted.
        """
        match message.kind:
            case MessageKind.LIVING:
                return await self._send_edited(message, await self._renderings.living(message.subject_id))
            case MessageKind.OUTAGE:
                return await self._send_edited(message, await self._renderings.outage(message))
            case MessageKind.APPROVAL_CARD | MessageKind.QUESTION:
                return await self._send_asking(message)
            case kind if kind in _BESIDE:
                return await self._send_beside(message), ""
            case MessageKind.REFUSED_FILE | MessageKind.LEFT_OUT_FILE | MessageKind.RECEIPT_FILE:
                return await self._renderings.send_file(message), ""
            case _:
                content = await self._renderings.direct(message)
                return (await self._slack.post(message.channel, content) if content else _nowhere(message)), ""

    async def _send_beside(self, message: Message) -> Posted:
        """What belongs to another message, and waits until that one stands."""
        match message.kind:
            case MessageKind.PING | MessageKind.RECEIPT:
                return await self._send_reply(message)
            case MessageKind.STARTED:
                return await self._send_started(message)
            case MessageKind.STOPPED | MessageKind.RESUMED:
                return await self._send_stop_note(message)
            case MessageKind.OUTAGE_HEALED:
                return await self._send_in_thread(message, await self._renderings.outage_healed(message.subject_id))
            case _:
                return await self._send_in_thread(message, await self._renderings.approvals.beside(message))

    async def _send_asking(self, message: Message) -> tuple[Posted, str]:
        """A card, or a question in the thread of one; edited where it stands once nothing is asked any more."""
        if message.kind is MessageKind.APPROVAL_CARD:
            card = await self._renderings.approvals.card(message, await self.link(message.subject_id))
            return await self._send_edited(message, card)
        content = await self._renderings.approvals.beside(message)
        if message.ts or content is None:
            return await self._send_edited(message, content)
        return await self._send_in_thread(message, content), _said(content)

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

    async def _send_reply(self, message: Message) -> Posted:
        enrollment, living = await self._about(message.subject_id)
        if enrollment is None:
            return _nowhere(message)
        if message.kind is MessageKind.PING:
            content: Content | None = await self._renderings.ping(enrollment)
        else:
            content = await self._renderings.receipts.beside(enrollment.id)
        if content is None:
            return _nowhere(message)
        if living and (_given_up(living) or retelling.stands_alone(message, living, enrollment.requester_id)):
            return await self._slack.post(message.channel, content)
        if living is None or not living.ts:
            raise SlackUndelivered(OTHER_FIRST)
        return await self._slack.post(living.posted_channel, content, thread_ts=living.ts)

    async def _send_stop_note(self, message: Message) -> Posted:
        """In the thread alone: the message above it, or what follows it elsewhere, says it as well."""
        content, living = await self._renderings.stop_note(message), await self.living(message.subject_id)
        if content is None or living is None or _given_up(living) or retelling.has_no_thread(message):
            return _nowhere(message)
        if not living.ts:
            raise SlackUndelivered(OTHER_FIRST)
        return await self._slack.post(living.posted_channel, content, thread_ts=living.ts)

    async def _send_in_thread(self, message: Message, content: Content | None) -> Posted:
        first = await self.first(message)
        if content is None or first is None or _given_up(first):
            return _nowhere(message)
        if not first.ts:
            raise SlackUndelivered(OTHER_FIRST)
        if retelling.has_no_thread(message):
            return await self._slack.post(message.channel, content)
        return await self._slack.post(first.posted_channel, content, thread_ts=first.ts)

    async def _send_started(self, message: Message) -> Posted:
        enrollment, living = await self._about(message.subject_id)
        if enrollment is None or (living is not None and _given_up(living)):
            return _nowhere(message)
        if living is None or not living.ts:
            raise SlackUndelivered(OTHER_FIRST)
        if living.posted_channel == enrollment.origin_channel_id:
            return _nowhere(message)
        content = self._renderings.started(enrollment, await self.link(enrollment.id))
        if await self._slack.answer(enrollment.response_url, content):
            return _nowhere(message)
        if living.channel == enrollment.requester_id:
            return _nowhere(message)  # The living message itself stands in their direct messages.
        return await self._slack.post(message.channel, content)

    async def link(self, enrollment_id: str) -> str:
        """The permalink of the enrollment's living message; empty while there is none."""
        living = await self.living(enrollment_id)
        if living is None or not living.ts:
            return ""
        if living.ts not in self._links:
            link = await self._slack.permalink(Posted(living.posted_channel, living.ts))
            if not link:
                return ""
            self._links[living.ts] = link
            _forget_oldest(self._links)
        return self._links[living.ts]

    async def first(self, message: Message) -> Message | None:
        """The message that this one belongs to."""
        match message.kind:
            case MessageKind.OUTAGE_HEALED:
                cause = wanted.outage_cause(message.subject_id, message.channel)
            case MessageKind.QUESTION | MessageKind.ANSWER:
                cause = wanted_approval.first_cause(message)
            case _:
                return await self.living(message.subject_id)
        async with self._db.begin() as s:
            return await messages.by_cause(s, cause)

    async def living(self, enrollment_id: str) -> Message | None:
        """The message that follows this enrollment."""
        async with self._db.begin() as s:
            return await messages.by_cause(s, _living(enrollment_id))

    async def enrollment(self, enrollment_id: str) -> Enrollment | None:
        """The enrollment that a message is about."""
        async with self._db.begin() as s:
            return await enrollments.get(s, enrollment_id)

    async def _about(self, enrollment_id: str) -> tuple[Enrollment | None, Message | None]:
        """The enrollment, and the message that follows it."""
        async with self._db.begin() as s:
            return await enrollments.get(s, enrollment_id), await messages.by_cause(s, _living(enrollment_id))


def _living(enrollment_id: str) -> str:
    return f"{MessageKind.LIVING}:{enrollment_id}"


def _given_up(living: Message) -> bool:
    """True when no message will ever stand there that another could belong to."""
    return living.due_at is None and not living.ts


def _nowhere(message: Message) -> Posted:
    """Nothing had to be said, or it was said where no message stays."""
    return Posted(message.channel, "")


def _said(content: Mapping[str, Any]) -> str:
    """A fingerprint of what a reader sees of a message; block_ids change with every edit and are not seen."""
    blocks = [{key: value for key, value in block.items() if key != "block_id"} for block in content["blocks"]]
    return hashlib.sha256(json.dumps([content["text"], blocks], sort_keys=True).encode()).hexdigest()[:16]


def _forget_oldest(remembered: dict[str, str]) -> None:
    while len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]
