"""The query runner: any SELECT over a connection, and its rows by pages, for the caller who asked and nobody else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.sandbox.polytomic.answers import Json, Refusal, not_found, stamp
from bot.sandbox.polytomic.connections import Connections, Ids
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.hosts import Hosts
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.warehouse import Refused, Warehouse


@dataclass(slots=True)
class _Query:
    id: str
    caller_id: str
    asked_at: datetime
    done_at: datetime
    columns: tuple[str, ...] = ()
    rows: list[Json] = field(default_factory=list, repr=False)
    error: str | None = field(default=None, repr=False)


class Queries:
    """Every query that was asked for, with its answer."""

    def __init__(
        self,
        connections: Connections,
        warehouse: Warehouse,
        *,
        clock: Callable[[], datetime],
        switches: Switches,
        ids: Ids,
        hosts: Hosts,
    ) -> None:
        self._connections = connections
        self._warehouse = warehouse
        self._clock = clock
        self._switches = switches
        self._ids = ids
        self._hosts = hosts
        self._asked: dict[str, _Query] = {}

    def operations(self) -> list[Operation]:
        """Every endpoint of this module."""
        return [
            Operation("POST", "/api/connections/{id}/query", "query", self._run),
            Operation("GET", "/api/queries/{id}", "query_page", self._page),
        ]

    async def _run(self, call: Call) -> Json:
        self._connections.of_type(call.path["id"], "snowflake")
        sql = call.query.get("query", "")
        if not sql:
            raise Refusal(400, "invalid_request", "query is required")
        now = self._clock()
        query = _Query(
            self._ids.new("query"), call.caller.id, now, now + timedelta(seconds=self._switches.query_seconds)
        )
        try:
            query.columns, rows = await asyncio.to_thread(self._warehouse.query, sql)
            query.rows = [{name: _plain(value) for name, value in row.items()} for row in rows]
        except Refused as refused:
            if self._switches.query_refused_at_once:
                raise Refusal(400, "query_failed", str(refused)) from None
            query.error = str(refused)
        self._asked[query.id] = query
        return {"data": {"id": query.id, "status": "created"}}

    async def _page(self, call: Call) -> Json:
        query = self._asked.get(call.path["id"])
        now = self._clock()
        if query is None or query.caller_id != call.caller.id:
            raise not_found("query")
        expires = query.done_at + timedelta(hours=self._switches.query_hours)
        if now >= expires:
            raise not_found("query")
        seen: Json = {"id": query.id, "expires": stamp(expires)}
        if now < query.done_at:
            return {"data": {**seen, "status": "running"}, "links": {}}
        if query.error is not None:
            return {"data": {**seen, "status": "failed", "error": query.error}, "links": {}}
        start, size = self._start(call), self._switches.query_page_size
        seen |= {"status": "done", "count": len(query.rows), "fields": list(query.columns)}
        links = {}
        if start + size < len(query.rows):
            links["next"] = self._link(query, start + size)
        if start > 0:
            links["previous"] = self._link(query, max(0, start - size))
        return {"data": {**seen, "results": query.rows[start : start + size]}, "links": links}

    def _start(self, call: Call) -> int:
        token = call.query.get("page", "p0")
        if not (token.startswith("p") and token[1:].isdigit()):
            raise Refusal(400, "invalid_page", "page is not a token of this query")
        return int(token[1:])

    def _link(self, query: _Query, start: int) -> str:
        host = self._hosts.base_url if self._switches.absolute_links else ""
        return f"{host}/api/queries/{query.id}?page=p{start}"


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value
