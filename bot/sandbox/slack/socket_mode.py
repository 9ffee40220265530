"""Socket Mode: envelopes over websockets instead of signed HTTP, acknowledged by id (docs: using Socket Mode).

An app may have ten connections, and each envelope goes to one of them. What goes wrong on such lines is done here on
request: Slack asks for a new one, one is cut without a word, one stays open and falls silent.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.things import Json

_ACK_WITHIN = 3.0
_MOST = 10
Reason = Literal["warning", "refresh_requested", "link_disabled"]


@dataclass(eq=False, slots=True)
class _Connection:
    socket: WebSocket
    is_silent: bool = False

    @property
    def transport(self) -> asyncio.Transport:
        """What carries it; see `bot.sandbox.serve`."""
        found: asyncio.Transport = self.socket.scope["extensions"]["sandbox.transport"]
        return found


class SocketMode:
    """The connections that the bot opened, the oldest first; `opened` counts all there ever were."""

    def __init__(self, new_id: Callable[[str], str], tickets: set[str]) -> None:
        self._new_id = new_id
        self._open: list[_Connection] = []
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._arrived = asyncio.Event()
        self._tickets = tickets
        self._turn = 0
        self.opened = 0
        self.most_at_once = 0

    @property
    def open(self) -> tuple[int, int]:
        """How many connections are open, and how many of them are silent."""
        return len(self._open), len(self._open) - len(self._heard())

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from hello to its end; none without a ticket that was not used yet."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close()
            return
        self._tickets.remove(ticket)
        await socket.accept()
        if len(self._heard()) >= _MOST:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        connection = _Connection(socket)
        self._open.append(connection)
        count = len(self._heard())
        self.opened, self.most_at_once = self.opened + 1, max(self.most_at_once, count)
        hello = {"type": "hello", "num_connections": count, "connection_info": {"app_id": "A0SANDBOX"}}
        try:
            await socket.send_json(hello)
            self._arrived.set()
            while True:
                self._acknowledged(json.loads(await socket.receive_text()))
        except WebSocketDisconnect:
            pass
        finally:
            self._forget(connection)

    async def send(self, kind: str, payload: Json, **retried: Any) -> Json | None:
        """The payload of the acknowledgement; None when there was none within three seconds."""
        envelope_id = self._new_id("envelope-")
        acknowledged: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._acks[envelope_id] = acknowledged
        envelope = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
            **retried,
        }
        try:
            async with asyncio.timeout(_ACK_WITHIN):
                await self._arrived.wait()
                await self._say(self._next(), envelope)
                return await acknowledged
        except TimeoutError:
            return None
        finally:
            self._acks.pop(envelope_id, None)

    # -- what goes wrong on a line

    async def disconnect(self, reason: Reason = "refresh_requested") -> None:
        """Every connection is told that Slack wants a new one; all but those that are only warned are closed."""
        for connection in list(self._open):
            if reason != "warning":
                self._forget(connection)
            await self._say(connection, {"type": "disconnect", "reason": reason})
            if reason != "warning":
                await connection.socket.close()

    def cut(self) -> None:
        """Every connection is gone, without a close frame."""
        for connection in list(self._open):
            self._forget(connection)
            connection.transport.abort()

    def fall_silent(self) -> None:
        """Every connection stays open, and on it nothing is read, answered or sent any more."""
        for connection in self._open:
            connection.is_silent = True
            connection.transport.pause_reading()

    # -- who hears what

    def _heard(self) -> list[_Connection]:
        return [one for one in self._open if not one.is_silent]

    def _next(self) -> _Connection:
        """Any of them; the silent ones only while there is no other, or what comes next would be a matter of luck."""
        choice = self._heard() or self._open
        self._turn += 1
        return choice[self._turn % len(choice)]

    async def _say(self, connection: _Connection, message: Json) -> None:
        if not connection.is_silent:
            await connection.socket.send_json(message)

    def _forget(self, connection: _Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)
        if not self._open:
            self._arrived.clear()

    def _acknowledged(self, message: dict[str, Any]) -> None:
        waiting = self._acks.get(str(message.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload") or {})
