"""Deliveries as Slack sends them: signed, over connections that stay open; so many at once, or so many a second."""

import asyncio
import hashlib
import hmac
import itertools
import json
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.bench.slack_end import TEAM

_FORM = "application/x-www-form-urlencoded"
# Shorter than uvicorn waits before it hangs up where nothing is said.
_OPEN = 3
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)\r\n")


class Sender:
    """Sends to one address, over as many connections as are under way; nothing in it takes longer than it must.

    An HTTP library of ours would take as long for a request as the bot does, and hide what is compared.
    """

    def __init__(self, url: str, secret: str) -> None:
        address = urlsplit(url)
        self._host, self._port = str(address.hostname), address.port
        self._head = f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: {_FORM}\r\n"
        self._secret = secret.encode()
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, body: bytes) -> float:
        """The seconds until the whole answer was there. Raises ValueError when it is not a 200."""
        request = self._signed(body)
        began = time.perf_counter()
        reader, writer = await self._connection()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(_LENGTH.findall(head)[0]))
        took = time.perf_counter() - began
        self._idle.append((began, reader, writer))
        if not head.startswith(b"HTTP/1.1 200 "):
            raise ValueError(f"answered with {head[:20]!r}")
        return took

    async def close(self) -> None:
        """No connection is open any more."""
        for _, _, writer in self._idle:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, _, writer in self._idle), return_exceptions=True)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            used, reader, writer = self._idle.pop()
            if time.perf_counter() - used < _OPEN:
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port)

    def _signed(self, body: bytes) -> bytes:
        now = str(int(time.time()))
        digest = hmac.new(self._secret, b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
        signature = f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={digest}\r\n"
        return f"{self._head}{signature}Content-Length: {len(body)}\r\n\r\n".encode() + body


def commands(users: list[str]) -> Iterator[tuple[str, bytes]]:
    """(trigger id, body) of `/enroll-flow`, typed by one after the other, for ever."""
    for number, user in enumerate(itertools.cycle(users)):
        trigger = f"{number}.bench"
        fields = {
            "command": "/enroll-flow",
            "text": "",
            "team_id": TEAM,
            "team_domain": "bench",
            "user_id": user,
            "user_name": "bench",
            "channel_id": "C0BENCH",
            "channel_name": "bench",
            "api_app_id": "A0BENCH",
            "is_enterprise_install": "false",
            "trigger_id": trigger,
            "response_url": "http://127.0.0.1/response",
        }
        yield trigger, urlencode(fields).encode()


def search(user: str, action_id: str, block_id: str, typed: str) -> bytes:
    """What Slack asks while somebody types into a select with options from outside (docs: block_suggestion)."""
    payload: dict[str, Any] = {
        "type": "block_suggestion",
        "action_id": action_id,
        "block_id": block_id,
        "value": typed,
        "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": user, "name": "bench", "team_id": TEAM},
        "container": {"type": "view", "view_id": "V0BENCH"},
        "api_app_id": "A0BENCH",
        "token": "bench",
        "view": {"id": "V0BENCH", "type": "modal", "callback_id": "compose", "state": {"values": {}}},
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


async def closed(sender: Sender, bodies: Iterator[bytes], total: int, at_once: int) -> tuple[list[float], float]:
    """The seconds of each of `total` requests, `at_once` of them under way at any time; and how long all took."""
    left = itertools.islice(bodies, total)
    waits: list[float] = []

    async def one_after_the_other() -> None:
        waits.extend([await sender.send(body) for body in left])

    began = time.perf_counter()
    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    return waits, time.perf_counter() - began


async def opened(sender: Sender, bodies: Iterator[bytes], total: int, a_second: float) -> list[float]:
    """The seconds of each of `total` requests, from the moment when it was due, at this rate whatever is answered."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def at(due: float, body: bytes) -> float:
        late = loop.time() - due
        return late + await sender.send(body)

    tasks = []
    for number, body in enumerate(itertools.islice(bodies, total)):
        due = began + number / a_second
        await asyncio.sleep(due - loop.time())
        tasks.append(asyncio.create_task(at(due, body)))
    return list(await asyncio.gather(*tasks))
