"""The workspace over HTTP: Web API, response_urls, uploads and downloads, and the Socket Mode endpoint."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from bot.sandbox.serve import Cut
from bot.sandbox.slack import arguments
from bot.sandbox.slack.methods import METHODS, unknown_method
from bot.sandbox.slack.socket_mode import SocketMode
from bot.sandbox.slack.things import Call, Fault, Json, Refused
from bot.sandbox.slack.world import SlackWorld

_RESPONSE_URL_USES = 5
_RESPONSE_URL_LIVES = 1800


def build(world: SlackWorld, socket: SocketMode) -> Starlette:
    """The ASGI app of this workspace."""
    api = _Api(world)
    return Starlette(
        routes=[
            Route("/api/{method}", api.call, methods=["GET", "POST"]),
            Route("/response/{token}", api.respond, methods=["POST"]),
            Route("/upload/{file_id}", api.upload, methods=["POST"]),
            Route("/files-pri/{file_id}/{name}", api.download),
            Route("/files-pri/{file_id}/download/{name}", api.download),
            WebSocketRoute("/link", socket.serve),
        ]
    )


class _Api:
    def __init__(self, world: SlackWorld) -> None:
        self._world = world

    async def call(self, request: Request) -> Response:
        """One Web API call: its token, its fault if one waits for it, and its method."""
        name = request.path_params["method"]
        given: Json = {}
        try:
            given = await arguments.read(request)
            token = request.headers.get("authorization", "").removeprefix("Bearer ") or given.pop("token", "")
            self._demand_token(name, str(token))
        except Refused as refused:
            return self._refused(name, given, refused)
        fault = self._fault(name)
        if fault is not None and not fault.after:
            return await self._meet(name, given, fault)
        answer = self._answer(name, given)
        return await self._meet(name, given, fault) if fault is not None else answer

    def _answer(self, name: str, given: Json) -> Response:
        try:
            answer = METHODS.get(name, unknown_method)(self._world, given)
        except Refused as refused:
            return self._refused(name, given, refused)
        self._world.calls.append(Call(name, given))
        return JSONResponse({"ok": True, **answer})

    def _refused(self, name: str, given: Json, refused: Refused) -> Response:
        self._world.calls.append(Call(name, given, refused.error))
        more = {"response_metadata": {"messages": list(refused.messages)}} if refused.messages else {}
        return JSONResponse({"ok": False, "error": refused.error, **more})

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

    async def _meet(self, name: str, given: Json, fault: Fault) -> Response:
        if fault.slow:
            await asyncio.sleep(fault.slow)
            return self._answer(name, given)
        if fault.cut:
            return Cut()
        self._world.calls.append(Call(name, given, fault.error or "ratelimited"))
        if fault.retry_after:
            headers = {"Retry-After": str(fault.retry_after)}
            return JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers=headers)
        return JSONResponse({"ok": False, "error": fault.error})

    async def respond(self, request: Request) -> Response:
        """docs: handling user interaction, response_url: five posts within thirty minutes."""
        found = self._world.response_urls.get(request.path_params["token"])
        if found is None:
            return PlainTextResponse("invalid_token", status_code=404)
        if (self._world.clock() - found.made_at).total_seconds() > _RESPONSE_URL_LIVES:
            return PlainTextResponse("expired_url", status_code=404)
        if found.uses >= _RESPONSE_URL_USES:
            return PlainTextResponse("used_url", status_code=404)
        found.uses += 1
        given = await request.json()
        text, blocks = str(given.get("text") or ""), given.get("blocks") or []
        self._world.calls.append(Call("response_url", given))
        try:
            if given.get("delete_original") or given.get("replace_original"):
                original = self._world.find_message(found.channel, found.message_ts)
                original.deleted = bool(given.get("delete_original"))
                if not original.deleted:
                    self._world.edit(original, text, blocks)
            elif given.get("response_type") == "in_channel":
                self._world.post(found.channel, text, blocks)
            else:
                self._world.whisper(found.channel, found.user, text, blocks)
        except Refused as refused:
            return PlainTextResponse(refused.error, status_code=400)
        self._world.touch()
        return PlainTextResponse("ok")

    async def upload(self, request: Request) -> Response:
        """The bytes of an upload, whole."""
        held = self._world.uploads.get(request.path_params["file_id"])
        if held is None:
            return PlainTextResponse("no such upload", status_code=404)
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form() as form:
                parts = [value for value in form.values() if not isinstance(value, str)]
                content = await parts[0].read() if parts else b""
        else:
            content = await request.body()
        if len(content) != held.announced:
            return PlainTextResponse("the length is not the announced one", status_code=400)
        held.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        """A private file, for the bot's token only; others get Slack's sign-in page."""
        found = self._world.files.get(request.path_params["file_id"])
        if found is None:
            return PlainTextResponse("no such file", status_code=404)
        if request.headers.get("authorization") != f"Bearer {self._world.bot_token}":
            return Response("<html>Sign in</html>", media_type="text/html")
        return Response(found.content, media_type="text/plain")
