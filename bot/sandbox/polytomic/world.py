"""The whole of the sandbox's Polytomic and Gong: one object that a test, the demo or the sandbox serves and asks.

world = PolytomicWorld(Warehouse())
async with world.serve() as served:
    ...  # a client of served.url, with the key "sandbox"
    world.ledger.contacts_in(world.gong.flow_named("Q4 Renewal").id)
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.polytomic.answers import Json, Refusal
from bot.sandbox.polytomic.connect_form import ConnectForm
from bot.sandbox.polytomic.connection_calls import ConnectionCalls
from bot.sandbox.polytomic.connections import ORGANIZATION, Connection, Connections, Ids
from bot.sandbox.polytomic.consent import Consents
from bot.sandbox.polytomic.events import Events
from bot.sandbox.polytomic.execution_calls import ExecutionCalls
from bot.sandbox.polytomic.faults import Faults
from bot.sandbox.polytomic.gate import Call, Caller, Gate, Operation, Requested
from bot.sandbox.polytomic.gong import Gong
from bot.sandbox.polytomic.hosts import KEY, Hosts
from bot.sandbox.polytomic.ledger import Ledger
from bot.sandbox.polytomic.log_files import Download, LogFiles
from bot.sandbox.polytomic.models import Model, Models
from bot.sandbox.polytomic.queries import Queries
from bot.sandbox.polytomic.runs import Run
from bot.sandbox.polytomic.starting import Starter
from bot.sandbox.polytomic.switches import LATEST, Switches
from bot.sandbox.polytomic.sync_calls import SyncCalls
from bot.sandbox.polytomic.sync_page import SyncPage
from bot.sandbox.polytomic.syncs import Sync, Syncs
from bot.sandbox.polytomic.targets import Targets
from bot.sandbox.serve import Served, serve
from bot.sandbox.warehouse import Warehouse

_SNOWFLAKE = {"account": "sandbox", "username": "sandbox", "password": "sandbox", "dbname": "ANALYTICS"}


def now() -> datetime:
    """The time of a world that was given no other clock."""
    return datetime.now(UTC)


class PolytomicWorld:
    """One organization at Polytomic, with its Gong, over one warehouse. Its memory ends with the object.

    `heard` is told after each call; `operations` are the names that faults are asked for by.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        *,
        clock: Callable[[], datetime] = now,
        api_key: str = KEY,
        switches: Switches | None = None,
        with_snowflake: bool = True,
        with_gong: bool = False,
        heard: Callable[[], None] = lambda: None,
    ) -> None:
        self.warehouse = warehouse
        self.clock = clock
        self.switches = switches if switches is not None else Switches()
        self.faults = Faults(clock)
        self.hosts = Hosts()
        self.gong = Gong(self.switches)
        self.ledger = Ledger(self.settle)
        self.callers = {
            api_key: Caller("00000000-0000-4000-8000-0000000000a1", "Sandbox", "sandbox@ourcompany.example"),
            f"{api_key}-other": Caller("00000000-0000-4000-8000-0000000000a2", "Other", "other@ourcompany.example"),
        }
        ids = Ids()
        self._gate = Gate(clock, self.switches, self.faults, self.callers, heard)
        self._connections = Connections(clock, self.switches, ids)
        self._logs = LogFiles(clock, self.switches, self.hosts, heard)
        self._build(ids)
        if with_snowflake:
            self._connections.heal(self._connections.add("Sandbox Snowflake", "snowflake", dict(_SNOWFLAKE)))
        if with_gong:
            self._connections.heal(self._connections.add("Sandbox Gong", "gong", {"auth_method": "oauth"}))

    def _build(self, ids: Ids) -> None:
        clock, switches, connections = self.clock, self.switches, self._connections
        self.events = Events(clock, switches, ids, self.settle)
        consents = Consents(connections, clock, switches, self.hosts)
        form = ConnectForm(connections, clock, self.hosts)
        self._models = Models(connections, self.warehouse, clock=clock, switches=switches, ids=ids)
        queries = Queries(connections, self.warehouse, clock=clock, switches=switches, ids=ids, hosts=self.hosts)
        targets = Targets(connections, self.gong, clock, switches)
        self._syncs = Syncs(connections, self._models, targets, self.gong, clock=clock, switches=switches, ids=ids)
        self._starter = Starter(
            connections,
            self._models,
            self.gong,
            self.ledger,
            self.events,
            clock=clock,
            switches=switches,
            faults=self.faults,
            ids=ids,
        )
        calls = ConnectionCalls(connections, consents, self._models, self._syncs, switches)
        operations = [
            Operation("GET", "/api/me", "me", self._me),
            Operation("GET", "/api/organization", "organization", self._organization, since=LATEST),
            *form.operations(),
            *calls.operations(),
            *self._models.operations(),
            *queries.operations(),
            *targets.operations(),
            *SyncCalls(self._syncs, clock, switches).operations(),
            *ExecutionCalls(self._syncs, self._starter, self._logs, clock).operations(),
            *self.events.operations(),
        ]
        self.operations = tuple(dict.fromkeys(operation.name for operation in operations))
        for_people = (*consents.routes(), *form.routes(), *SyncPage(self._syncs, clock).routes())
        routes = [*(self._gate.route(operation) for operation in operations), *for_people]
        self.app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_call})
        self.app.router.redirect_slashes = False
        self.storage = self._logs.app

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[Served]:
        """The API answers on `port`, log files on a port of their own, until the block ends."""
        async with serve(self.app, port) as api, serve(self.storage) as storage:
            self.hosts.base_url, self.hosts.storage_url = api.url, storage.url
            yield api

    # ------------------------------------------------------------ what tests and the demo may look at

    @property
    def requests(self) -> list[Requested]:
        """Every API call so far, without queries, bodies and secrets."""
        return self._gate.requests

    @property
    def downloads(self) -> list[Download]:
        """Every call to the storage host."""
        return self._logs.downloads

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Every connection."""
        return self._connections.all

    @property
    def models(self) -> tuple[Model, ...]:
        """Every model."""
        return self._models.all

    @property
    def syncs(self) -> tuple[Sync, ...]:
        """Every sync, its runs brought up to the present."""
        self.settle()
        return self._syncs.all

    def settle(self) -> None:
        """Everything that is due by now has happened, in every run."""
        now = self.clock()
        for run in [*(run for sync in self._syncs.all for run in sync.runs), *self._syncs.past_runs]:
            run.settle(now)

    def another(self, run: Run, name: str) -> Run:
        """A sync like the one of this run under another name, and a run of it over the same records.

        They are not read anew: for whoever needs thousands.
        """
        sync = self._syncs.get(run.sync_id)
        made = self._syncs.add(sync.body.model_copy(update={"name": name}), LATEST)
        return self._starter.begin(made, run.plan)

    def revoke_gong(self) -> None:
        """Someone withdrew the consent at Gong: its connections are not healthy until it is given again."""
        for connection in self._connections.all:
            if connection.type == "gong" and connection.healthy:
                self._connections.mark(connection, "unhealthy", "Gong: access was revoked")

    # ------------------------------------------------------------------------------------ operations

    async def _me(self, call: Call) -> Json:
        roles = {"is_user": True, "is_organization": False, "is_partner": False, "is_system": False}
        return {
            "data": {
                "id": call.caller.id,
                "email": call.caller.email,
                "role": "admin",
                **roles,
                "organization_id": ORGANIZATION["id"],
                "organization_name": ORGANIZATION["name"],
            }
        }

    async def _organization(self, _: Call) -> Json:
        return {"data": dict(ORGANIZATION)}


async def _no_such_call(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    key, words = {404: ("not_found", "Not Found"), 405: ("method_not_allowed", "Method Not Allowed")}.get(
        status, ("error", "Error")
    )
    answer = Refusal(status, key, words).answer()
    return Response(answer.body, answer.status, media_type="application/json")
