"""Faults on request: the next call of an operation goes wrong in a chosen way, as often or as long as asked.

world.faults.next("start", "act_then_cut")
world.faults.next("query_page", "busy", times=2, retry_after=3)
world.faults.lasting("*", "busy", timedelta(seconds=20))
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.sandbox.polytomic.runs import End

Kind = Literal[
    "refuse",
    "act_then_500",
    "cut_before",
    "act_then_cut",
    "busy",
    "locked",
    "odd",
    "slow",
    "act_then_slow",
    "null",
]
KINDS: Mapping[Kind, str] = {
    "refuse": "`status` (500) before anything happens; 5xx is recorded for the key",
    "act_then_500": "it happens, and 500 is answered and recorded",
    "cut_before": "the line is cut before anything happens",
    "act_then_cut": "it happens and is recorded, then the line is cut",
    "busy": "429 with `retry_after`, before anything happens",
    "locked": "409: the first call with this key is still in flight",
    "odd": "it happens, and `body` is answered, which is not the agreed shape",
    "slow": "`seconds` go by, then it happens",
    "act_then_slow": "it happens, then `seconds` go by before the answer",
    "null": 'it happens, and `{"data": null}` is answered',
}
ANY = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong, so many times, or as long as the clock has not reached `until`."""

    operation: str
    kind: Kind
    times: int = 1
    status: int = 500
    message: str = "Internal Server Error"
    retry_after: float = 1
    seconds: float = 1
    body: str = "<html><body>upstream connect error</body></html>"
    until: datetime | None = None


class Faults:
    """The faults that wait for their operation, first come, first served, and the ends that wait for a run."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.waiting: list[Fault] = []
        self.happened: list[Fault] = []
        self.run_ends: list[End] = []
        self._clock = clock

    def next(
        self,
        operation: str,
        kind: Kind,
        times: int = 1,
        *,
        status: int = 500,
        message: str = "Internal Server Error",
        retry_after: float = 1,
        seconds: float = 1,
        body: str | None = None,
    ) -> None:
        """The next `times` calls of this operation (ANY: of all) go wrong like this."""
        fault = Fault(operation, kind, times, status=status, message=message, retry_after=retry_after, seconds=seconds)
        self.waiting.append(fault if body is None else replace(fault, body=body))

    def lasting(self, operation: str, kind: Kind, time: timedelta, *, status: int = 500, seconds: float = 1) -> None:
        """Every call of this operation goes wrong like this for so long; `busy` says how much of it is left."""
        self.waiting.append(Fault(operation, kind, status=status, seconds=seconds, until=self._clock() + time))

    def next_run(self, end: End) -> None:
        """One of the next runs to start ends like this, in the order of asking."""
        self.run_ends.append(end)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.waiting.clear()
        self.run_ends.clear()

    @property
    def left(self) -> tuple[Fault, ...]:
        """Those that can still happen."""
        now = self._clock()
        self.waiting = [fault for fault in self.waiting if fault.until is None or now < fault.until]
        return tuple(self.waiting)

    def take(self, operation: str) -> Fault | None:
        """The fault for this call, if one waits; it counts as happened."""
        for place, fault in enumerate(self.left):
            if fault.operation not in (operation, ANY):
                continue
            met = self._met(place, fault)
            self.happened.append(met)
            return met
        return None

    def _met(self, place: int, fault: Fault) -> Fault:
        if fault.until is not None:
            return replace(fault, retry_after=math.ceil((fault.until - self._clock()).total_seconds()))
        if fault.times > 1:
            self.waiting[place] = replace(fault, times=fault.times - 1)
        else:
            del self.waiting[place]
        return fault

    def take_run_end(self) -> End | None:
        """The end that a run starting now was given, if one waits."""
        return self.run_ends.pop(0) if self.run_ends else None
