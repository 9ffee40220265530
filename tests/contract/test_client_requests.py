"""For every call that our client makes, the official SDK making the same call sends the same request."""

import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from polytomic import AsyncPolytomic, Identity, ModelSyncV5Target, OverrideFieldInput, Schedule, Source, SyncField
from pydantic import SecretStr

from bot.polytomic.client import PolytomicClient
from bot.polytomic.requests import SyncSpec

URL = "https://polytomic.example"
KEY = "e2b8f0a0-5a0e-5d2a-9a61-0d6f3d1c2b11"
SQL = "SELECT contact_id FROM salesforce_contacts WHERE plan = 'gold' AND name LIKE '%ü&+=#?/ %'"
CONFIGURATION = {"account": "uc193736182", "username": "user", "password": SecretStr("s3cret"), "dbname": "database"}
OPENED = CONFIGURATION | {"password": "s3cret"}
OAUTH = {"auth_method": "oauth"}
AFTER, BEFORE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC), datetime(2026, 11, 23, 12, 30, 15, 250000, tzinfo=UTC)
SPEC = SyncSpec(
    name="Enroll Flow E-7K2M9Q",
    model_id="m-1",
    source_field="CONTACT_ID",
    target_connection_id="c-2",
    target_object="7421936500012345678",
    fields=(("Owner", "OWNER_EMAIL"),),
    override_fields=(("Sender", "ann@example.com"),),
)


@dataclass(frozen=True)
class Pair:
    """One call as we make it and as the SDK makes it, and an answer that both can read."""

    method: str
    ours: Callable[[PolytomicClient], Awaitable[Any]]
    theirs: Callable[[AsyncPolytomic], Awaitable[Any]]
    data: Any = field(default_factory=lambda: {"id": "x-1"})


async def _sync_by_sdk(sdk: AsyncPolytomic, *, mapped: bool) -> None:
    owner = SyncField(target="Owner", source=Source(model_id="m-1", field="OWNER_EMAIL"))
    sender = OverrideFieldInput(target="Sender", override_value="ann@example.com")
    more: dict[str, Any] = {"override_fields": [sender]} if mapped else {}
    await sdk.model_sync.create(
        name="Enroll Flow E-7K2M9Q",
        mode="updateOrCreate",
        schedule=Schedule(frequency="manual"),
        active=True,
        target=ModelSyncV5Target(connection_id="c-2", object="7421936500012345678"),
        identity=Identity(source=Source(model_id="m-1", field="CONTACT_ID"), target="Id", function="Equality"),
        fields=[owner] if mapped else [],
        idempotency_key=KEY,
        **more,
    )


