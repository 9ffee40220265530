"""The few routes: what Slack sends, where Gong's page ends, and how the process is."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager

import structlog
from pydantic import SecretStr
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from bot import deliveries
from bot.enrollment.model.clock import Clock
from bot.health import Health

SLACK_PATH = "/slack/events"
GONG_RETURN_PATH = "/gong/return"
HEALTH_PATH = "/healthz"
READY_PATH = "/readyz"

# A view is at most 250 KB of JSON; its submission repeats it, percent-encoded.
_LARGEST_BODY = 2_000_000

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Enroll Flow</title>'
    "<p>Gong answered. Go back to Slack.</p></html>"
)
_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
Endpoint = Callable[[Request], Awaitable[Response]]


def build(
    slack: AsyncApp,
    *,
    signing_secret: SecretStr,
    clock: Clock,
    returned: Callable[[str], None],
    health: Health,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The ASGI app: `returned` hears the id of each consent whose page came back."""
    routes = [
        Route(SLACK_PATH, _slack(slack, signing_secret, clock), methods=["POST"]),
        Route(GONG_RETURN_PATH, _gong_return(returned), methods=["GET"]),
        Route(HEALTH_PATH, _alive(health), methods=["GET"]),
        Route(READY_PATH, _ready(health), methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _slack(slack: AsyncApp, signing_secret: SecretStr, clock: Clock) -> Endpoint:
    verify = deliveries.verifier(signing_secret.get_secret_value(), clock)
    log = structlog.get_logger()

    async def deliver(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        if not deliveries.signed(verify, body, timestamp, request.headers.get("x-slack-signature", "")):
            log.warning("slack.unsigned")
            return Response(status_code=401)
        delivery = deliveries.read(body, request.headers.get("content-type", ""))
        if delivery is None:
            log.warning("slack.malformed")
            return Response(status_code=400)
        return await _dispatch(slack, delivery, request.headers)

    return deliver


async def _dispatch(slack: AsyncApp, delivery: deliveries.Delivery, headers: Mapping[str, str]) -> Response:
    # Bolt takes a parsed body only in this mode; what the mode skips (verifying) is done.
    passed = {name: value for name, value in headers.items() if name.startswith("x-slack-retry-")}
    answer = await slack.async_dispatch(AsyncBoltRequest(body=delivery, headers=dict(passed), mode="socket_mode"))
    return to_starlette_response(answer)


async def _body(request: Request) -> bytes | None:
    """The raw body, or None when it is larger than anything Slack sends."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_BODY:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)


def _gong_return(returned: Callable[[str], None]) -> Endpoint:
    async def answered(request: Request) -> Response:
        # Polytomic documents no parameters of its own here, so the address carries only what we put in it.
        returned(request.query_params.get("state", ""))
        return HTMLResponse(_PAGE, headers=_PAGE_HEADERS)

    return answered


def _alive(health: Health) -> Endpoint:
    async def alive(_: Request) -> Response:
        ok = health.alive()
        return JSONResponse({"ok": ok}, status_code=200 if ok else 503)

    return alive


def _ready(health: Health) -> Endpoint:
    async def ready(_: Request) -> Response:
        parts = await health.ready()
        ok = all(parts.values())
        return JSONResponse({"ready": ok, **parts}, status_code=200 if ok else 503)

    return ready
