"""What Slack sends to the bot: signed HTTP or Socket Mode envelopes, and what it makes of the answers.

Commands, interactions and option requests are sent once; events are sent again when they fail (docs: Events API).
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.things import Json
from bot.sandbox.slack.world import SlackWorld

_WITHIN = 3.0
_EVENT_TRIES = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status (0 for none within three seconds) and the JSON, if any."""

    status: int
    body: Json
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 200


NOTHING = Answer(0, {})


class Deliveries:
    """Sends to one bot, over HTTP once it has an address, else over Socket Mode."""

    def __init__(self, world: SlackWorld, socket: SocketMode) -> None:
        self._world = world
        self._socket = socket
        self._bot_url = ""
        self.log: list[tuple[str, int]] = []

    def to_http(self, bot_url: str) -> None:
        """From now on everything is posted there."""
        self._bot_url = bot_url

    def to_socket(self) -> None:
        """From now on everything goes over the websocket."""
        self._bot_url = ""

    async def command(self, fields: dict[str, str]) -> Answer:
        """A slash command."""
        if not self._bot_url:
            return await self._envelope("slash_commands", fields)
        return await self.post(urlencode(fields), "application/x-www-form-urlencoded", kind="command")

    async def interaction(self, payload: Json) -> Answer:
        """A press, a submission, a shortcut or a request for options."""
        if not self._bot_url:
            return await self._envelope("interactive", payload)
        body = urlencode({"payload": json.dumps(payload)})
        return await self.post(body, "application/x-www-form-urlencoded", kind=str(payload["type"]))

    async def event(self, payload: Json) -> Answer:
        """An event; sent again up to three times, here without Slack's minutes between."""
        answer = NOTHING
        for attempt in range(_EVENT_TRIES):
            retry = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": "http_error"} if attempt else {}
            if self._bot_url:
                answer = await self.post(json.dumps(payload), "application/json", kind="event", more=retry)
            else:
                answer = await self._envelope("events_api", payload)
            if answer.ok:
                break
        return answer

    async def post(
        self,
        body: str,
        content_type: str,
        *,
        kind: str = "raw",
        more: dict[str, str] | None = None,
        sign: Callable[[str, str], str] | None = None,
        timestamp: str = "",
    ) -> Answer:
        """One signed POST; `sign` and `timestamp` let a test forge one."""
        timestamp = timestamp or str(int(self._world.clock().timestamp()))
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": (sign or self.signature)(timestamp, body),
            **(more or {}),
        }
        try:
            async with httpx.AsyncClient(timeout=_WITHIN, trust_env=False) as client:
                response = await asyncio.wait_for(
                    client.post(self._bot_url, content=body.encode(), headers=headers), _WITHIN
                )
        except (httpx.HTTPError, TimeoutError):
            self.log.append((kind, 0))
            return NOTHING
        self.log.append((kind, response.status_code))
        return Answer(response.status_code, _json(response.text), response.text)

    def signature(self, timestamp: str, body: str) -> str:
        """docs: verifying requests from Slack."""
        base = f"v0:{timestamp}:{body}".encode()
        return "v0=" + hmac.new(self._world.signing_secret.encode(), base, hashlib.sha256).hexdigest()

    async def _envelope(self, kind: str, payload: dict[str, Any]) -> Answer:
        answer = await self._socket.send(kind, payload)
        self.log.append((kind, 200 if answer is not None else 0))
        return NOTHING if answer is None else Answer(200, answer, str(answer.get("text", "")))


def _json(body: str) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
