"""The way of every API call: who calls, which version, faults, the key, the body, and only then the operation.

An operation is a plain async function of a `Call`; what it returns is the JSON body of a 200.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.clock import Stopwatch
from bot.sandbox.polytomic.answers import Answer, Json, Refusal, as_json
from bot.sandbox.polytomic.faults import Fault, Faults
from bot.sandbox.polytomic.keys import LOCKED, Keys
from bot.sandbox.polytomic.switches import OLDER, Switches
from bot.sandbox.serve import Cut

Body = TypeVar("Body", bound=BaseModel)
OLDEST = "2021-05-23"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose API key it is."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Call:
    """One API call as an operation sees it."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    version: str
    caller: Caller
    strict: bool = True

    def read(self, shape: type[Body]) -> Body:
        """The body in its shape. Raises a 422 that names the first field in the wrong."""
        try:
            return shape.model_validate(self.body if self.body is not None else {}, strict=True, extra=self._extra)
        except ValidationError as error:
            wrong = error.errors()[0]
            place = ".".join(str(part) for part in wrong["loc"]) or "body"
            raise Refusal(422, "invalid_request", f"{place}: {wrong['msg']}", {"field": place}) from None

    @property
    def _extra(self) -> Any:
        return "forbid" if self.strict else "ignore"

    def flag(self, name: str) -> bool:
        """Whether a query parameter says true."""
        return self.query.get(name, "").lower() in ("true", "1")


Handler = Callable[[Call], Awaitable[Json | Answer]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One endpoint. `since` is the first version that has it; `public` ones need no API key."""

    method: str
    path: str
    name: str
    handler: Handler
    since: str = OLDER
    public: bool = False


@dataclass(frozen=True, slots=True)
class Requested:
    """One line of the request log: no query, no body, no secret. Status 0: the line was cut. `at` is when it came."""

    method: str
    path: str
    operation: str
    key: str | None
    version: str | None
    status: int
    at: datetime
    milliseconds: float


class Gate:
    """Lets calls through to operations, by the rules that hold for all of them."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        switches: Switches,
        faults: Faults,
        callers: Mapping[str, Caller],
        heard: Callable[[], None],
    ) -> None:
        self.requests: list[Requested] = []
        self._heard = heard
        self._clock = clock
        self._switches = switches
        self._faults = faults
        self._callers = callers
        self._keys = Keys(clock, switches)

    def route(self, operation: Operation) -> Route:
        """The operation behind the gate."""

        async def endpoint(request: Request) -> Response:
            return await self._serve(operation, request)

        return Route(operation.path, endpoint, methods=[operation.method], name=operation.name)

    async def _serve(self, operation: Operation, request: Request) -> Response:
        watch = Stopwatch(self._clock)
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        version = request.headers.get("x-polytomic-version")
        fault = self._faults.take(operation.name)
        try:
            answer = await self._answer(operation, request, key, fault)
        except Refusal as refusal:
            answer = self._refusal(refusal, version)
        except _LineCut:
            answer = None
        status = answer.status if answer else 0
        named = (request.method, request.url.path, operation.name)
        self.requests.append(Requested(*named, key, version, status, watch.at, watch.milliseconds))
        self._heard()
        if answer is None:
            return Cut()
        return self._response(answer, version)

    async def _answer(self, operation: Operation, request: Request, key: str | None, fault: Fault | None) -> Answer:
        if fault and fault.kind == "cut_before":
            raise _LineCut
        if fault and fault.kind == "busy":
            busy = Refusal(429, "rate_limited", "Too many requests").answer()
            return replace(busy, headers={"Retry-After": f"{fault.retry_after:g}"})
        caller = Caller("", "", "") if operation.public else self._caller(request)
        version = self._version(operation, request)
        if len(request.url.path) + 1 + len(request.scope["query_string"]) > self._switches.url_limit:
            raise Refusal(414, "uri_too_long", "Request-URI Too Long")
        if fault and fault.kind == "locked":
            raise LOCKED
        name = self._keys.name(key, request.method, request.url.path)
        if recorded := self._keys.begin(name):
            return recorded
        answer = None
        try:
            call = await self._call(request, version, caller)
            answer = await self._act(operation, call, fault)
        finally:
            if answer is None:
                self._keys.release(name)
            else:
                self._keys.end(name, answer)
        return await self._deliver(answer, fault)

    async def _act(self, operation: Operation, call: Call, fault: Fault | None) -> Answer:
        if fault and fault.kind == "refuse":
            return Refusal(fault.status, "sandbox_fault", fault.message).answer()
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        try:
            made = await operation.handler(call)
        except Refusal as refusal:
            return refusal.answer()
        if fault and fault.kind == "act_then_500":
            return Refusal(500, "sandbox_fault", fault.message).answer()
        if isinstance(made, Answer):
            return made
        return as_json(self._touched(made))

    async def _deliver(self, answer: Answer, fault: Fault | None) -> Answer:
        kind = fault.kind if fault else None
        if fault is None or kind in ("refuse", "slow", "act_then_500"):
            return answer
        if kind == "act_then_cut":
            raise _LineCut
        if kind == "act_then_slow":
            await asyncio.sleep(fault.seconds)
            return answer
        return Answer(200, b'{"data":null}' if kind == "null" else fault.body.encode())

    def _touched(self, made: Json) -> Json:
        if self._switches.empty_lists == "null" and made.get("data") == []:
            made = {**made, "data": None}
        if self._switches.extra_answer_fields and isinstance(made.get("data"), dict):
            made = {**made, "data": {**made["data"], "x_new_field": {"nested": [1]}}, "x_meta": "new"}
        return made

    def _caller(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        caller = self._callers.get(token) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Refusal(401, "unauthorized", "Unauthorized")
        return caller

    def _version(self, operation: Operation, request: Request) -> str:
        version = request.headers.get("x-polytomic-version")
        if version is None and (operation.public or self._switches.missing_version == "serve"):
            return OLDEST
        if version not in self._switches.versions:
            raise Refusal(400, "invalid_version", f"The sandbox does not serve API version {version or OLDEST}")
        if version < operation.since:
            raise Refusal(404, "not_found", f"Not part of API version {version}")
        return version

    async def _call(self, request: Request, version: str, caller: Caller) -> Call:
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            raise Refusal(400, "invalid_json", "The body is not valid JSON") from None
        return Call(
            dict(request.path_params),
            dict(request.query_params),
            body,
            version,
            caller,
            strict=self._switches.unknown_body_keys == "refuse",
        )

    def _refusal(self, refusal: Refusal, version: str | None) -> Answer:
        if refusal.status == 401 and version == OLDER and self._switches.old_401_body:
            return as_json({"code": 401, "error": refusal.message, "status": "Unauthorized"}, 401)
        return refusal.answer()

    def _response(self, answer: Answer, version: str | None) -> Response:
        headers = {"X-Polytomic-Version": version or OLDEST, **answer.headers}
        return Response(answer.body, answer.status, headers, media_type="application/json")


class _LineCut(Exception):
    """The connection is to be aborted, without an answer."""
