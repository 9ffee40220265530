"""Polytomic Connect: a hosted page on which a person makes one connection, or mends one, without us seeing secrets."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.polytomic import pages
from bot.sandbox.polytomic.answers import Json, Refusal, stamp
from bot.sandbox.polytomic.connections import ORGANIZATION, Connections, check_configuration, wrong_credentials
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.hosts import Hosts
from bot.sandbox.polytomic.pages import Visit
from bot.sandbox.polytomic.switches import LATEST

_FIELDS = (
    ("account", "Account"),
    ("username", "Username"),
    ("password", "Password"),
    ("dbname", "Database"),
    ("warehouse", "Warehouse (optional)"),
)


class _Connect(BaseModel):
    name: str = Field(min_length=1)
    redirect_url: str = Field(min_length=1)
    type: str | None = None
    whitelist: list[str] | None = None
    connection: str | None = None
    dark: bool | None = None
    organization_id: str | None = None
    ttl: int = Field(300, gt=0, le=604_800)
    use_organization_name: bool | None = None


@dataclass(slots=True)
class _Session:
    id: str
    asked: _Connect
    expires_at: datetime
    connection_id: str | None = None
    used: bool = False
    token: str = field(default="", repr=False)


class ConnectForm:
    """The sessions that were given out; each makes or mends one connection, once."""

    def __init__(self, connections: Connections, clock: Callable[[], datetime], hosts: Hosts) -> None:
        self._connections = connections
        self._clock = clock
        self._hosts = hosts
        self._sessions: dict[str, _Session] = {}

    def operations(self) -> list[Operation]:
        """The two endpoints."""
        path = "/api/connections/connect"
        return [
            Operation("POST", f"{path}/", "connect_session", self._begin),
            Operation("GET", f"{path}/session", "connect_session_state", self._look, since=LATEST, public=True),
        ]

    def routes(self) -> list[Route]:
        """The page itself, its buttons, and its way out."""
        return [
            Route("/connect", self._show, methods=["GET"], name="connect_page"),
            Route("/connect", self._submit, methods=["POST"], name="connect_submit"),
            Route("/connect/{token}/allow", self._allow, methods=["POST"], name="connect_allow"),
            Route("/connect/{token}/deny", self._deny, methods=["POST"], name="connect_deny"),
            Route("/connect/{token}/later", self._leave, methods=["GET"], name="connect_leave"),
        ]

    async def _begin(self, call: Call) -> Json:
        body = call.read(_Connect)
        for kind in [body.type] if body.type else body.whitelist or []:
            if kind not in ("snowflake", "gong"):
                raise Refusal(422, "unknown_type", f"Unknown connection type {kind!r}", {"field": "type"})
        if body.connection:
            self._connections.get(body.connection)
        else:
            self._connections.check_name(body.name)
        token = secrets.token_urlsafe(24)
        expires_at = self._clock() + timedelta(seconds=body.ttl)
        number = f"session-{len(self._sessions) + 1}"
        self._sessions[token] = _Session(number, body, expires_at, body.connection, token=token)
        return {"data": {"redirect_url": f"{self._hosts.base_url}/connect?token={token}", "token": token}}

    async def _look(self, call: Call) -> Json:
        session = self._sessions.get(call.query.get("token", ""))
        if session is None:
            raise Refusal(401, "unauthorized", "Unauthorized")
        return {
            "data": {
                "id": session.id,
                "name": session.asked.name,
                "type": session.asked.type,
                "connection_id": session.connection_id,
                "redirect_url": session.asked.redirect_url,
                "organization_name": ORGANIZATION["name"],
                "expires_at": stamp(session.expires_at),
            }
        }

    async def _show(self, request: Request) -> Response:
        session = self._find(request.query_params.get("token", ""))
        if session is None:
            return pages.dead()
        kind = _kind(session, request.query_params.get("type"))
        if kind == "gong":
            return pages.consent(_visit(session), session.asked.name)
        if kind == "snowflake":
            return pages.form(_visit(session), f"/connect?token={session.token}", _FIELDS, {})
        here = f"/connect?token={session.token}&type="
        return pages.choice({"Snowflake": f"{here}snowflake", "Gong": f"{here}gong"})

    async def _submit(self, request: Request) -> Response:
        session = self._find(request.query_params.get("token", ""))
        if session is None:
            return pages.dead()
        given = {name: values[0].strip() for name, values in parse_qs((await request.body()).decode()).items()}
        configuration = {name: given[name] for name, _ in _FIELDS if given.get(name)}
        try:
            check_configuration("snowflake", configuration)
            trouble = wrong_credentials("snowflake", configuration)
            if not trouble:
                return self._make(session, "snowflake", configuration)
        except Refusal as refusal:
            trouble = refusal.message
        return pages.form(_visit(session), f"/connect?token={session.token}", _FIELDS, given, trouble)

    async def _leave(self, request: Request) -> Response:
        return pages.dead() if self._find(request.path_params["token"]) is None else pages.left()

    async def _allow(self, request: Request) -> Response:
        session = self._find(request.path_params["token"])
        if session is None:
            return pages.dead()
        try:
            return self._make(session, "gong", {"auth_method": "oauth"})
        except Refusal as refusal:
            return pages.ended("Not connected", refusal.message, 422)

    async def _deny(self, request: Request) -> Response:
        session = self._find(request.path_params["token"])
        if session is None:
            return pages.dead()
        session.used = True
        return RedirectResponse(session.asked.redirect_url, 303)

    def _make(self, session: _Session, kind: str, configuration: Json) -> Response:
        if session.connection_id:
            connection = self._connections.get(session.connection_id)
            connection.configuration = configuration
        else:
            connection = self._connections.add(session.asked.name, kind, configuration)
        self._connections.heal(connection)
        session.connection_id, session.used = connection.id, True
        return RedirectResponse(session.asked.redirect_url, 303)

    def _find(self, token: str) -> _Session | None:
        session = self._sessions.get(token)
        return None if session is None or session.used or session.expires_at <= self._clock() else session


def _kind(session: _Session, chosen: str | None) -> str | None:
    offered = [session.asked.type] if session.asked.type else session.asked.whitelist or ["snowflake", "gong"]
    if chosen in offered:
        return chosen
    return offered[0] if len(offered) == 1 else None


def _visit(session: _Session) -> Visit:
    return Visit(f"/connect/{session.token}", session.asked.redirect_url)
