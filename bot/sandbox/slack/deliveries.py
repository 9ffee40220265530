"""What Slack sends to the bot: signed HTTP or Socket Mode envelopes, and what it makes of the answers.

Commands, interactions and option requests are sent once; events are sent again when they fail (docs: Events API).
"""

import asyncio
import hashlib
import hmac
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.sandbox.clock import Stopwatch
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.things import Delivery, Json
from bot.sandbox.slack.world import SlackWorld

_WITHIN = 3.0
# Slack waits 0, 60 and 300 seconds before it sends an event again; a sandbox has no such patience.
RETRY_WAITS = (0.0, 0.05, 0.1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status (0 for none within three seconds) and the JSON, if any."""

    status: int
    body: Json
    text: str = ""
    final: bool = False

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
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.retry_waits: tuple[float, ...] = RETRY_WAITS
        # Whether each delivery arrives twice at once, the same signed bytes; the first answer counts.
        self.twice = False
        self.log: list[Delivery] = []
        self._last_event: Json | None = None

    def to_http(self, bot_url: str) -> None:
        """From now on everything is posted there."""
        self._bot_url = bot_url

    def to_socket(self) -> None:
        """From now on everything goes over the websocket."""
        self._bot_url = ""

    @property
    def over_socket(self) -> bool:
        """Whether everything goes over the websocket."""
        return not self._bot_url

    async def command(self, fields: dict[str, str]) -> Answer:
        """A slash command."""
        about = fields["command"]
        if not self._bot_url:
            return await self._envelope("slash_commands", fields, "command", about)
        return await self.post(urlencode(fields), "application/x-www-form-urlencoded", kind="command", about=about)

    async def interaction(self, payload: Json) -> Answer:
        """A press, a submission, a shortcut or a request for options."""
        kind, about = str(payload["type"]), _about(payload)
        if not self._bot_url:
            return await self._envelope("interactive", payload, kind, about)
        body = urlencode({"payload": json.dumps(payload)})
        return await self.post(body, "application/x-www-form-urlencoded", kind=kind, about=about)

    async def event(self, payload: Json) -> Answer:
        """An event; sent again up to three times when it fails, unless the bot asks not to."""
        self._last_event = payload
        answer = await self._event(payload, 0, "")
        for attempt, wait in enumerate(self.retry_waits, 1):
            if answer.ok or answer.final:
                break
            await asyncio.sleep(wait)
            answer = await self._event(payload, attempt, "http_error" if answer.status else "http_timeout")
        return answer

    async def repeat(self) -> Answer | None:
        """The last event arrives once more, as if its answer had been lost; None when there was no event yet."""
        return await self._event(self._last_event, 1, "http_timeout") if self._last_event else None

    async def _event(self, payload: Json, attempt: int, reason: str) -> Answer:
        about = str(payload["event"]["type"])
        if self._bot_url:
            retry = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason} if attempt else {}
            return await self.post(json.dumps(payload), "application/json", kind="event", about=about, more=retry)
        retried = {"retry_attempt": attempt, "retry_reason": reason}
        return await self._envelope("events_api", payload, "event", about, **retried)

    async def post(
        self,
        body: str,
        content_type: str,
        *,
        kind: str = "raw",
        about: str = "",
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
        if self.twice:
            twin = self._sent(body, headers, kind, about)
            return (await asyncio.gather(self._sent(body, headers, kind, about), twin))[0]
        return await self._sent(body, headers, kind, about)

    async def _sent(self, body: str, headers: dict[str, str], kind: str, about: str) -> Answer:
        watch = Stopwatch(self._world.clock)
        try:
            async with asyncio.timeout(_WITHIN), self._client() as client:
                response = await client.post(self._bot_url, content=body.encode(), headers=headers)
        except (httpx.HTTPError, TimeoutError):
            self._note(kind, about, 0, watch)
            return NOTHING
        self._note(kind, about, response.status_code, watch)
        final = response.headers.get("x-slack-no-retry") == "1"
        return Answer(response.status_code, _json(response.text), response.text, final)

    def _client(self) -> httpx.AsyncClient:
        # A context of its own for each delivery would read every authority's certificate, 30 ms for plain HTTP.
        return httpx.AsyncClient(timeout=_WITHIN, trust_env=False, verify=self._tls)

    def signature(self, timestamp: str, body: str) -> str:
        """docs: verifying requests from Slack."""
        base = f"v0:{timestamp}:{body}".encode()
        return "v0=" + hmac.new(self._world.signing_secret.encode(), base, hashlib.sha256).hexdigest()

    async def _envelope(self, envelope: str, payload: dict[str, Any], kind: str, about: str, **retried: Any) -> Answer:
        watch = Stopwatch(self._world.clock)
        answer = await self._socket.send(envelope, payload, **retried)
        self._note(kind, about, 0 if answer is None else 200, watch)
        return NOTHING if answer is None else Answer(200, answer, str(answer.get("text", "")))

    def _note(self, kind: str, about: str, status: int, watch: Stopwatch) -> None:
        self.log.append(Delivery(kind, about, status, watch.at, watch.milliseconds))
        self._world.touch()


def _about(payload: Json) -> str:
    """The ids by which the bot knows what it is about: of actions, of the view, or of the shortcut."""
    if "actions" in payload:
        return ", ".join(str(one["action_id"]) for one in payload["actions"])
    view = payload.get("view") or {}
    return str(payload.get("action_id") or payload.get("callback_id") or view.get("callback_id") or "")


def _json(body: str) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
