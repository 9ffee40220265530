"""The workspace over HTTP: Web API, response_urls, uploads and downloads, and the Socket Mode endpoint."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.sandbox.clock import Stopwatch
from bot.sandbox.serve import Cut
from bot.sandbox.slack import arguments
from bot.sandbox.slack.methods import METHODS, unknown_method
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.things import Call, Fault, Json, Refused, ResponseUrl
from bot.sandbox.slack.world import SlackWorld

_RESPONSE_URL_USES = 5
_RESPONSE_URL_LIVES = 1800
RESPONSE_URL, UPLOAD, DOWNLOAD = "response_url", "upload", "download"
"""What is noted of the calls that are no Web API methods."""


def build(world: SlackWorld, socket: SocketMode) -> Starlette:
    """The ASGI app of this workspace."""
    api = _Api(world)
    download = api.noted(DOWNLOAD, api.download)
    return Starlette(
        routes=[
            Route("/api/{method}", api.call, methods=["GET", "POST"]),
            Route("/response/{token}", api.noted(RESPONSE_URL, api.respond), methods=["POST"]),
            Route("/upload/{file_id}", api.noted(UPLOAD, api.upload), methods=["POST"]),
            Route("/files-pri/{file_id}/{name}", download),
            Route("/files-pri/{file_id}/download/{name}", download),
            WebSocketRoute("/link", socket.serve),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """What is answered, and what is noted of the call."""

    response: Response
    given: Json
    error: str = ""
    is_cut: bool = False


class _Api:
    def __init__(self, world: SlackWorld) -> None:
        self._world = world

    def noted(self, name: str, made: Callable[[Request], Awaitable[_Made]]) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint, each call of which is noted under this name."""

        async def endpoint(request: Request) -> Response:
            watch = Stopwatch(self._world.clock)
            return self._note(name, watch, await made(request))

        return endpoint

    def _note(self, name: str, watch: Stopwatch, made: _Made) -> Response:
        self._world.calls.append(Call(name, made.given, watch.at, watch.milliseconds, made.error, made.is_cut))
        self._world.touch()
        return made.response

    async def call(self, request: Request) -> Response:
        """One Web API call: its token, its fault if one waits for it, and its method."""
        watch = Stopwatch(self._world.clock)
        name = request.path_params["method"]
        given: Json = {}
        try:
            given = await arguments.read(request)
            token = request.headers.get("authorization", "").removeprefix("Bearer ") or given.pop("token", "")
            self._demand_token(name, str(token))
        except Refused as refused:
            return self._note(name, watch, _refused(given, refused))
        fault = self._fault(name)
        made = self._answer(name, given) if fault is None else await self._meet(name, given, fault)
        return self._note(name, watch, made)

    def _answer(self, name: str, given: Json) -> _Made:
        try:
            answer = METHODS.get(name, unknown_method)(self._world, given)
        except Refused as refused:
            return _refused(given, refused)
        return _Made(JSONResponse({"ok": True, **answer}), given)

    def _demand_token(self, name: str, token: str) -> None:
        wanted = self._world.app_token if name == "apps.connections.open" else self._world.bot_token
        if not token:
            raise Refused("not_authed")
        if token != wanted:
            raise Refused("invalid_auth")

    def _fault(self, name: str) -> Fault | None:
        for fault in self._world.faults:
            if fault.method == name:
                fault.times -= 1
                if fault.times <= 0:
                    self._world.faults.remove(fault)
                return fault
        return None

    async def _meet(self, name: str, given: Json, fault: Fault) -> _Made:
        done = self._answer(name, given) if fault.after else None
        if fault.slow:
            await asyncio.sleep(fault.slow)
            return done or self._answer(name, given)
        if fault.cut:
            return _Made(Cut(), given, is_cut=True)
        if fault.retry_after:
            headers = {"Retry-After": str(fault.retry_after)}
            busy = JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers=headers)
            return _Made(busy, given, "ratelimited")
        return _refused(given, Refused(fault.error))

    async def respond(self, request: Request) -> _Made:
        """docs: handling user interaction, response_url: five posts within thirty minutes."""
        found = self._world.response_urls.get(request.path_params["token"])
        if found is None:
            return _plain("invalid_token", 404)
        if (self._world.clock() - found.made_at).total_seconds() > _RESPONSE_URL_LIVES:
            return _plain("expired_url", 404)
        if found.uses >= _RESPONSE_URL_USES:
            return _plain("used_url", 404)
        found.uses += 1
        given = await request.json()
        try:
            self._respond(found, given)
        except Refused as refused:
            return _plain(refused.error, 400, given)
        return _Made(PlainTextResponse("ok"), given)

    def _respond(self, found: ResponseUrl, given: Json) -> None:
        text, blocks = str(given.get("text") or ""), given.get("blocks") or []
        if given.get("delete_original") or given.get("replace_original"):
            original = self._world.find_message(found.channel, found.message_ts)
            original.deleted = bool(given.get("delete_original"))
            if not original.deleted:
                self._world.edit(original, text, blocks)
        elif given.get("response_type") == "in_channel":
            self._world.post(found.channel, text, blocks)
        else:
            self._world.whisper(found.channel, found.user, text, blocks)

    async def upload(self, request: Request) -> _Made:
        """The bytes of an upload, whole."""
        held = self._world.uploads.get(request.path_params["file_id"])
        if held is None:
            return _plain("no such upload", 404)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form() as form:
                parts = [value for value in form.values() if not isinstance(value, str)]
                content = await parts[0].read() if parts else b""
        else:
            content = await request.body()
        if len(content) != held.announced:
            return _plain("the length is not the announced one", 400)
        held.content = content
        return _Made(PlainTextResponse(f"OK - {len(content)}"), {})

    async def download(self, request: Request) -> _Made:
        """A private file, for the bot's token only; others get Slack's sign-in page."""
        found = self._world.files.get(request.path_params["file_id"])
        if found is None:
            return _plain("no such file", 404)
        if request.headers.get("authorization") != f"Bearer {self._world.bot_token}":
            return _Made(Response("<html>Sign in</html>", media_type="text/html"), {}, "not_authed")
        return _Made(Response(found.content, media_type="text/plain"), {})


def _refused(given: Json, refused: Refused) -> _Made:
    more = {"response_metadata": {"messages": list(refused.messages)}} if refused.messages else {}
    return _Made(JSONResponse({"ok": False, "error": refused.error, **more}), given, refused.error)


def _plain(error: str, status: int, given: Json | None = None) -> _Made:
    return _Made(PlainTextResponse(error, status_code=status), given or {}, error)
