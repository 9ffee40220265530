"""A Web API of one's own choosing: each method answers what the test says, over a real socket."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from slack_sdk.web.async_client import AsyncWebClient

Answer = dict[str, Any] | int | Callable[[dict[str, str]], dict[str, Any]]


class WebApi:
    """Answers by method name; an int is a bare HTTP status. `calls` has every call with its arguments."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.files: dict[str, tuple[int, bytes, dict[str, str]]] = {}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.downloads: list[tuple[str, str]] = []
        self.url = ""
        self.client = AsyncWebClient(token="xoxb-sandbox")
        self.session: ClientSession

    def called(self, method: str) -> list[dict[str, str]]:
        """The arguments of every call of this method."""
        return [arguments for name, arguments in self.calls if name == method]

    async def call(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        arguments = {key: str(value) for key, value in (await request.post()).items()} or dict(request.query)
        if request.content_type == "application/json":
            arguments = {key: str(value) for key, value in (await request.json()).items()}
        self.calls.append((name, arguments))
        answer = self.answers.get(name, {"ok": False, "error": "unknown_method"})
        if isinstance(answer, int):
            return web.Response(status=answer, headers={"Retry-After": "7"})
        return web.json_response(answer(arguments) if callable(answer) else answer)

    async def file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.downloads.append((name, request.headers.get("Authorization", "")))
        status, content, headers = self.files[name]
        return web.Response(status=status, body=content, headers=headers)


@asynccontextmanager
async def web_api() -> AsyncIterator[WebApi]:
    """A running Web API, with a client that speaks to it and nothing retried."""
    api = WebApi()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", api.call)
    app.router.add_get("/files/{name}", api.file)
    server = TestServer(app)
    async with server, ClientSession() as session:
        api.url = str(server.make_url("/"))
        api.session = session
        api.client = AsyncWebClient(
            token="xoxb-sandbox", base_url=f"{api.url}api/", session=session, retry_handlers=[], timeout=5
        )
        yield api
