"""What every test of the sandbox's Polytomic starts from: a served world with a clock that only tests move."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.sandbox.polytomic.gong import GongFlow
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.warehouse import Warehouse

GOLD = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'"
VERSION = "2025-09-18"


class Time:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Stage:
    """The world, its clock, its address, and bare HTTP for what a client would not send."""

    world: PolytomicWorld
    time: Time
    url: str
    http: httpx.AsyncClient

    async def call(
        self, method: str, path: str, body: object = None, *, key: str | None = None, version: str | None = VERSION
    ) -> httpx.Response:
        """One API call."""
        headers = {"Authorization": "Bearer sandbox"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"X-Polytomic-Version": version} if version else {}
        return await self.http.request(method, f"{self.url}{path}", json=body, headers=headers)

    async def data(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Any:
        """The `data` of an answer that has to be a 200."""
        answer = await self.call(method, path, body, key=key)
        assert (200, "") == (answer.status_code, "" if answer.status_code == 200 else answer.text)
        return answer.json().get("data")

    @property
    def flow(self) -> GongFlow:
        return self.world.gong.flow_named("Q4 Renewal")

    def connection(self, kind: str) -> str:
        return next(connection.id for connection in self.world.connections if connection.type == kind)

    async def model(self, sql: str = GOLD) -> str:
        """A model over the query; its id."""
        body = {"name": "M", "connection_id": self.connection("snowflake"), "configuration": {"query": sql}}
        return str((await self.data("POST", "/api/models", body))["id"])

    async def sync_body(self, sql: str = GOLD, **changes: object) -> dict[str, Any]:
        """A body that makes a sync into the flow, less or more what is changed."""
        body: dict[str, Any] = {
            "name": "S",
            "mode": "updateOrCreate",
            "schedule": {"frequency": "manual"},
            "active": True,
            "target": {"connection_id": self.connection("gong"), "object": self.flow.id},
            "identity": {
                "source": {"model_id": await self.model(sql), "field": "CONTACT_ID"},
                "target": "Id",
                "function": "Equality",
            },
            "fields": [],
        }
        return {name: value for name, value in (body | changes).items() if value is not None}

    async def sync(self, sql: str = GOLD, **changes: object) -> str:
        """A sync into the flow; its id."""
        return str((await self.data("POST", "/api/syncs", await self.sync_body(sql, **changes)))["id"])

    async def run(self, sync_id: str, body: Mapping[str, object] | None = None) -> Any:
        """The execution, after it had time to end."""
        started = await self.data("POST", f"/api/syncs/{sync_id}/executions", dict(body or {}))
        self.time.passes(60)
        return await self.data("GET", f"/api/syncs/{sync_id}/executions/{started['id']}")


@asynccontextmanager
async def open_stage(switches: Switches | None = None, *, with_gong: bool = True) -> AsyncIterator[Stage]:
    """A served world of its own, with a warehouse that tests may change."""
    time, warehouse = Time(), Warehouse()
    world = PolytomicWorld(warehouse, clock=time, with_gong=with_gong, switches=switches)
    # A proxy in the environment is for the world outside.
    async with world.serve() as served, httpx.AsyncClient(trust_env=False, timeout=5) as http:
        yield Stage(world, time, served.url, http)
    warehouse.close()
