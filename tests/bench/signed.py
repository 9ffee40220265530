"""Deliveries as Slack sends them: signed, over connections that stay open; so many at once, or so many a second."""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.bench.slack_end import TEAM

_FORM = "application/x-www-form-urlencoded"


class Sender:
    """Sends to one address."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str) -> None:
        self._session = session
        self._url = url
        self._secret = secret.encode()

    async def send(self, body: bytes) -> float:
        """The seconds until the whole answer was there. Raises ValueError when it is not a 200."""
        headers = self._headers(body)
        began = time.perf_counter()
        async with self._session.post(self._url, data=body, headers=headers) as answer:
            await answer.read()
            if answer.status != 200:
                raise ValueError(f"answered with {answer.status}")
        return time.perf_counter() - began

    def _headers(self, body: bytes) -> dict[str, str]:
        now = str(int(time.time()))
        digest = hmac.new(self._secret, b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"Content-Type": _FORM, "X-Slack-Request-Timestamp": now, "X-Slack-Signature": f"v0={digest}"}


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
