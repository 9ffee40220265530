"""Messages at Slack: posted, edited, sent to one person, or shown to one person only.

Slack has no idempotency keys, so nothing is posted twice from here: whoever gets no answer decides what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot import slack_answers

Content = Mapping[str, Any]
"""What a message says: `text` and, if it has them, `blocks`."""


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands now."""

    channel: str
    ts: str


class SlackMessages:
    """Posting as the bot, and answering through a response_url."""

    def __init__(self, client: AsyncWebClient, *, session: aiohttp.ClientSession) -> None:
        self._client = client
        self._session = session

    async def post(self, channel: str, content: Content, *, thread_ts: str = "") -> Posted:
        """The message stands in the channel, or in the person's direct messages. Raises SlackUndelivered."""
        arguments: dict[str, Any] = {"thread_ts": thread_ts} if thread_ts else {}
        try:
            answer = await self._client.chat_postMessage(
                channel=channel, **_whole(content), unfurl_links=False, unfurl_media=False, **arguments
            )
        except slack_answers.UNANSWERED as error:
            raise slack_answers.undelivered(error) from error
        return Posted(str(answer.get("channel") or channel), str(answer.get("ts") or ""))

    async def update(self, posted: Posted, content: Content) -> None:
        """The message says this now. Raises SlackUndelivered."""
        try:
            await self._client.chat_update(channel=posted.channel, ts=posted.ts, **_whole(content))
        except slack_answers.UNANSWERED as error:
            raise slack_answers.undelivered(error) from error

    async def permalink(self, posted: Posted) -> str:
        """An address of the message, or an empty one."""
        if not posted.ts:
            return ""
        try:
            answer = await self._client.chat_getPermalink(channel=posted.channel, message_ts=posted.ts)
        except slack_answers.UNANSWERED:
            return ""
        return str(answer.get("permalink") or "")

    async def answer(self, response_url: str, content: Content, *, replace: bool = False) -> bool:
        """True when the person who typed or pressed sees this, alone; False when the address no longer answers.

        `replace` puts it in the place of the message that was pressed in.
        """
        if not response_url:
            return False
        body = {**_whole(content), "response_type": "ephemeral", "replace_original": replace}
        webhook = AsyncWebhookClient(response_url, session=self._session, timeout=10, retry_handlers=[])
        try:
            answer = await webhook.send_dict(body)
        except (aiohttp.ClientError, TimeoutError):
            return False
        return answer.status_code == 200


def _whole(content: Content) -> dict[str, Any]:
    # Blocks that are not sent with an edit stay as they were, so an empty list says that there are none.
    return {"text": content["text"], "blocks": list(content.get("blocks", ()))}
