"""Socket Mode: envelopes over a websocket instead of signed HTTP, acknowledged by id (docs: using Socket Mode)."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.things import Json

_ACK_WITHIN = 3.0


class SocketMode:
    """The connections that the bot opened; each envelope goes to one of them."""

    def __init__(self, new_id: Callable[[str], str], tickets: set[str]) -> None:
        self._new_id = new_id
        self._open: list[WebSocket] = []
        self._acks: dict[str, asyncio.Future[Json]] = {}
        self._arrived = asyncio.Event()
        self._tickets = tickets

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from hello to its end; none without a ticket that was not used yet."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close()
            return
        self._tickets.remove(ticket)
        await socket.accept()
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0SANDBOX"}})
        self._open.append(socket)
        self._arrived.set()
        try:
            while True:
                self._acknowledged(json.loads(await socket.receive_text()))
        except WebSocketDisconnect:
            pass
        finally:
            if socket in self._open:
                self._open.remove(socket)
            if not self._open:
                self._arrived.clear()

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
                await self._open[-1].send_json(envelope)
                return await acknowledged
        except TimeoutError:
            return None
        finally:
            self._acks.pop(envelope_id, None)

    async def disconnect(self) -> None:
        """Every connection is told that Slack wants a new one, and is closed."""
        for socket in list(self._open):
            self._open.remove(socket)
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
            await socket.close()
        self._arrived.clear()

    def _acknowledged(self, message: dict[str, Any]) -> None:
        waiting = self._acks.get(str(message.get("envelope_id")))
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload") or {})
