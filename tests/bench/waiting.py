"""Enrollments that wait for a run that never ends: at the sandbox's Polytomic, and as rows of the bot's database.

Neither is made by the bot: thousands would take an hour, and what is measured is the waiting alone.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from bot.enrollment import names, outcomes
from bot.enrollment.limits import Limits
from bot.enrollment.model.checks import Check, CheckState, Contact
from bot.enrollment.model.enrollments import Enrollment, Outcome, Run, State, Step
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.messages import Message
from bot.polytomic.client import PolytomicClient
from bot.polytomic.requests import SyncSpec
from bot.sandbox.polytomic.runs import Run as RunThere
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town
from bot.store import rows, tables
from bot.store.session import Database
from tests.unit import stored

SWITCHES = Switches(run_seconds=1, run_ends="never")
_SQL = "SELECT contact_id FROM salesforce_contacts WHERE contact_id LIKE '003%' ORDER BY contact_id LIMIT 4"
# Older than two minutes, so nobody asks about it one by one, and younger than the hour that is called silence.
_STARTED = timedelta(minutes=20)
# The services' story of it is older still: what they told at the beginning was read long ago.
_TOLD = timedelta(hours=1)
_IN_ONE_TRANSACTION = 500
_TABLES = (tables.checks, tables.contacts, tables.enrollments, tables.runs, tables.messages)


class Clock:
    """The time of the services: now, or some time before now while their past is made."""

    def __init__(self) -> None:
        self.before = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) - self.before


class Waiting:
    """The runs that wait at Polytomic, the same for each database; and the rows of those who wait for them."""

    def __init__(self, town: Town, clock: Clock) -> None:
        self._town = town
        self._clock = clock
        self._runs: list[RunThere] = []
        self._values = [str(row["CONTACT_ID"]) for row in town.warehouse.query(_SQL)[1]]
        self._model = ""
        self._gong, self._snowflake = (
            next(one.id for one in town.polytomic.connections if one.type == kind) for kind in ("gong", "snowflake")
        )
        self._flow = town.polytomic.gong.flows[0]

    async def grow(self, count: int) -> None:
        """So many runs go at Polytomic, half-way through their contacts for ever."""
        self._clock.before = _TOLD
        if count and not self._runs:
            await self._start_first()
        while len(self._runs) < count:
            self._runs.append(self._town.polytomic.another(self._runs[0], names.sync_name(_id(len(self._runs)))))
        self._clock.before = timedelta()
        self._town.polytomic.settle()

    async def keep(self, db: Database, first: int, count: int) -> None:
        """The database holds the enrollments of the runs from `first` up to `count`."""
        for start in range(first, count, _IN_ONE_TRANSACTION):
            kept = [self._rows(number) for number in range(start, min(start + _IN_ONE_TRANSACTION, count))]
            async with db.begin() as s:
                for table in _TABLES:
                    await s.execute(insert(table), [row for one in kept for row in one[table]])

    def _rows(self, number: int) -> dict[Table, list[dict[str, Any]]]:
        """What the store keeps of one, for statements over many: its own functions take one at a time."""
        run = self._run(number, datetime.now(UTC) - _STARTED)
        check_id = f"check of {run.enrollment_id}"
        here = {"check_id": check_id, "team_id": stored.TEAM, "outcome": Outcome.SENT, "message": ""}
        return {
            tables.checks: [rows.values(self._check(check_id, run))],
            tables.contacts: [
                here | rows.values(Contact(position, value, value)) for position, value in enumerate(self._values)
            ],
            tables.enrollments: [rows.values(self._enrollment(number, run))],
            tables.runs: [rows.values(run) | {"team_id": stored.TEAM}],
            tables.messages: [rows.values(_message(run))],
        }

    def _check(self, check_id: str, run: Run) -> Check:
        times = {"created_at": run.started_at, "ended_at": run.started_at, "due_at": None}
        return stored.check(check_id, draft_id=run.enrollment_id, state=CheckState.DONE, **times)

    def _enrollment(self, number: int, run: Run) -> Enrollment:
        started = run.started_at or stored.NOW
        return stored.enrollment(
            run.enrollment_id,
            state=State.RUNNING,
            step=Step.WATCH_RUN,
            sql=_SQL,
            snowflake_id=self._snowflake,
            gong_id=self._gong,
            flow=Flow(self._flow.id, self._flow.name),
            batch_size=run.size,
            tally=outcomes.summed(run.size, {0: run}, {}),
            created_at=started,
            started_at=started,
            due_at=started + timedelta(seconds=Limits().run_silent),
            model_id=self._model,
            model_field="CONTACT_ID",
            sync_id=self._runs[number].sync_id,
        )

    def _run(self, number: int, started: datetime) -> Run:
        there = self._runs[number]
        return stored.run(
            enrollment_id=_id(number),
            size=len(self._values),
            execution_id=there.id,
            total=len(self._values),
            moved=there.moved,
            errors=there.errors,
            started_at=started,
            looked_at=started,
            changed_at=started,
        )

    async def _start_first(self) -> None:
        """A run as the bot starts one: its model, its sync, its execution."""
        settings = self._town.settings()
        client = PolytomicClient(
            settings.polytomic_url, settings.polytomic_api_key, version=settings.polytomic_version, timeout=10
        )
        try:
            made = await client.create_model(names.model_name(_id(0)), self._snowflake, _SQL, key=names.row_id())
            self._model = made.model.id if made.model else ""
            spec = SyncSpec(names.sync_name(_id(0)), self._model, "CONTACT_ID", self._gong, self._flow.id)
            sync = await client.create_sync(spec, key=names.row_id())
            await client.start(sync.id, self._values, key=names.row_id())
        finally:
            await client.aclose()
        self._runs += self._town.polytomic.syncs[0].runs


def _message(run: Run) -> Message:
    return stored.message(
        id=names.row_id(),
        cause=f"living:{run.enrollment_id}",
        subject_id=run.enrollment_id,
        sent_revision=1,
        due_at=None,
        ts="1.1",
        sent_at=run.started_at,
    )


def _id(number: int) -> str:
    return f"E-{number:06d}"
