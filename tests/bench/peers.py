"""What the bot is compared with, each a process of its own: `python -m tests.bench.peers NAME --port N`.

They do nothing but what their name says, on the server that the bot has, with the settings that it has.
"""

import argparse
import os
from typing import Any

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.views import ids, opening

SLACK_PATH = "/slack/events"
HEALTH_PATH = "/healthz"
_EMPTY = [(b"content-length", b"0")]
_OPTION = {"text": {"type": "plain_text", "text": "The one flow"}, "value": "1"}


def signature() -> ASGIApp:
    """An ASGI app that checks the signature, and answers."""
    verifier = SignatureVerifier(os.environ["SLACK_SIGNING_SECRET"])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        allowed = scope["path"] == HEALTH_PATH or verifier.is_valid_request(body, headers)
        await send({"type": "http.response.start", "status": 200 if allowed else 401, "headers": _EMPTY})
        await send({"type": "http.response.body", "body": b""})

    return app


def idle() -> ASGIApp:
    """A Bolt app with default settings whose command does nothing."""
    app = _app()

    @app.command(ids.COMMAND)
    async def typed(ack: AsyncAck) -> None:
        await ack()

    return _served(app)


def opens() -> ASGIApp:
    """A Bolt app with default settings whose command opens the view that ours opens."""
    app = _app()

    @app.command(ids.COMMAND)
    async def typed(ack: AsyncAck, client: AsyncWebClient, command: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=opening.view())

    return _served(app)


def option() -> ASGIApp:
    """A Bolt app that answers, as fast as Bolt can, one option whatever is typed."""
    app = _app(at_once=True)

    @app.options(ids.SEARCH_FLOW)
    async def typed(ack: AsyncAck) -> None:
        await ack(options=[_OPTION])

    return _served(app)


PEERS = {"signature": signature, "idle": idle, "opens": opens, "option": option}


def _app(*, at_once: bool = False) -> AsyncApp:
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    return AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"], process_before_response=at_once)


def _served(app: AsyncApp) -> ASGIApp:
    handler = AsyncSlackRequestHandler(app)

    async def alive(_: Request) -> Response:
        return Response()

    return Starlette(
        routes=[
            Route(SLACK_PATH, handler.handle, methods=["POST"]),
            Route(HEALTH_PATH, alive, methods=["GET"]),
        ]
    )


def main() -> None:
    """The peer serves until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.peers", description=__doc__)
    parser.add_argument("name", choices=PEERS)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    # As in `bot.process`.
    uvicorn.run(
        PEERS[given.name](), host="127.0.0.1", port=given.port, log_config=None, access_log=False, server_header=False
    )


if __name__ == "__main__":
    main()
