"""The check: one read of the query through Polytomic's query runner, sorted into who would be enrolled and who not.

A check is a row. One call of `advance` goes as far as it can and returns; waiting for Snowflake is the row's
`due_at`, not a task. Everything shown and everything frozen comes from that one read.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.enrollment import fingerprints, names
from bot.enrollment.keeping import Keeping
from bot.enrollment.limits import Limits
from bot.enrollment.model.checks import Check, CheckStage, CheckState, Refusal
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.flows import FlowField
from bot.enrollment.preflight import Findings, Reading
from bot.enrollment.query import signed
from bot.errors import (
    AppError,
    FlowNotFound,
    PolytomicAway,
    PolytomicBusy,
    PolytomicError,
    PolytomicRefused,
    QueryProblem,
    QueryRefused,
)
from bot.polytomic import retry
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import QueryPage, TargetFields
from bot.store import checks, contacts
from bot.store.session import Database

Changed = Callable[[Check], Awaitable[None]]
"""Shows the check where the person looks."""

_ENDED_WELL = frozenset({"done"})
_GOING = frozenset({"created", "running"})


class Checking:
    """The stages of a check, in the order of the checking view."""

    def __init__(
        self,
        db: Database,
        polytomic: PolytomicClient,
        *,
        clock: Clock,
        limits: Limits,
        changed: Changed,
        keeping: Keeping,
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._limits = limits
        self._changed = changed
        self._keeping = keeping
        self._log = structlog.get_logger()

    async def advance(self, check_id: str) -> None:
        """The check is one look further, or ended; whatever changed is shown."""
        async with self._db.begin() as s:
            check = await checks.get(s, check_id)
        if check is None or check.due_at is None or check.due_at > self._clock():
            return
        if check.state is not CheckState.RUNNING:
            await self._show_end(check)
            return
        try:
            await self._go_on(check)
        except (QueryRefused, FlowNotFound) as error:
            await self._refuse(check, error)
        except PolytomicError as error:
            # As it stands by now: the query may have been asked for before this went wrong.
            await self._retry_or_refuse(await self._running(check_id) or check, error)

    async def _go_on(self, check: Check) -> None:
        if not check.query_id:
            check = await self._ask(check)
        if self._clock() - check.created_at > timedelta(seconds=self._limits.query_timeout):
            raise QueryRefused(QueryProblem.TIMED_OUT, limit=int(self._limits.query_timeout))
        page = await self._polytomic.query_page(check.query_id)
        if page.status in _GOING:
            await self._park(check)
            return
        if page.status not in _ENDED_WELL:
            raise QueryRefused(QueryProblem.SNOWFLAKE_SAID_NO, fragment=page.error or "")
        await self._read(check, page)

    async def _ask(self, check: Check) -> Check:
        key = names.key(check.id, "query", check.attempt)
        sql = signed(check.sql, check.user_id, check.draft_id)
        try:
            asked = await self._polytomic.run_query(check.snowflake_id, sql, key=key)
        except PolytomicRefused as error:
            raise QueryRefused(QueryProblem.SNOWFLAKE_SAID_NO, fragment=error.message) from error
        return await self._save(replace(check, query_id=asked.id, stage=CheckStage.ROWS, attempt=0))

    async def _read(self, check: Check, page: QueryPage) -> None:
        findings, rows = await self._sort(check, page)
        check = await self._save(replace(check, stage=CheckStage.FLOW, rows=rows))
        fields = await self._required_fields(check)
        digest = fingerprints.of_list((one.source_value, one.canonical_id) for one in findings.contacts)
        ended = replace(
            check,
            state=CheckState.DONE,
            preflight=replace(findings.preflight, digest=digest),
            fields=fields,
            ended_at=self._clock(),
            due_at=self._clock(),
        )
        async with self._db.begin() as s:
            if not await checks.save(s, ended):
                return  # The person went back meanwhile: late answers are dropped.
            await contacts.save(s, ended.id, findings.contacts, findings.left_out)
        self._log.info("check.ended", check=ended.id, draft=ended.draft_id, rows=rows)
        await self._show_end(ended)

    async def _show_end(self, ended: Check) -> None:
        # Due until it was shown: whoever is killed in between leaves that to the next one.
        await self._changed(ended)
        async with self._db.begin() as s:
            await checks.shown(s, ended.id)

    async def _sort(self, check: Check, page: QueryPage) -> tuple[Findings, int]:
        reading = Reading(_columns(page), id_column=check.id_column, sample_columns=self._limits.sample_columns)
        rows = 0
        while True:
            rows += len(page.results)
            if max(rows, page.count or 0) > self._limits.row_cap:
                raise QueryRefused(
                    QueryProblem.TOO_MANY_ROWS, size=max(rows, page.count or 0), limit=self._limits.row_cap
                )
            reading.add(page.results)
            if page.next_page is None:
                return reading.finish(), rows
            page = await self._polytomic.query_page(check.query_id, page.next_page)

    async def _required_fields(self, check: Check) -> tuple[FlowField, ...]:
        try:
            target = await self._polytomic.target_fields(check.gong_id, check.flow.id, refresh=True)
        except PolytomicRefused as error:
            raise FlowNotFound(check.flow.name) from error
        return required_fields(target)

    # -- rows

    async def _running(self, check_id: str) -> Check | None:
        async with self._db.begin() as s:
            check = await checks.get(s, check_id)
        return check if check is not None and check.state is CheckState.RUNNING else None

    async def _save(self, check: Check) -> Check:
        async with self._db.begin() as s:
            kept = await checks.save(s, check)
        if kept:
            await self._changed(check)
        return check

    async def _park(self, check: Check) -> None:
        waited = (self._clock() - check.created_at).total_seconds()
        pause = timedelta(seconds=min(max(waited / 4, 0.2), 3.0))
        await self._save(replace(check, attempt=0, due_at=self._clock() + pause))

    async def _retry_or_refuse(self, check: Check, error: PolytomicError) -> None:
        pause = retry.delay(check.attempt + 1 if check.query_id else 1, error)
        if retry.decide(error) is retry.Again.GIVE_UP or self._too_long(check, pause, error):
            await self._refuse(check, error)
            return
        # Before the query was asked for, `attempt` is part of its key; afterwards it counts failed looks.
        counts = bool(check.query_id) or retry.decide(error) is retry.Again.LOOK_FIRST
        due = self._clock() + timedelta(seconds=pause)
        await self._save(replace(check, attempt=check.attempt + int(counts), due_at=due))

    def _too_long(self, check: Check, pause: float, error: PolytomicError) -> bool:
        """True when a person who looks at the check should not be kept waiting for Polytomic any longer."""
        waited = (self._clock() - check.created_at).total_seconds()
        if isinstance(error, PolytomicBusy):
            # Asked to wait for longer than the query may take, a person had better know until when.
            return waited + pause > (self._limits.query_timeout if check.query_id else self._limits.check_patience)
        return (pause if check.query_id else waited) > self._limits.check_patience

    async def _refuse(self, check: Check, error: AppError) -> None:
        now = self._clock()
        refusal = refusal_of(error, names.reference(), now)
        if isinstance(error, PolytomicAway) and not check.query_id:
            refusal = replace(refusal, limit=int(self._limits.check_patience))
        facts = {"call": error.call} if isinstance(error, PolytomicError) else {}
        self._log.warning("check.refused", check=check.id, reference=refusal.reference, kind=refusal.kind, **facts)
        refused = replace(check, state=CheckState.REFUSED, refusal=refusal, ended_at=now, due_at=now)
        if await self._keeping.keep_refused(refused):
            await self._show_end(refused)


def required_fields(target: TargetFields) -> tuple[FlowField, ...]:
    """The fields that a sync must fill beside the identity (`required` means: must be mapped, section 5)."""
    return tuple(
        FlowField(id=field.id, name=field.name or field.id, is_email="email" in f"{field.id} {field.name}".casefold())
        for field in target.fields
        if field.required and not field.supports_identity
    )


def refusal_of(error: AppError, reference: str, now: datetime) -> Refusal:
    """The facts of an error, as a check keeps them for the view that shows them."""
    kind = type(error).__name__
    match error:
        case QueryRefused():
            return Refusal(
                kind=kind,
                problem=error.problem,
                line=error.line,
                column=error.column,
                fragment=error.fragment,
                size=error.size,
                limit=error.limit,
                reference=reference,
            )
        case FlowNotFound():
            return Refusal(kind=kind, flow_name=error.flow_name, reference=reference)
        case PolytomicBusy():
            return Refusal(kind=kind, until=now + timedelta(seconds=error.retry_after), reference=reference)
        case PolytomicRefused():
            return Refusal(kind=kind, fragment=error.message, reference=reference)
        case _:
            return Refusal(kind=kind, reference=reference)


def _columns(page: QueryPage) -> tuple[str, ...]:
    if page.fields:
        return tuple(page.fields)
    return tuple(page.results[0]) if page.results else ()