PAIRS = [
    Pair("me", lambda c: c.me(), lambda s: s.identity.get()),
    Pair("connections", lambda c: c.connections(), lambda s: s.connections.list(), []),
    Pair("connection", lambda c: c.connection("c-1"), lambda s: s.connections.get("c-1")),
    Pair(
        "create_connection",
        lambda c: c.create_connection("Snowflake", "snowflake", CONFIGURATION, key=KEY),
        lambda s: s.connections.create(name="Snowflake", type="snowflake", configuration=OPENED, idempotency_key=KEY),
    ),
    Pair(
        "create_connection",
        lambda c: c.create_connection("Gong", "gong", OAUTH, key=KEY, redirect_url="https://bot.example/back?s=1"),
        lambda s: s.connections.create(
            name="Gong",
            type="gong",
            configuration=OAUTH,
            redirect_url="https://bot.example/back?s=1",
            idempotency_key=KEY,
        ),
    ),
    Pair(
        "reconnect",
        lambda c: c.reconnect("c-2", "Gong", OAUTH),
        lambda s: s.connections.update("c-2", name="Gong", configuration=OAUTH, reconnect=True),
    ),
    Pair(
        "reconnect",
        lambda c: c.reconnect("c-2", "Gong", OAUTH, redirect_url="https://bot.example/back"),
        # The SDK's update knows no redirect_url; create does. Polytomic ignores it at worst.
        lambda s: s.connections.update(
            "c-2",
            name="Gong",
            configuration=OAUTH,
            reconnect=True,
            request_options={"additional_body_parameters": {"redirect_url": "https://bot.example/back"}},
        ),
    ),
    Pair(
        "connect_session",
        lambda c: c.connect_session("Snowflake", "https://bot.example/back", type="snowflake", key=KEY),
        lambda s: s.connections.connect(
            name="Snowflake", redirect_url="https://bot.example/back", type="snowflake", idempotency_key=KEY
        ),
        {"redirect_url": "https://polytomic.example/connect?token=t"},
    ),
    Pair(
        "connect_session",
        lambda c: c.connect_session("Gong", "https://bot.example/back", connection="c-2", key=KEY),
        lambda s: s.connections.connect(
            name="Gong", redirect_url="https://bot.example/back", connection="c-2", idempotency_key=KEY
        ),
        {"redirect_url": "https://polytomic.example/connect?token=t"},
    ),
    Pair(
        "create_model",
        lambda c: c.create_model("Enroll Flow E-7K2M9Q", "c-1", SQL, key=KEY),
        lambda s: s.models.create(
            name="Enroll Flow E-7K2M9Q", connection_id="c-1", configuration={"query": SQL}, idempotency_key=KEY
        ),
    ),
    Pair("job", lambda c: c.job("createmodel", "j-1"), lambda s: s.jobs.get("createmodel", "j-1")),
    Pair("model", lambda c: c.model("m-1"), lambda s: s.models.get("m-1")),
    Pair("find_model", lambda c: c.find_model("Enroll Flow"), lambda s: s.models.list(), []),
    Pair("delete_model", lambda c: c.delete_model("m-1"), lambda s: s.models.delete("m-1")),
    Pair(
        "run_query",
        lambda c: c.run_query("c-1", SQL, key=KEY),
        lambda s: s.query_runner.run_query("c-1", query=SQL, idempotency_key=KEY),
    ),
    Pair("query_page", lambda c: c.query_page("q-1"), lambda s: s.query_runner.get_query("q-1")),
    Pair(
        "query_page",
        lambda c: c.query_page("q-1", "eyJvIjoxfQ=="),
        lambda s: s.query_runner.get_query("q-1", page="eyJvIjoxfQ=="),
    ),
    Pair("target_objects", lambda c: c.target_objects("c-2"), lambda s: s.model_sync.targets.list("c-2"), []),
    Pair(
        "target_fields",
        lambda c: c.target_fields("c-2", "7421936500012345678"),
        lambda s: s.model_sync.targets.get_target_fields("c-2", target="7421936500012345678"),
    ),
    Pair(
        "target_fields",
        lambda c: c.target_fields("c-2", "7421936500012345678", refresh=True),
        lambda s: s.model_sync.targets.get_target_fields("c-2", target="7421936500012345678", refresh=True),
    ),
    Pair("create_sync", lambda c: c.create_sync(SPEC, key=KEY), lambda s: _sync_by_sdk(s, mapped=True)),
    Pair(
        "create_sync",
        lambda c: c.create_sync(SyncSpec(SPEC.name, "m-1", "CONTACT_ID", "c-2", SPEC.target_object), key=KEY),
        lambda s: _sync_by_sdk(s, mapped=False),
    ),
    Pair("sync", lambda c: c.sync("s-1"), lambda s: s.model_sync.get("s-1")),
    Pair("find_sync", lambda c: c.find_sync("Enroll Flow"), lambda s: s.model_sync.list(), []),
    Pair(
        "activate",
        lambda c: c.activate("s-1", False, key=KEY),
        lambda s: s.model_sync.activate("s-1", active=False, idempotency_key=KEY),
        {"id": "s-1", "active": False},
    ),
    Pair("delete_sync", lambda c: c.delete_sync("s-1"), lambda s: s.model_sync.delete("s-1")),
    Pair(
        "start",
        lambda c: c.start("s-1", ["0035g00000AbCdEAAV", "0035g00000AbCdFAAV"], key=KEY),
        lambda s: s.model_sync.start(
            "s-1", identities=["0035g00000AbCdEAAV", "0035g00000AbCdFAAV"], idempotency_key=KEY
        ),
    ),
    Pair("execution", lambda c: c.execution("s-1", "e-1"), lambda s: s.model_sync.executions.get("s-1", "e-1")),
    Pair("executions", lambda c: c.executions("s-1"), lambda s: s.model_sync.executions.list("s-1"), []),
    Pair("status", lambda c: c.status("s-1"), lambda s: s.model_sync.get_status("s-1")),
    Pair(
        "cancel",
        lambda c: c.cancel("s-1", key=KEY),
        lambda s: s.model_sync.cancel("s-1", idempotency_key=KEY),
    ),
    Pair(
        "log_urls",
        lambda c: c.log_urls("s-1", "e-1", "errors"),
        lambda s: s.model_sync.executions.get_log_urls("s-1", "e-1", "errors"),
        {"urls": None},
    ),
    Pair(
        "events",
        lambda c: c.events(starting_after=AFTER, ending_before=BEFORE, type="sync.completed", limit=50),
        lambda s: s.events.list(starting_after=AFTER, ending_before=BEFORE, type="sync.completed", limit=50),
        [],
    ),
    Pair("events", lambda c: c.events(), lambda s: s.events.list(limit=100), []),
]


