"""OAuth as the sandbox plays it: a link that only its holder should open, and Gong's question behind it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.polytomic import pages
from bot.sandbox.polytomic.connections import Connection, Connections
from bot.sandbox.polytomic.hosts import Hosts
from bot.sandbox.polytomic.pages import Visit
from bot.sandbox.polytomic.switches import Switches

_PATH = "/sandbox/gong/consent"


@dataclass(slots=True)
class _Link:
    connection: Connection
    expires_at: datetime
    token: str = field(repr=False)


class Consents:
    """The links that were given out; each connection has one at most, and each works once."""

    def __init__(
        self, connections: Connections, clock: Callable[[], datetime], switches: Switches, hosts: Hosts
    ) -> None:
        self._connections = connections
        self._clock = clock
        self._switches = switches
        self._hosts = hosts
        self._links: dict[str, _Link] = {}

    def auth_url(self, connection: Connection) -> str:
        """A new link for this connection; the one before is dead. One that was not healthy is pending again."""
        self._links = {token: link for token, link in self._links.items() if link.connection is not connection}
        token = secrets.token_urlsafe(24)
        expires_at = self._clock() + timedelta(seconds=self._switches.auth_url_seconds)
        self._links[token] = _Link(connection, expires_at, token)
        if not connection.healthy:
            self._connections.mark(connection, "pending", None)
        return f"{self._hosts.base_url}{_PATH}/{token}"

    def routes(self) -> list[Route]:
        """The page, its two buttons, and its way out."""
        return [
            Route(f"{_PATH}/{{token}}", self._ask, methods=["GET"], name="consent_page"),
            Route(f"{_PATH}/{{token}}/allow", self._allow, methods=["POST"], name="consent_allow"),
            Route(f"{_PATH}/{{token}}/deny", self._deny, methods=["POST"], name="consent_deny"),
            Route(f"{_PATH}/{{token}}/later", self._leave, methods=["GET"], name="consent_leave"),
        ]

    async def _ask(self, request: Request) -> Response:
        link = self._find(request)
        if link is None:
            return pages.dead()
        return pages.consent(Visit(f"{_PATH}/{link.token}", link.connection.redirect_url), link.connection.name)

    async def _leave(self, request: Request) -> Response:
        return pages.dead() if self._find(request) is None else pages.left()

    async def _allow(self, request: Request) -> Response:
        link = self._find(request)
        if link is None:
            return pages.dead()
        self._connections.heal(link.connection)
        return self._end(link, "Access allowed", "Polytomic may use your Gong account. You can close this window.")

    async def _deny(self, request: Request) -> Response:
        link = self._find(request)
        if link is None:
            return pages.dead()
        if not link.connection.healthy:
            self._connections.mark(link.connection, "unhealthy", "access was not allowed")
        return self._end(link, "Access not allowed", "Nothing was connected. You can close this window.")

    def _find(self, request: Request) -> _Link | None:
        link = self._links.get(request.path_params["token"])
        if link is None or link.expires_at <= self._clock() or link.connection not in self._connections.all:
            return None
        return link

    def _end(self, link: _Link, title: str, words: str) -> Response:
        del self._links[link.token]
        if link.connection.redirect_url:
            return RedirectResponse(link.connection.redirect_url, 302)
        return pages.ended(title, words)
