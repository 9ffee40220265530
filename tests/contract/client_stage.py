"""Our client before the sandbox's served Polytomic, with the steps that lead up to a sync."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import SecretStr

from bot.polytomic.client import PolytomicClient
from bot.polytomic.requests import SyncSpec
from bot.polytomic.wire import Connection, Execution, Model, QueryPage, Sync
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.warehouse import Warehouse

SQL = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'"
SNOWFLAKE = {"account": "uc193736182", "username": "user", "password": SecretStr("sandbox"), "dbname": "ANALYTICS"}
FLOW = "Q4 Renewal"
NAME = "Enroll Flow E-7K2M9Q"

T = TypeVar("T")


async def until(done: Callable[[T], bool], look: Callable[[], Awaitable[T]]) -> T:
    """What was looked at, as soon as it is done."""
    async with asyncio.timeout(10):
        while True:
            found = await look()
            if done(found):
                return found
            await asyncio.sleep(0.02)


@dataclass(frozen=True)
class Stage:
    """The served world and our client of it."""

    world: PolytomicWorld
    url: str
    client: PolytomicClient

    async def snowflake(self) -> Connection:
        """Step 1."""
        return await self.client.create_connection("Snowflake", "snowflake", SNOWFLAKE, key="stage-snowflake")

    async def gong(self, answer: str = "allow") -> Connection:
        """Step 2, with the person's answer to Gong's question."""
        made = await self.client.create_connection("Gong", "gong", {"auth_method": "oauth"}, key="stage-gong")
        await self.consent(made, answer)
        return await self.client.connection(made.id)

    async def consent(self, made: Connection, answer: str) -> None:
        """The person opened the link and answered."""
        assert made.auth_url
        async with httpx.AsyncClient(trust_env=False) as person:
            await person.post(f"{made.auth_url.get_secret_value()}/{answer}")

    async def model(self, snowflake: Connection) -> Model:
        """Step 3, be it done at once or by a job."""
        answer = await self.client.create_model(NAME, snowflake.id, SQL, key="stage-model")
        if answer.model:
            return answer.model
        assert answer.job
        job_id = answer.job.id
        job = await until(lambda job: job.status == "done", lambda: self.client.job("createmodel", job_id))
        assert job.model
        return job.model

    async def sync(self) -> Sync:
        """Steps 1 to 6."""
        model, gong = await self.model(await self.snowflake()), await self.gong()
        flow = next(flow for flow in await self.client.target_objects(gong.id) if flow.name == FLOW)
        spec = SyncSpec(NAME, model.id, model.fields[0].name, gong.id, flow.id)
        return await self.client.create_sync(spec, key="stage-sync")

    async def identities(self, snowflake: Connection) -> list[str]:
        """The contact ids that the query gives, page after page."""
        query = await self.client.run_query(snowflake.id, SQL, key="stage-query")
        page: QueryPage = await until(lambda page: page.status == "done", lambda: self.client.query_page(query.id))
        rows = list(page.results)
        while page.next_page:
            page = await self.client.query_page(query.id, page.next_page)
            rows += page.results
        assert page.count == len(rows)
        return list(dict.fromkeys(str(row["CONTACT_ID"]) for row in rows if row["CONTACT_ID"]))

    async def ended(self, sync: Sync, run: Execution) -> Execution:
        """Step 8."""
        return await until(lambda run: run.ended, lambda: self.client.execution(sync.id, run.id))


@asynccontextmanager
async def staged(version: str = "2024-02-08", timeout: float = 5.0) -> AsyncIterator[Stage]:
    """A fresh world without connections, served until the block ends."""
    warehouse = Warehouse()
    world = PolytomicWorld(warehouse, with_snowflake=False)
    world.switches.run_seconds = 0.05
    async with world.serve() as served:
        client = PolytomicClient(served.url, SecretStr("sandbox"), version=version, timeout=timeout)
        yield Stage(world, served.url, client)
        await client.aclose()
    warehouse.close()
