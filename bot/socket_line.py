"""The line to Slack when SLACK_APP_TOKEN is set: Socket Mode, kept up for as long as the bot runs.

One connection is one coroutine: asked for, opened, listened to, lost; then comes the next. So there are never two at
once, and nothing of an old one is left behind. slack_sdk's own client mends itself in tasks that nobody can wait for,
and is known to fall silent in the middle of it:
https://github.com/slackapi/python-slack-sdk/issues/1110, /1446 and /1701.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot import deliveries, slack_answers
from bot.background import Background
from bot.errors import Misconfigured

Json = dict[str, Any]
_LOST = (*slack_answers.UNANSWERED, OSError)
_REFUSED = slack_answers.LOCKED_OUT | {"no_permission"}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds the line waits for what."""

    # Two thirds after the last byte aiohttp sends a ping; without a byte in the last third the connection is lost.
    silence: float = 15.0
    hello: float = 10.0
    start: float = 10.0
    goodbye: float = 1.0
    # A connection that held this long was a good one: the next may follow at once.
    settled: float = 5.0


PATIENT = Patience()
"""As it is outside of tests."""


def pause(failures: int) -> float:
    """How many seconds to wait after so many failures in a row: none after none, 30 at most."""
    return min(_FIRST_PAUSE * 2 ** min(failures - 1, 10), _LONGEST_PAUSE) if failures else 0.0


class SocketLine:
    """What Slack sends over the websocket reaches the Bolt app; `connected` says whether it can."""

    def __init__(self, slack: AsyncApp, token: SecretStr, *, api_url: str, patience: Patience) -> None:
        self._slack = slack
        self._token = token
        self._api_url = api_url
        self._patience = patience
        self._log = structlog.get_logger()
        self._keeper = Background()
        self._deliveries = Background()
        self._first: asyncio.Future[None] | None = None
        self._since: float | None = None
        self._stopping = False

    def connected(self) -> bool:
        """Slack has said hello, and nothing speaks against its being there."""
        return self._since is not None

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """The line is kept up until the block ends; a Slack that is away holds up neither its start nor its end.

        Raises Misconfigured when Slack refuses the token at the start.
        """
        self._first = asyncio.get_running_loop().create_future()
        self._keeper.start(self._keep(), on_error=self._broken)
        try:
            await self._begun(self._first)
            yield
        finally:
            self._stopping = True
            await self._deliveries.drain(self._patience.goodbye)
            await self._keeper.drain(0)

    async def _begun(self, first: asyncio.Future[None]) -> None:
        """The first connection was made, or is no longer waited for."""
        await asyncio.wait({first}, timeout=self._patience.start)
        if first.done():
            first.result()
        else:
            first.cancel()
            self._log.warning("slack.line_late")

    # -- one connection after the other

    async def _keep(self) -> None:
        failures = 0
        async with aiohttp.ClientSession() as session:
            while True:
                asked = 0.0
                try:
                    held = await self._connection(session)
                except _LOST as error:
                    if self._refused_at_start(error):
                        return
                    held, asked = 0.0, slack_answers.retry_after(error, 0.0)
                failures = 0 if held >= self._patience.settled else failures + 1
                await asyncio.sleep(max(pause(failures), asked))

    def _refused_at_start(self, error: BaseException) -> bool:
        """Whether the token is refused before anything has begun; later that may be mended while the bot runs."""
        code = slack_answers.code(error)
        self._log.warning("slack.line_down", slack_error=code)
        if code not in _REFUSED or self._first is None or self._first.done():
            return False
        self._first.set_exception(Misconfigured("SLACK_APP_TOKEN", _token_words(code)))
        return True

    async def _broken(self, error: BaseException) -> None:
        """What nobody thought of is told, and the line is made anew."""
        self._log.error("slack.line_broken", exc_info=error)
        await asyncio.sleep(_LONGEST_PAUSE)
        self._keeper.start(self._keep(), on_error=self._broken)

    # -- one connection

    async def _connection(self, session: aiohttp.ClientSession) -> float:
        """How many seconds it held, counted from Slack's hello."""
        client = AsyncWebClient(
            token=self._token.get_secret_value(), base_url=self._api_url, session=session, retry_handlers=[]
        )
        async with asyncio.timeout(self._patience.hello) as limit:
            answer = await client.api_call("apps.connections.open")
            async with session.ws_connect(
                str(answer.get("url") or ""),
                heartbeat=self._patience.silence * 2 / 3,
                timeout=aiohttp.ClientWSTimeout(ws_close=self._patience.goodbye),
                proxy=client.proxy,
                ssl=client.ssl or True,
            ) as socket:
                try:
                    return await self._listen(socket, limit)
                finally:
                    self._since = None

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse, limit: asyncio.Timeout) -> float:
        why = ""
        while not why:
            received = await socket.receive()
            if received.type is not aiohttp.WSMsgType.TEXT:
                why = "silent" if isinstance(received.data, aiohttp.ServerTimeoutError) else "closed"
                break
            envelope = _read(received.data)
            match envelope.get("type"):
                case "hello":
                    limit.reschedule(None)
                    self._greeted(envelope)
                case "disconnect":
                    why = str(envelope.get("reason") or "disconnect")
                case _ if not self._stopping:
                    self._deliveries.start(self._deliver(socket, envelope), on_error=self._undelivered)
        held = 0.0 if self._since is None else asyncio.get_running_loop().time() - self._since
        self._since = None
        self._log.info("slack.line_lost", why=why, held=round(held, 1))
        # An answer goes over the connection that the question came by, if that still stands.
        await self._deliveries.settle(self._patience.goodbye)
        return held

    def _greeted(self, hello: Json) -> None:
        self._since = asyncio.get_running_loop().time()
        # Each delivery goes to one of an app's connections: a second bot with this token would take half of them.
        self._log.info("slack.line_up", connections=hello.get("num_connections"))
        if self._first is not None and not self._first.done():
            self._first.set_result(None)

    # -- one envelope

    async def _deliver(self, socket: aiohttp.ClientWebSocketResponse, envelope: Json) -> None:
        delivery = deliveries.enveloped(envelope)
        if delivery is None:
            self._log.warning("slack.malformed")
            return
        answer = await self._slack.async_dispatch(
            AsyncBoltRequest(body=delivery, headers=_retried(envelope), mode="socket_mode")
        )
        # As over HTTP: what is not answered with 200 does not count as taken.
        if answer.status == 200:
            await socket.send_json({"envelope_id": envelope.get("envelope_id"), **_payload(answer)})

    async def _undelivered(self, error: BaseException) -> None:
        """Slack sends an event again, and tells a person that there was no answer."""
        self._log.warning("slack.unacknowledged", exc_info=error)


def _read(text: str) -> Json:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _retried(envelope: Json) -> dict[str, str | Sequence[str]]:
    """What HTTP would say in headers about an event that is sent again."""
    named = {"x-slack-retry-num": "retry_attempt", "x-slack-retry-reason": "retry_reason"}
    return {header: str(envelope[key]) for header, key in named.items() if envelope.get(key)}


def _payload(answer: BoltResponse) -> Json:
    """What goes back with the acknowledgement, if anything does."""
    if not answer.body:
        return {}
    if answer.first_headers().get("content-type", "").startswith("application/json"):
        return {"payload": json.loads(answer.body)}
    return {"payload": {"text": answer.body}}


def _token_words(code: str) -> str:
    return (
        f"SLACK_APP_TOKEN is refused by Slack ({code}). Make one with the scope connections:write at "
        "api.slack.com/apps > your app > Basic Information > App-Level Tokens. Nothing was started."
    )
