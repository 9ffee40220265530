"""Slack's end of the wire for the bench: takes every call, answers it at once, and tells when a view was opened.

It checks nothing, so that it costs next to nothing: what Slack would refuse, the scenarios find out at the sandbox's.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

TEAM = "T0SANDBOX"
Json = dict[str, Any]


def people(count: int) -> list[str]:
    """The ids of so many people, all in the one user group."""
    return [f"U0BENCH{number:03d}" for number in range(count)]


class SlackEnd:
    """What the bot and its peers call. `url` is the API's address once it is served."""

    def __init__(self, members: list[str]) -> None:
        self.url = ""
        self.calls = 0
        self._members = members
        self._opened: dict[str, asyncio.Future[float]] = {}
        self._answers: dict[str, Callable[[Json], Json]] = {
            "auth.test": lambda _: {"team_id": TEAM, "user_id": "U0BOT", "bot_id": "B0BOT", "url": "", "team": "bench"},
            "users.info": lambda given: {"user": {"id": given.get("user"), "team_id": TEAM, "name": "bench"}},
            "usergroups.users.list": lambda _: {"users": self._members},
            "views.open": self._open,
            "views.update": lambda given: {"view": {"id": given.get("view_id", ""), "hash": "1"}},
            "chat.postMessage": lambda given: {"channel": given.get("channel", ""), "ts": "1.1"},
        }

    def expect(self, trigger_id: str) -> "asyncio.Future[float]":
        """Told the moment (`time.perf_counter`) at which a view is opened with this trigger."""
        future = self._opened[trigger_id] = asyncio.get_running_loop().create_future()
        return future

    async def quiet(self, seconds: float, *, at_most: float) -> None:
        """Nobody has called for so many seconds: what was set off has ended, or has taken too long."""
        async with asyncio.timeout(at_most):
            calls = -1
            while calls != self.calls:
                calls = self.calls
                await asyncio.sleep(seconds)

    async def answer(self, request: web.Request) -> web.Response:
        """`ok`, with what the method's caller reads of its answer."""
        now = time.perf_counter()
        self.calls += 1
        method = request.match_info["method"]
        given = await _given(request)
        if method == "views.open":
            opened = self._opened.pop(str(given.get("trigger_id")), None)
            if opened is not None and not opened.done():
                opened.set_result(now)
        made = self._answers.get(method, lambda _: {})(given)
        return web.json_response({"ok": True, **made})

    def _open(self, given: Json) -> Json:
        return {"view": {"id": f"V{self.calls}", "hash": "1", "callback_id": "opening", "type": "modal"}}


async def _given(request: web.Request) -> Json:
    if request.content_type == "application/json":
        read: Json = json.loads(await request.read())
        return read
    return {**request.query, **await request.post()}


@asynccontextmanager
async def served(members: list[str]) -> AsyncIterator[SlackEnd]:
    """It answers on loopback, on a port of its own, until the block ends."""
    end = SlackEnd(members)
    app = web.Application(client_max_size=2_000_000)
    app.router.add_route("*", "/api/{method}", end.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        end.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        yield end
    finally:
        await runner.cleanup()
