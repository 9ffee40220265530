"""One execution of a sync, told by the clock: nothing runs in between, every look brings it up to the present.

created, queued, running, processing, and then the end it was given at its start; or canceled on the way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.sandbox.polytomic.answers import Json, stamp

End = Literal["completed", "failed", "interrupted", "never"]
_QUEUED, _RUNNING, _PROCESSING, _HALF_WAY = 0.1, 0.2, 0.4, 0.7
_KINDS = ("records", "errors", "warnings", "inserts", "updates", "deletes")


@dataclass(frozen=True, slots=True)
class Record:
    """One record to send: its identity as the query gave it, what is sent beside it, and a print of both."""

    identity: str = field(repr=False)
    owner_email: str | None = field(repr=False)
    fingerprint: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogLine:
    """What became of one record."""

    identity: str = field(repr=False)
    message: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run will go, fixed when it starts."""

    records: tuple[Record, ...] = field(repr=False)
    blanks: int
    seconds: float
    cancel_seconds: float
    end: End
    error: str
    operation_counts: bool
    counts_at_end: bool


Send = Callable[["Run", Record, datetime], str | None]
Tell = Callable[["Run", str, datetime], None]


class Run:
    """One execution. `send` puts a record into the target and returns why not; `tell` emits an event."""

    def __init__(self, run_id: str, sync_id: str, plan: Plan, now: datetime, *, send: Send, tell: Tell) -> None:
        self.id = run_id
        self.sync_id = sync_id
        self.plan = plan
        self.created_at = now
        self.status = "created"
        self.ended_at: datetime | None = None
        self.logs: dict[str, list[LogLine]] = {kind: [] for kind in _KINDS}
        self._send = send
        self._tell = tell
        self._done = 0
        self._announced = False
        self._canceled_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen; an interrupted run may yet be taken up again, and blocks another."""
        return self.status in ("completed", "failed", "canceled")

    def cancel(self, now: datetime) -> bool:
        """No further record is sent; False when it had ended already."""
        self.settle(now)
        if self.ended:
            return False
        if self._canceled_at is None:
            self._canceled_at = now
            self.status = "canceling"
        self.settle(now)
        return True

    def settle(self, now: datetime) -> None:
        """Everything that is due by now has happened."""
        if self.ended:
            return
        if self._canceled_at is not None:
            ends_at = self._canceled_at + timedelta(seconds=self.plan.cancel_seconds)
            if now >= ends_at:
                self._end("canceled", ends_at)
            return
        if self.status == "interrupted":
            return
        gone = 1.0 if self.plan.seconds <= 0 else (now - self.created_at).total_seconds() / self.plan.seconds
        for status, begins in (("queued", _QUEUED), ("running", _RUNNING), ("processing", _PROCESSING)):
            if gone >= begins:
                self.status = status
        if gone >= _RUNNING and not self._announced:
            self._announced = True
            self._tell(self, "sync.running", self._at(_RUNNING))
        self._send_due(gone)
        self._end_if_due(gone)

    def _send_due(self, gone: float) -> None:
        total = len(self.plan.records)
        share = min(1.0, max(0.0, (gone - _PROCESSING) / (1 - _PROCESSING)))
        due = int(total * share)
        if self.plan.end != "completed":
            due = min(due, total // 2)
        while self._done < due:
            record = self.plan.records[self._done]
            self._done += 1
            at = self._at(_PROCESSING + (1 - _PROCESSING) * self._done / total)
            self._log(record, self._send(self, record, at))

    def _end_if_due(self, gone: float) -> None:
        if self.plan.end == "completed" and gone >= 1:
            self.logs["warnings"] += [LogLine("", "Record skipped: identity is empty")] * self.plan.blanks
            self._end("completed", self._at(1))
        elif self.plan.end == "failed" and gone >= _HALF_WAY:
            self._end("failed", self._at(_HALF_WAY))
        elif self.plan.end == "interrupted" and gone >= _HALF_WAY:
            self.status = "interrupted"

    def _end(self, status: str, at: datetime) -> None:
        self.status = status
        self.ended_at = at
        for event in self._events(status):
            self._tell(self, event, at)

    def _events(self, status: str) -> Iterator[str]:
        if status == "completed" and self.errors:
            yield "sync.completed_with_errors"
        else:
            yield f"sync.{status}"

    def _log(self, record: Record, refusal: str | None) -> None:
        self.logs["records"].append(LogLine(record.identity))
        kind = "inserts" if refusal is None else "errors"
        self.logs[kind].append(LogLine(record.identity, refusal or ""))

    def _at(self, share: float) -> datetime:
        return self.created_at + timedelta(seconds=self.plan.seconds * share)

    @property
    def errors(self) -> int:
        return len(self.logs["errors"])

    @property
    def moved(self) -> int:
        return len(self.logs["inserts"])

    def shown(self) -> Json:
        """What GET answers."""
        early = self.status in ("created", "queued") or (self._canceled_at is not None and not self._announced)
        return {
            "id": self.id,
            "status": self.status,
            "type": "manual",
            "version": "1",
            "created_at": stamp(self.created_at),
            "started_at": None if early else stamp(self._at(_RUNNING)),
            "completed_at": stamp(self.ended_at),
            "counts": self.counts(),
            "errors": [self.plan.error] if self.status == "failed" else [],
        }

    def counts(self) -> Json | None:
        """What was counted so far; null until the run has read its records."""
        if not self._announced or (self.plan.counts_at_end and not self.ended):
            return None
        inserted = self.moved if self.plan.operation_counts else 0
        return {
            "total": len(self.plan.records),
            "insert": inserted,
            "update": 0,
            "upserts": self.moved - inserted,
            "delete": 0,
            "error": self.errors,
            "warnings": len(self.logs["warnings"]),
        }
