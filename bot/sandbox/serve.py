"""Serves an ASGI app on a real loopback socket, in the running event loop.

The fakes stand behind it so that a client meets real connections: ones that time out, and ones that are cut off
without an answer (`cut`, `Cut`). It knows nothing about what is served. Whoever reaches it under a name of another
site, as a browser may be brought to do (DNS rebinding), is refused.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
_EXTENSION = "sandbox.transport"


@dataclass(frozen=True, slots=True)
class Served:
    """Where an app can be reached while `serve` is open; `url` has no trailing slash."""

    url: str
    port: int


class Cut(Response):
    """An answer that never arrives: the connection is aborted instead."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await cut(scope)


async def cut(scope: Scope) -> None:
    """The connection that carries this request is gone; works for HTTP and for a websocket."""
    transport: asyncio.Transport = scope["extensions"][_EXTENSION]
    transport.abort()
    # The loop tells uvicorn in its next round; only then does it accept a request without an answer.
    await asyncio.sleep(0)
    await asyncio.sleep(0)


@asynccontextmanager
async def serve(app: ASGIApp, port: int = 0) -> AsyncIterator[Served]:
    """The app answers on the loopback address until the block ends; port 0 takes a free one.

    Raises OSError when the port is taken.
    """
    listener = _listen(port)
    lines = _Lines(TrustedHostMiddleware(app, allowed_hosts=[HOST, "localhost"]))
    server = uvicorn.Server(_config(lines))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup(sockets=[listener])
    taken = listener.getsockname()[1]
    try:
        yield Served(url=f"http://{HOST}:{taken}", port=taken)
    finally:
        await _close(server, lines)


def _listen(port: int) -> socket.socket:
    # asyncio turns off Nagle's algorithm only where the protocol is named; without that each answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    listener.listen(100)
    return listener


def _config(lines: "_Lines") -> uvicorn.Config:
    def protocol(**arguments: object) -> asyncio.Protocol:
        return _Line(lines, **arguments)

    return uvicorn.Config(
        lines,
        http=protocol,  # type: ignore[arg-type]  # anything that makes a protocol will do
        ws="websockets-sansio",
        # A line that has fallen silent sends no pings either.
        ws_ping_interval=None,
        # Longer than any client keeps an idle connection: one that is taken up in the moment of its closing fails.
        timeout_keep_alive=75,
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
    )


async def _close(server: uvicorn.Server, lines: "_Lines") -> None:
    """Cuts every line and ends every request: `Server.shutdown` would sleep at least 0.1 s for each test."""
    for listening in server.servers:
        listening.close()
    lines.closing = True
    for transport in lines.transports.values():
        transport.abort()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks = list(server.server_state.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.lifespan.shutdown()


class _Lines:
    """The app, with the transport of each request's connection put into its scope."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.transports: dict[tuple[str, int], asyncio.Transport] = {}
        self.closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            transport = self.transports.get(tuple(scope["client"]))
            scope.setdefault("extensions", {})[_EXTENSION] = transport
        try:
            await self.app(scope, receive, send)
        except ClientDisconnect:
            return  # Gone in the middle of its request, as a process that is killed: nobody waits for an answer.
        except asyncio.CancelledError:
            if not self.closing:
                raise

    def opened(self, transport: asyncio.Transport) -> None:
        """Keeps a new connection's transport and forgets those that have ended."""
        self.transports = {peer: line for peer, line in self.transports.items() if not line.is_closing()}
        self.transports[tuple(transport.get_extra_info("peername")[:2])] = transport


class _Line(H11Protocol):
    """uvicorn's own HTTP protocol, which also tells us its transport."""

    def __init__(self, lines: _Lines, **arguments: object) -> None:
        super().__init__(**arguments)  # type: ignore[arg-type]
        self._lines = lines

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._lines.opened(transport)
        super().connection_made(transport)
