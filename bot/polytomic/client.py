"""How we speak to Polytomic: one method per endpoint that an enrollment uses.

What is sent is `requests`, how it travels is `line`, how answers are read is `answers`; nothing is retried.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import httpx
from pydantic import SecretStr

from bot.errors import PolytomicOddAnswer, PolytomicRefused
from bot.polytomic import answers, log_files, requests, wire
from bot.polytomic.call import Call
from bot.polytomic.line import Line
from bot.polytomic.tolerance import Wire

W = TypeVar("W", bound=Wire)
N = TypeVar("N", wire.Model, wire.Sync)

_MOST_PAGES = 1_000


def _now() -> datetime:
    return datetime.now(UTC)


class PolytomicClient:
    """Polytomic's API for one key. Every method raises PolytomicError's leaves and nothing else on bad answers.

    `key` is the Idempotency-Key of a POST: the same key again is the same call again.
    """

    def __init__(
        self,
        url: str,
        api_key: SecretStr,
        *,
        version: str,
        timeout: float = 20.0,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._line = Line(url, api_key, version=version, timeout=timeout, transport=transport, clock=clock)

    @property
    def home(self) -> str:
        """Polytomic's own page."""
        return self._line.home

    async def aclose(self) -> None:
        """No connection is open any more."""
        await self._line.aclose()

    # ------------------------------------------------------------------------------------- connections

    async def me(self) -> wire.Me:
        """Who the key belongs to."""
        return await self._one(requests.me(), wire.Me)

    async def connections(self) -> tuple[wire.Connection, ...]:
        """Every connection of the organization."""
        return await self._all(requests.connections(), wire.Connection)

    async def connection(self, connection_id: str) -> wire.Connection:
        """One connection as it is now."""
        return await self._one(requests.connection(connection_id), wire.Connection)

    async def create_connection(
        self, name: str, type: str, configuration: Mapping[str, object], *, key: str, redirect_url: str | None = None
    ) -> wire.Connection:
        """The connection exists; where a person has to consent, it carries `auth_url` and is not healthy yet."""
        call = requests.create_connection(name, type, configuration, key=key, redirect_url=redirect_url)
        return await self._one(call, wire.Connection)

    async def reconnect(
        self, connection_id: str, name: str, configuration: Mapping[str, object], *, redirect_url: str | None = None
    ) -> wire.Connection:
        """The connection carries a new `auth_url`. `configuration` replaces the old one whole."""
        call = requests.reconnect(connection_id, name, configuration, redirect_url=redirect_url)
        return await self._one(call, wire.Connection)

    async def connect_session(
        self, name: str, redirect_url: str, *, type: str | None = None, connection: str | None = None, key: str
    ) -> wire.ConnectSession:
        """There is a page on which a person makes one connection, or mends the one named."""
        call = requests.connect_session(name, redirect_url, kind=type, connection=connection, key=key)
        return await self._one(call, wire.ConnectSession)

    # --------------------------------------------------------------------------------- models, queries

    async def create_model(self, name: str, connection_id: str, sql: str, *, key: str) -> wire.ModelAnswer:
        """The model exists, or a job is making it."""
        call = requests.create_model(name, connection_id, sql, key=key)
        return answers.model_answer(call, await self._line.ask(call))

    async def job(self, type: str, job_id: str) -> wire.Job:
        """How far a job has come."""
        return await self._one(requests.job(type, job_id), wire.Job)

    async def model(self, model_id: str) -> wire.Model:
        """One model with its fields."""
        return await self._one(requests.model(model_id), wire.Model)

    async def find_model(self, name: str) -> wire.Model | None:
        """The model of exactly this name, or None."""
        return await self._named(name, requests.models(), wire.Model)

    async def delete_model(self, model_id: str) -> None:
        """The model is gone, also when it was gone before."""
        await self._delete(requests.delete_model(model_id))

    async def run_query(self, connection_id: str, sql: str, *, key: str) -> wire.QueryStatus:
        """The query runner has the query; `query_page` tells when it is done."""
        return await self._one(requests.run_query(connection_id, sql, key=key), wire.QueryStatus)

    async def query_page(self, query_id: str, page: str | None = None) -> wire.QueryPage:
        """How far a query has come, and one page of its rows."""
        call = requests.query_page(query_id, page)
        return answers.query_page(call, await self._line.ask(call))

    # ----------------------------------------------------------------------------------------- targets

    async def target_objects(self, connection_id: str) -> tuple[wire.TargetObject, ...]:
        """Everything the connection can be written to; of Gong, every flow."""
        return await self._all(requests.target_objects(connection_id), wire.TargetObject)

    async def target_fields(self, connection_id: str, target: str, *, refresh: bool = False) -> wire.TargetFields:
        """The fields of one target object. `refresh` asks Gong instead of Polytomic's copy."""
        return await self._one(requests.target_fields(connection_id, target, refresh=refresh), wire.TargetFields)

    # ------------------------------------------------------------------------------------- syncs, runs

    async def create_sync(self, spec: requests.SyncSpec, *, key: str) -> wire.Sync:
        """The sync exists and is active; `problems` names what keeps it from running."""
        return await self._one(requests.create_sync(spec, key=key), wire.Sync)

    async def sync(self, sync_id: str) -> wire.Sync:
        """One sync as it is now."""
        return await self._one(requests.sync(sync_id), wire.Sync)

    async def find_sync(self, name: str) -> wire.Sync | None:
        """The sync of exactly this name, or None."""
        return await self._named(name, requests.syncs(), wire.Sync)

    async def activate(self, sync_id: str, active: bool, *, key: str) -> bool:
        """Whether the sync may run now. A run that goes is not stopped."""
        return (await self._one(requests.activate(sync_id, active, key=key), wire.Activation)).active

    async def delete_sync(self, sync_id: str) -> None:
        """The sync is gone, also when it was gone before."""
        await self._delete(requests.delete_sync(sync_id))

    async def start(self, sync_id: str, identities: Sequence[str], *, key: str) -> wire.Execution:
        """A run over exactly these source values goes. Raises PolytomicRefused(409) while another one goes."""
        return await self._one(requests.start(sync_id, identities, key=key), wire.Execution)

    async def execution(self, sync_id: str, execution_id: str) -> wire.Execution:
        """One run and its counts."""
        return await self._one(requests.execution(sync_id, execution_id), wire.Execution)

    async def executions(self, sync_id: str) -> tuple[wire.Execution, ...]:
        """Every run of the sync, newest first."""
        return await self._all(requests.executions(sync_id), wire.Execution)

    async def status(self, sync_id: str) -> wire.SyncStatus:
        """The run that goes and the run before it."""
        return await self._one(requests.status(sync_id), wire.SyncStatus)

    async def cancel(self, sync_id: str, *, key: str) -> None:
        """Polytomic knows that the run has to stop; its status tells when it has."""
        await self._line.ask(requests.cancel(sync_id, key=key))

    async def events(
        self,
        *,
        starting_after: datetime | None = None,
        ending_before: datetime | None = None,
        type: str | None = None,
        limit: int = 100,
    ) -> tuple[wire.Event, ...]:
        """Up to `limit` events between two times, both exclusive; the caller moves the bounds to see more."""
        call = requests.events(starting_after=starting_after, ending_before=ending_before, kind=type, limit=limit)
        return answers.many(call, await self._line.ask(call), wire.Event).items

    # --------------------------------------------------------------------------------------- log files

    async def log_urls(self, sync_id: str, execution_id: str, kind: requests.LogKind) -> tuple[SecretStr, ...]:
        """Signed links to the log files of one kind. They expire soon: ask again rather than keep them."""
        return (await self._one(requests.log_urls(sync_id, execution_id, kind), wire.LogUrls)).urls

    async def log_lines(self, url: SecretStr) -> AsyncIterator[log_files.LogLine]:
        """Every record of one log file. Raises PolytomicRefused when the link has expired.

        The file lies with a storage host, which never sees the API key.
        """
        for line in log_files.read(await self._line.file(url)):
            yield line

    # ----------------------------------------------------------------------------------- how it is sent

    async def _one(self, call: Call, kind: type[W]) -> W:
        return answers.one(call, await self._line.ask(call), kind)

    async def _all(self, call: Call, kind: type[W]) -> tuple[W, ...]:
        return tuple([item async for page in self._pages(call, kind) for item in page])

    async def _named(self, name: str, call: Call, kind: type[N]) -> N | None:
        async for page in self._pages(call, kind):
            for item in page:
                if item.name == name:
                    return item
        return None

    async def _pages(self, call: Call, kind: type[W]) -> AsyncIterator[tuple[W, ...]]:
        token, asked = "", call
        for _ in range(_MOST_PAGES):
            page = answers.many(asked, await self._line.ask(asked), kind)
            yield page.items
            if not page.next_token:
                return
            if page.next_token == token:
                break
            token, asked = page.next_token, call.at_page(page.next_token)
        raise PolytomicOddAnswer(call.name, "the pages do not end")

    async def _delete(self, call: Call) -> None:
        try:
            await self._line.ask(call)
        except PolytomicRefused as error:
            if error.status != 404:
                raise
