"""The check: one read of the query through Polytomic's query runner, sorted into who would be enrolled and who not.

Where the operators have a query of those who must not be mailed, it is read as well: no check does without it.

A check is a row. One call of `advance` goes as far as it can and returns; waiting for Snowflake is the row's
`due_at`, not a task. Everything shown and everything frozen comes from that one read.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.enrollment import fingerprints, names, query
from bot.enrollment.keeping import Keeping
from bot.enrollment.limits import Limits
from bot.enrollment.model.checks import Check, CheckStage, CheckState, Preflight, Refusal
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.flows import FlowField
from bot.enrollment.model.policies import Policy, Refused, Rule
from bot.enrollment.sorting import Sorting
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
        policy: Policy,
    ) -> None:
        self._db = db
        self._polytomic = polytomic
        self._clock = clock
        self._limits = limits
        self._changed = changed
        self._keeping = keeping
        self._policy = policy
        # What the policy has was read by the same guard when it was loaded; what is run has no comment behind it.
        asked = policy.opt_out.suppression_query
        self._suppression = query.guard(asked, max_bytes=limits.query_bytes).text if asked else ""
        self._sorting = Sorting(db, polytomic, clock=clock, limits=limits, policy=policy)
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
        if self._asks_for_more(check):
            check = await self._ask_for_suppressed(check)
        if self._clock() - check.created_at > timedelta(seconds=self._limits.query_timeout):
            raise self._too_late(check)
        page = await self._answer(check.query_id, QueryProblem.SNOWFLAKE_SAID_NO)
        if page is None:
            await self._park(check)
            return
        suppressed = None
        if self._suppression:
            suppressed = await self._answer(check.suppression_id, QueryProblem.SUPPRESSION)
            if suppressed is None:
                await self._park(replace(check, stage=CheckStage.IDS, rows=page.count))
                return
        await self._read(check, page, suppressed)

    def _asks_for_more(self, check: Check) -> bool:
        """True when the query of those who must not be mailed is still to be asked."""
        return bool(self._suppression) and not check.suppression_id

    async def _ask(self, check: Check) -> Check:
        key = names.key(check.id, "query", check.attempt)
        query_id = await self._run(check, check.sql, key, QueryProblem.SNOWFLAKE_SAID_NO)
        return await self._save(replace(check, query_id=query_id, stage=CheckStage.ROWS, attempt=0))

    async def _ask_for_suppressed(self, check: Check) -> Check:
        key = names.key(check.id, "suppression", check.attempt)
        suppression_id = await self._run(check, self._suppression, key, QueryProblem.SUPPRESSION)
        return await self._save(replace(check, suppression_id=suppression_id, attempt=0))

    async def _run(self, check: Check, sql: str, key: str, problem: QueryProblem) -> str:
        signed = query.signed(sql, check.user_id, check.draft_id)
        try:
            asked = await self._polytomic.run_query(check.snowflake_id, signed, key=key)
        except PolytomicRefused as error:
            raise QueryRefused(problem, fragment=error.message) from error
        return asked.id

    async def _answer(self, query_id: str, problem: QueryProblem) -> QueryPage | None:
        """The first page of the query's rows; None as long as Snowflake is at it."""
        page = await self._polytomic.query_page(query_id)
        if page.status in _GOING:
            return None
        if page.status not in _ENDED_WELL:
            raise QueryRefused(problem, fragment=page.error or "")
        return page

    def _too_late(self, check: Check) -> QueryRefused:
        """Which of the two queries took too long: rows are known once the person's own has answered."""
        late = QueryProblem.SUPPRESSION if check.stage is CheckStage.IDS else QueryProblem.TIMED_OUT
        return QueryRefused(late, limit=int(self._limits.query_timeout))

    async def _read(self, check: Check, page: QueryPage, suppressed: QueryPage | None) -> None:
        findings = await self._sorting.sort(check, page, suppressed)
        preflight = findings.preflight
        if preflight.request_cap and not check.ordered and preflight.funnel.will_enroll > preflight.request_cap:
            # Any of them might be the first: which ones, somebody has to say.
            await self._end_refused(check, self._over_the_cap(preflight))
            return
        check = await self._save(replace(check, stage=CheckStage.FLOW, rows=preflight.funnel.rows))
        fields = await self._required_fields(check)
        digest = fingerprints.of_list((one.source_value, one.canonical_id) for one in findings.contacts)
        ended = replace(
            check,
            state=CheckState.DONE,
            preflight=replace(preflight, digest=digest),
            fields=fields,
            ended_at=self._clock(),
            due_at=self._clock(),
        )
        async with self._db.begin() as s:
            if not await checks.save(s, ended):
                return  # The person went back meanwhile: late answers are dropped.
            await contacts.save(s, ended.id, findings.contacts, findings.left_out)
        self._log.info("check.ended", check=ended.id, draft=ended.draft_id, rows=ended.rows)
        await self._show_end(ended)

    async def _show_end(self, ended: Check) -> None:
        # Due until it was shown: whoever is killed in between leaves that to the next one.
        await self._changed(ended)
        async with self._db.begin() as s:
            await checks.shown(s, ended.id)

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
        asked = bool(check.query_id) and not self._asks_for_more(check)
        pause = retry.delay(check.attempt + 1 if asked else 1, error)
        if retry.decide(error) is retry.Again.GIVE_UP or self._too_long(check, pause, error):
            await self._refuse(check, error)
            return
        # Before a query was asked for, `attempt` is part of its key; afterwards it counts failed looks.
        counts = asked or retry.decide(error) is retry.Again.LOOK_FIRST
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
        refusal = refusal_of(error, names.reference(), self._clock())
        if isinstance(error, PolytomicAway) and not check.query_id:
            refusal = replace(refusal, limit=int(self._limits.check_patience))
        await self._end_refused(check, refusal, **({"call": error.call} if isinstance(error, PolytomicError) else {}))

    async def _end_refused(self, check: Check, refusal: Refusal, **facts: str) -> None:
        now = self._clock()
        self._log.warning("check.refused", check=check.id, reference=refusal.reference, kind=refusal.kind, **facts)
        refused = replace(check, state=CheckState.REFUSED, refusal=refusal, ended_at=now, due_at=now)
        if await self._keeping.keep_refused(refused):
            await self._show_end(refused)

    def _over_the_cap(self, preflight: Preflight) -> Refusal:
        refused = Refused(
            Rule.REQUEST_CAP,
            owner=self._policy.owner,
            line=self._policy.lines.get(Rule.REQUEST_CAP),
            asked=preflight.funnel.will_enroll,
            limit=preflight.request_cap,
        )
        return Refusal(kind="NotAllowed", refused=refused, reference=names.reference())


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