class Wiretap(httpx.AsyncBaseTransport):
    """Keeps what was sent and gives every call the same answer."""

    def __init__(self, data: object) -> None:
        self.sent: list[httpx.Request] = []
        self._data = data

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(200, json={"data": self._data})


def _heard(request: httpx.Request) -> dict[str, object]:
    names = ("authorization", "x-polytomic-version", "idempotency-key", "content-type")
    return {
        "method": request.method,
        "path": request.url.raw_path.split(b"?")[0],
        "query": sorted(request.url.params.multi_items()),
        "body": json.loads(request.content) if request.content else None,
        "headers": {name: request.headers.get(name) for name in names},
    }


async def _ours(pair: Pair, version: str) -> list[dict[str, object]]:
    tap = Wiretap(pair.data)
    client = PolytomicClient(URL, SecretStr("the-key"), version=version, transport=tap)
    await pair.ours(client)
    await client.aclose()
    return [_heard(request) for request in tap.sent]


async def _theirs(pair: Pair, version: str) -> list[dict[str, object]]:
    tap = Wiretap(pair.data)
    async with httpx.AsyncClient(transport=tap) as http:
        await pair.theirs(
            AsyncPolytomic(base_url=URL, version=version, token="the-key", httpx_client=http, max_retries=0)
        )
    return [_heard(request) for request in tap.sent]


@pytest.mark.parametrize("version", ["2024-02-08", "2025-09-18"])
@pytest.mark.parametrize("pair", PAIRS, ids=[f"{number:02}-{pair.method}" for number, pair in enumerate(PAIRS)])
async def test_we_send_what_the_official_sdk_sends(pair: Pair, version: str) -> None:
    """Method, path, query, body, key, version and authorization are the SDK's, for both API versions."""
    theirs = await _theirs(pair, version)

    assert theirs == await _ours(pair, version)
    assert [f"Bearer the-key {version}"] == [
        "{authorization} {x-polytomic-version}".format(**sent["headers"])  # type: ignore[arg-type]
        for sent in theirs
    ]


def test_every_method_of_the_client_is_compared() -> None:
    """A method that is added without its counterpart in the SDK is noticed here."""
    methods = {name for name, _ in inspect.getmembers(PolytomicClient, inspect.iscoroutinefunction) if name[0] != "_"}

    assert methods - {"aclose"} == {pair.method for pair in PAIRS}


async def test_only_posts_carry_a_key() -> None:
    """GET, PUT and DELETE never carry an Idempotency-Key; every POST does (docs: Idempotent requests)."""
    sent = [heard for pair in PAIRS for heard in await _ours(pair, "2024-02-08")]

    assert {("GET", None), ("PUT", None), ("DELETE", None), ("POST", KEY)} == {
        (heard["method"], heard["headers"]["idempotency-key"])  # type: ignore[index]
        for heard in sent
    }
