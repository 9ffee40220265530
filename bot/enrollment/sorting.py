"""The rows of a check that Snowflake has answered, read page by page and sorted, with what is known beside them.

Holds the people and never the rows: of the suppression query only those are kept who are among the people.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from bot.enrollment.contacts import ContactId, read
from bot.enrollment.limits import Limits
from bot.enrollment.model.checks import Check
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.policies import Policy
from bot.enrollment.preflight import Findings, Reading
from bot.enrollment.preflight_columns import Columns, cell, column_named, id_column, opt_out_columns
from bot.enrollment.preflight_sieve import Caps, Known
from bot.enrollment.remembering import Remembering
from bot.errors import QueryProblem, QueryRefused
from bot.polytomic.client import PolytomicClient
from bot.polytomic.wire import QueryPage
from bot.store.session import Database


class Sorting:
    """From the first page of each query to the findings."""

    def __init__(
        self, db: Database, polytomic: PolytomicClient, *, clock: Clock, limits: Limits, policy: Policy
    ) -> None:
        self._polytomic = polytomic
        self._limits = limits
        self._policy = policy
        self._memory = Remembering(db, clock=clock, cool_off_days=policy.cool_off_days)

    async def sort(self, check: Check, page: QueryPage, suppressed: QueryPage | None) -> Findings:
        """Everything that the check tells; `suppressed` is the first page of whom not to mail, null for no such query.

        Raises QueryRefused when there are too many rows, or when that query names people by something else than ids.
        """
        reading = Reading(self._columns(check, page), sample_columns=self._limits.sample_columns)
        rows = 0
        async for one in self._pages(check.query_id, page):
            rows += len(one.results)
            self._demand_few(max(rows, one.count or 0))
            reading.add(one.results)
        people = reading.standing()
        out = None if suppressed is None else await self._suppressed(check, suppressed, frozenset(people))
        lately = await self._memory.lately(check, [one for one in people if one not in (out or ())])
        company = self._policy.company
        caps = Caps(company.cap if company else 0, self._policy.request_cap or 0, ordered=check.ordered)
        findings = reading.finish(Known(out, lately), caps)
        collisions = await self._memory.elsewhere(check, [one.canonical_id for one in findings.contacts])
        return replace(findings, preflight=replace(findings.preflight, collisions=collisions))

    def _columns(self, check: Check, page: QueryPage) -> Columns:
        names = _names(page)
        company = self._policy.company
        return Columns(
            names,
            id_column(names, page.results, check.id_column),
            opt_out_columns(names, self._policy.opt_out.columns, check.opt_out),
            column_named(names, company.column) if company else "",
        )

    def _demand_few(self, rows: int) -> None:
        if rows > self._limits.row_cap:
            raise QueryRefused(QueryProblem.TOO_MANY_ROWS, size=rows, limit=self._limits.row_cap)

    async def _suppressed(self, check: Check, page: QueryPage, people: frozenset[str]) -> frozenset[str]:
        """Who of these people is named by the suppression query."""
        names = _names(page)
        column = id_column(names, page.results) or next(iter(names), "")
        values = ids = 0
        out: set[str] = set()
        async for one in self._pages(check.suppression_id, page):
            known = [found for row in one.results if (found := read(cell(row, column))) is not None]
            named = [found.canonical_id for found in known if isinstance(found, ContactId)]
            values, ids = values + len(known), ids + len(named)
            out |= people.intersection(named)
        if ids * 2 < values:
            # E-mail addresses, say: comparing them to ids would leave out nobody, as if nobody were on the list.
            raise QueryRefused(QueryProblem.SUPPRESSION, size=values - ids)
        return frozenset(out)

    async def _pages(self, query_id: str, page: QueryPage) -> AsyncIterator[QueryPage]:
        yield page
        while page.next_page is not None:
            page = await self._polytomic.query_page(query_id, page.next_page)
            yield page


def _names(page: QueryPage) -> tuple[str, ...]:
    if page.fields:
        return page.fields
    return tuple(page.results[0]) if page.results else ()
