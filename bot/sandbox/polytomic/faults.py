"""Faults on request: the next call of an operation goes wrong in a chosen way, as often as asked.

world.faults.next("start", "act_then_cut")
world.faults.next("query_page", "busy", times=2, retry_after=3)
"""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal[
    "refuse",  # `status` (500) before anything happens; 5xx is recorded for the key
    "act_then_500",  # it happens, and 500 is answered and recorded
    "cut_before",  # the line is cut before anything happens
    "act_then_cut",  # it happens and is recorded, then the line is cut
    "busy",  # 429 with `retry_after`, before anything happens
    "locked",  # 409: the first call with this key is still in flight
    "odd",  # it happens, and `body` is answered, which is not the agreed shape
    "slow",  # `seconds` go by, then it happens
    "act_then_slow",  # it happens, then `seconds` go by before the answer
    "null",  # it happens, and `{"data": null}` is answered
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong. `operation` "*" stands for any."""

    operation: str
    kind: Kind
    times: int = 1
    status: int = 500
    message: str = "Internal Server Error"
    retry_after: float = 1
    seconds: float = 1
    body: str = "<html><body>upstream connect error</body></html>"


class Faults:
    """The faults that wait for their operation, first come, first served."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self.happened: list[Fault] = []

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
        """The next `times` calls of this operation go wrong like this."""
        fault = Fault(operation, kind, times, status=status, message=message, retry_after=retry_after, seconds=seconds)
        self.waiting.append(fault if body is None else replace(fault, body=body))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.waiting.clear()

    def take(self, operation: str) -> Fault | None:
        """The fault for this call, if one waits; it counts as happened."""
        for place, fault in enumerate(self.waiting):
            if fault.operation not in (operation, "*"):
                continue
            if fault.times > 1:
                self.waiting[place] = replace(fault, times=fault.times - 1)
            else:
                del self.waiting[place]
            self.happened.append(fault)
            return fault
        return None
