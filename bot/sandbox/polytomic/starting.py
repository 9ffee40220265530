"""Starting a run: which records it moves is decided here, once, from the model's query as it answers now."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from pydantic import BaseModel

from bot.sandbox.polytomic.answers import Refusal
from bot.sandbox.polytomic.connections import Connections, Ids
from bot.sandbox.polytomic.events import Events
from bot.sandbox.polytomic.faults import Faults
from bot.sandbox.polytomic.gong import OWNER_EMAIL, Gong
from bot.sandbox.polytomic.ledger import Entry, Ledger
from bot.sandbox.polytomic.models import Models, Row
from bot.sandbox.polytomic.runs import End, Plan, Record, Run
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.polytomic.syncs import Source, Sync, SyncBody
from bot.sandbox.warehouse import Refused

BUSY = Refusal(409, "execution_running", "An execution of this sync is already running")


class _SourceIdentity(BaseModel):
    source: Source
    value: str


class StartBody(BaseModel):
    """The body that starts a run."""

    resync: bool | None = None
    test: bool | None = None
    identities: list[str] | None = None
    source_identities: list[list[_SourceIdentity]] | None = None


class Starter:
    """Makes runs, and sends their records to Gong."""

    def __init__(
        self,
        connections: Connections,
        models: Models,
        gong: Gong,
        ledger: Ledger,
        events: Events,
        *,
        clock: Callable[[], datetime],
        switches: Switches,
        faults: Faults,
        ids: Ids,
    ) -> None:
        self._connections = connections
        self._models = models
        self._gong = gong
        self._ledger = ledger
        self._events = events
        self._clock = clock
        self._switches = switches
        self._faults = faults
        self._ids = ids

    async def start(self, sync: Sync, body: StartBody) -> Run:
        """A new run of the sync. Raises a 4xx when it may not run now."""
        if body.identities and body.source_identities:
            raise Refusal(400, "invalid_request", "identities cannot be combined with source_identities")
        if not sync.active:
            raise Refusal(self._switches.inactive_status, "sync_inactive", "The sync is not active")
        self._connections.of_type(sync.body.target.connection_id, "gong")
        if sync.starting or sync.current is not None:
            raise BUSY
        sync.starting = True
        try:
            rows, trouble = await self._read(sync)
        finally:
            sync.starting = False
        records, blanks = self._records(sync, body, rows)
        return self.begin(sync, self._plan(tuple(records), blanks, trouble))

    def begin(self, sync: Sync, plan: Plan) -> Run:
        """A run of the sync that goes as planned from now on."""
        run = Run(
            self._ids.new("execution"), sync.id, plan, self._clock(), send=self._sender(sync), tell=self._tell(sync)
        )
        sync.runs.append(run)
        return run

    async def _read(self, sync: Sync) -> tuple[list[Row], str]:
        """The rows of the model, or why there are none: the run then fails with these words."""
        identity = sync.body.identified_by
        model = self._models.find(identity.source.model_id) if identity else None
        if model is None:
            return [], "The model of this sync does not exist"
        if self._gong.find(sync.body.target.object or "") is None:
            return [], "The target object of this sync does not exist"
        try:
            return await self._models.rows(model), ""
        except Refused as refused:
            return [], str(refused)

    def _plan(self, records: tuple[Record, ...], blanks: int, trouble: str) -> Plan:
        end: End = "failed" if trouble else self._faults.take_run_end() or self._switches.run_ends
        return Plan(
            records,
            blanks,
            seconds=self._switches.run_seconds,
            cancel_seconds=self._switches.cancel_seconds,
            end=end,
            error=trouble or self._switches.run_error,
            operation_counts=self._switches.operation_counts,
            counts_at_end=self._switches.counts_at_end,
        )

    def _records(self, sync: Sync, body: StartBody, rows: list[Row]) -> tuple[list[Record], int]:
        """One record for each identity value, the first row that has it; and how many rows have none."""
        identity = sync.body.identified_by
        if identity is None or body.test:
            return [], 0
        only = self._only(body)
        found: dict[str, Record] = {}
        blanks = 0
        for row in rows:
            value = row.get(identity.source.field)
            if value is None or not str(value).strip():
                blanks += only is None
            elif (only is None or str(value) in only) and str(value) not in found:
                found[str(value)] = _record(sync.body, row, str(value))
        everything = body.resync or sync.body.sync_all_records
        fresh = (r for r in found.values() if everything or sync.sent.get(r.identity) != r.fingerprint)
        return list(fresh), blanks

    def _only(self, body: StartBody) -> frozenset[str] | None:
        named: Iterable[str] | None = body.identities
        if body.source_identities:
            named = [entry[0].value for entry in body.source_identities if entry]
        if named is None or self._switches.ignore_identities:
            return None
        only = frozenset(named)
        return None if not only and self._switches.empty_identities == "everybody" else only

    def _sender(self, sync: Sync) -> Callable[[Run, Record, datetime], str | None]:
        def send(run: Run, record: Record, at: datetime) -> str | None:
            flow = self._gong.find(sync.body.target.object or "")
            refusal = (
                self._gong.refuses(flow, record.identity, record.owner_email) if flow else "NotFound: no such flow"
            )
            if refusal is None or not self._switches.retry_refused_records:
                sync.sent[record.identity] = record.fingerprint
            if flow and refusal is None:
                contact = self._gong.take(flow, record.identity)
                self._ledger.write(Entry(flow.id, contact, sync.id, run.id, at))
            return refusal

        return send

    def _tell(self, sync: Sync) -> Callable[[Run, str, datetime], None]:
        def tell(run: Run, kind: str, at: datetime) -> None:
            self._events.of_run(kind, run, sync.body.name, sync.body.target.connection_id, at)

        return tell


def _record(body: SyncBody, row: Row, identity: str) -> Record:
    sent: dict[str, object] = {}
    for mapping in [*(body.fields or []), *(body.override_fields or [])]:
        fixed = mapping.override_value
        sent[mapping.target] = fixed if fixed is not None or not mapping.source else row.get(mapping.source.field)
    owner = str(sent[OWNER_EMAIL] or "") if OWNER_EMAIL in sent else None
    return Record(identity, owner, json.dumps(sent, default=str, sort_keys=True))
