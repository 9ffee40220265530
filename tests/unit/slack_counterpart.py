"""A tiny Bolt app on the other end of the sandbox's Slack, over HTTP or Socket Mode: it keeps every payload it gets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.person import Person
from bot.sandbox.serve import serve
from bot.sandbox.slack.workspace import Slack
from tests.unit.block_kit_parts import Json, actions, asked, button, form, modal, option, section, select, typed

FORM = form(
    asked(
        typed(action_id="type", dispatch_action_config={"trigger_actions_on": ["on_character_entered"]}),
        block_id="query:1",
        dispatch_action=True,
    ),
    asked({"type": "external_select", "action_id": "search", "min_query_length": 0}, block_id="flow", optional=True),
    asked(
        {"type": "checkboxes", "action_id": "tick", "options": [option("Slowly", "s")]}, block_id="how", optional=True
    ),
    section(block_id="column", accessory=select(action_id="column")),
    actions(button("Look closer", action_id="push"), block_id="buttons"),
    callback_id="form",
    external_id="form:1",
    private_metadata="kept",
    notify_on_close=True,
)
PUSHED = modal(section("*Closer*"), callback_id="closer", notify_on_close=True)


class Clock:
    """A clock that only a test moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Counterpart:
    """The Bolt app: `got` has every payload by kind, `answers` what to acknowledge submissions with."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self.got: dict[str, list[Json]] = {}
        self.answer: Json = {}
        self.failures = 0
        self.app = AsyncApp(client=client, signing_secret="sandbox-signing-secret", process_before_response=True)
        self.app.command("/enroll-flow")(self._command)
        self.app.global_shortcut("open")(self._shortcut)
        self.app.message_shortcut("from_message")(self._shortcut)
        self.app.action("push")(self._push)
        for action in ("type", "search", "tick", "column", "press", "elsewhere", "more", "when"):
            self.app.action(action)(self._action)
        self.app.options("search")(self._options)
        self.app.view("form")(self._submitted)
        self.app.view_closed("form")(self._closed)
        self.app.view_closed("closer")(self._closed)
        self.app.event("app_home_opened")(self._home)

    def _keep(self, kind: str, body: Json) -> None:
        self.got.setdefault(kind, []).append(body)

    async def _command(self, ack: Any, body: Json) -> None:
        self._keep("command", body)
        await self.client.views_open(trigger_id=body["trigger_id"], view=FORM)
        await ack()

    async def _shortcut(self, ack: Any, body: Json) -> None:
        self._keep("shortcut", body)
        await ack()

    async def _push(self, ack: Any, body: Json) -> None:
        await self.client.views_push(trigger_id=body["trigger_id"], view=PUSHED)
        await ack()

    async def _action(self, ack: Any, body: Json) -> None:
        self._keep("action", body)
        await ack()

    async def _options(self, ack: Any, body: Json) -> None:
        self._keep("options", body)
        await ack(options=[option(name, name) for name in ("Alpha", "Beta") if body["value"].lower() in name.lower()])

    async def _submitted(self, ack: Any, body: Json) -> None:
        self._keep("submission", body)
        await ack(**self.answer)

    async def _closed(self, ack: Any, body: Json) -> None:
        self._keep("closed", body)
        await ack()

    async def _home(self, event: Json, request: Any) -> None:
        self._keep("home", {"event": event, "headers": request.headers})

    def web(self) -> Starlette:
        """Bolt behind one route; it fails as often as `failures` says first."""
        handler = AsyncSlackRequestHandler(self.app)

        async def slack(request: Request) -> Response:
            if self.failures:
                self.failures -= 1
                return Response(status_code=500)
            return await handler.handle(request)

        return Starlette(routes=[Route("/slack", slack, methods=["POST"])])


class Room:
    """The workspace, its people and the counterpart."""

    def __init__(self, slack: Slack, bot: Counterpart, clock: Clock) -> None:
        self.slack = slack
        self.bot = bot
        self.clock = clock
        self.client = bot.client
        self.rina = Person(slack, "U0REQUESTER")


@asynccontextmanager
async def room(*, socket: bool = False) -> AsyncIterator[Room]:
    """Slack and the counterpart run, and speak to each other."""
    clock = Clock()
    slack = Slack(clock=clock)
    async with serve(slack.app) as served, aiohttp.ClientSession() as session:
        slack.world.base_url = served.url
        base = f"{served.url}/api/"
        client = AsyncWebClient(token="xoxb-sandbox", base_url=base, session=session, retry_handlers=[])
        bot = Counterpart(client)
        async with serve(bot.web()) as http:
            if not socket:
                slack.deliveries.to_http(f"{http.url}/slack")
                yield Room(slack, bot, clock)
                return
            handler = AsyncSocketModeHandler(
                bot.app, "xapp-sandbox", web_client=AsyncWebClient(token="xapp-sandbox", base_url=base)
            )
            await handler.connect_async()
            try:
                yield Room(slack, bot, clock)
            finally:
                await handler.close_async()
