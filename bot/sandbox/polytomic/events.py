"""The organization's events, kept for two days; nothing tells where one page ends and the next begins but the time."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.polytomic.answers import Json, Refusal, moment, stamp
from bot.sandbox.polytomic.connections import ORGANIZATION, Ids
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.runs import Run
from bot.sandbox.polytomic.switches import Switches

_TYPES = ("sync.running", "sync.completed", "sync.completed_with_errors", "sync.failed", "sync.canceled")


@dataclass(frozen=True, slots=True)
class _Kept:
    """An event of this time, listed from `shown_at` on."""

    at: datetime
    shown_at: datetime
    event: Json


class Events:
    """What happened, as `GET /api/events` tells it. Reading brings all runs up to the present first."""

    def __init__(self, clock: Callable[[], datetime], switches: Switches, ids: Ids, settle: Callable[[], None]) -> None:
        self._clock = clock
        self._switches = switches
        self._ids = ids
        self._settle = settle
        self._happened = 0
        self._kept: list[_Kept] = []

    def operations(self) -> list[Operation]:
        """Every endpoint of this module."""
        return [
            Operation("GET", "/api/events", "events", self._list),
            Operation("GET", "/api/events_types", "event_types", self._types),
        ]

    def of_run(self, kind: str, run: Run, sync_name: str, target_connection_id: str, at: datetime) -> None:
        """The event stands, with the payload of its type."""
        common: Json = {
            "sync_id": run.sync_id,
            "sync_name": sync_name,
            "execution_id": run.id,
            "organization_id": ORGANIZATION["id"],
            "target_connection_id": target_connection_id,
        }
        self._keep(kind, common | _payload(kind, run), at)
        if kind == "sync.completed_with_errors" and self._switches.completed_event_too:
            self._keep("sync.completed", common | _payload("sync.completed", run), at)

    def _keep(self, kind: str, payload: Json, at: datetime) -> None:
        self._happened += 1
        every = self._switches.events_lost_every
        if every and self._happened % every == 0:
            return
        shown_at = min(at, self._clock()) + timedelta(seconds=self._switches.events_late_seconds)
        at = at.replace(microsecond=0) if self._switches.events_whole_seconds else at
        event = {
            "id": self._ids.new("event"),
            "type": kind,
            "created_at": stamp(at),
            "organization_id": ORGANIZATION["id"],
            "event": payload,
        }
        self._kept.append(_Kept(at, shown_at, event))
        if self._switches.events_doubled != "no":
            two_ids = self._switches.events_doubled == "two_ids"
            again = event | {"id": self._ids.new("event")} if two_ids else event
            self._kept.append(_Kept(at, shown_at, again))

    async def _list(self, call: Call) -> Json:
        self._settle()
        limit = call.query.get("limit", "10")
        if not limit.isdigit() or not 0 < int(limit) <= 100:
            raise Refusal(422, "invalid_parameter", "limit must be 1 to 100")
        kind = call.query.get("type")
        if kind is not None and kind not in _TYPES:
            raise Refusal(422, "invalid_parameter", "Unknown event type")
        after = self._clock() - timedelta(hours=self._switches.events_hours)
        if "starting_after" in call.query:
            after = max(after, moment(call.query["starting_after"], "starting_after"))
        before = moment(call.query["ending_before"], "ending_before") if "ending_before" in call.query else None
        found = [
            kept
            for kept in self._kept
            if kept.at > after
            and (before is None or kept.at < before)
            and kind in (None, kept.event["type"])
            and kept.shown_at <= self._clock()
        ]
        return {"data": [kept.event for kept in self._in_order(found)[: int(limit)]]}

    def _in_order(self, found: list[_Kept]) -> list[_Kept]:
        if self._switches.events_order == "shuffled":
            return sorted(found, key=lambda kept: hashlib.sha256(kept.event["id"].encode()).digest())
        return sorted(found, key=lambda kept: kept.at, reverse=self._switches.events_order == "newest")

    async def _types(self, _: Call) -> Json:
        return {"data": list(_TYPES)}


def _payload(kind: str, run: Run) -> Json:
    warnings = len(run.logs["warnings"])
    if kind == "sync.failed":
        return {"error": run.plan.error}
    if kind == "sync.canceled":
        return {"status": "canceled"}
    if kind == "sync.completed_with_errors":
        return {
            "error": f"{run.errors} records failed",
            "number_of_errors": run.errors,
            "number_of_warnings": warnings,
        }
    if kind == "sync.completed":
        counts = run.counts() or {}
        return {
            "status": "completed",
            "trigger": "manual",
            "record_count": counts.get("total", 0),
            "inserted_count": counts.get("insert", 0),
            "updated_count": 0,
            "upserted_count": counts.get("upserts", 0),
            "error_count": run.errors,
            "warning_count": warnings,
            "schedule": {"frequency": "manual"},
        }
    return {}
