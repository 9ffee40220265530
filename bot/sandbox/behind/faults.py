"""Faults of any kind behind the curtain: a form for each side, and the list of those that still wait."""

from typing import get_args

from bot.sandbox.behind import given as read
from bot.sandbox.behind.sections import Given, Offered, counted, offer, stamp
from bot.sandbox.page.scene import Field, Table
from bot.sandbox.polytomic import faults
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.things import Fault
from bot.sandbox.slack.workspace import Slack

_KINDS: tuple[faults.Kind, ...] = get_args(faults.Kind)
_AT_SLACK = {
    "error": "answered with the error",
    "rate limited": "429",
    "slow": "seconds go by, then it happens",
    "cut": "the line is cut before anything happens",
    "done, then error": "it happens, then the error is answered",
    "done, then slow": "it happens, then seconds go by before the answer",
    "done, then cut": "it happens, then the line is cut",
}
_MOST_TIMES = 1000
_MOST_SECONDS = 600


class FaultForms:
    """The forms, and what came of them so far."""

    def __init__(self, slack: Slack, polytomic: PolytomicWorld) -> None:
        self._slack = slack
        self._polytomic = polytomic

    def offered(self) -> tuple[Offered, ...]:
        """A form for Polytomic's operations, and one for Slack's methods."""
        times = Field("times", "Times", "1")
        polytomic = (
            Field("operation", "Operation", "start", (faults.ANY, *self._polytomic.operations)),
            Field("kind", "Fault", "refuse", _KINDS),
            times,
            Field("status", "Status (refuse)", "500"),
            Field("seconds", "Seconds (slow)", "5"),
            Field("retry_after", "Retry after, in seconds (busy)", "5"),
        )
        slack = (
            Field("method", "Method", "chat.postMessage", tuple(sorted(METHODS))),
            Field("what", "Fault", "error", tuple(_AT_SLACK)),
            times,
            Field("error", "Error", "internal_error"),
            Field("seconds", "Seconds (slow, rate limited)", "5"),
        )
        words = f"“{faults.ANY}” stands for any operation."
        return (
            offer("faults-polytomic", "Let it go wrong at Polytomic", self._at_polytomic, *polytomic, words=words),
            offer("faults-slack", "Let it go wrong at Slack", self._at_slack, *slack),
        )

    def waiting(self) -> Table:
        """The faults that still wait, one line each."""
        rows = [
            *((f"Polytomic: {one.operation}", faults.KINDS[one.kind], _how_long(one)) for one in self._left()),
            *(("Polytomic: a run", f"it ends {end}", "once") for end in self._polytomic.faults.run_ends),
            *((f"Slack: {one.method}", _told(one), _times(one.times)) for one in self._slack.world.faults),
        ]
        if self._slack.deliveries.twice:
            rows.append(("Slack: every delivery", "it arrives twice", "until it is turned off"))
        return Table("Waiting", ("Where", "What happens", "How often"), tuple(rows), "Nothing waits to go wrong.")

    def _left(self) -> tuple[faults.Fault, ...]:
        return self._polytomic.faults.left

    def _at_polytomic(self, given: Given) -> str:
        operation = read.word(given, "operation", (faults.ANY, *self._polytomic.operations))
        chosen = read.word(given, "kind", _KINDS)
        kind = next(one for one in _KINDS if one == chosen)
        times = read.whole(given, "times", least=1, most=_MOST_TIMES)
        self._polytomic.faults.next(
            operation,
            kind,
            times,
            status=read.whole(given, "status", least=400, most=599),
            seconds=read.number(given, "seconds", least=0, most=_MOST_SECONDS),
            retry_after=read.number(given, "retry_after", least=0, most=_MOST_SECONDS),
        )
        return f"{operation}, {_times(times)}: {faults.KINDS[kind]}."

    def _at_slack(self, given: Given) -> str:
        method, what = read.word(given, "method", tuple(METHODS)), read.word(given, "what", tuple(_AT_SLACK))
        times = read.whole(given, "times", least=1, most=_MOST_TIMES)
        fault = Fault(method, times=times, after=what.startswith("done"))
        if what.endswith("error"):
            fault.error = read.text(given, "error")
        elif what.endswith("cut"):
            fault.cut = True
        elif what.endswith("slow"):
            fault.slow = read.number(given, "seconds", least=0.1, most=_MOST_SECONDS)
        else:
            fault.retry_after = read.whole(given, "seconds", least=1, most=_MOST_SECONDS)
        self._slack.world.faults.append(fault)
        return f"{method}, {_times(times)}: {_told(fault)}."


def _times(times: int) -> str:
    return "once" if times == 1 else counted(times, "time")


def _how_long(fault: faults.Fault) -> str:
    return f"until {stamp(fault.until)}" if fault.until else _times(fault.times)


def _told(fault: Fault) -> str:
    first = "it happens, then " if fault.after else ""
    if fault.slow:
        return f"{first}{fault.slow:g} seconds go by" + ("" if fault.after else ", then it happens")
    if fault.cut:
        return f"{first}the line is cut"
    return f"{first}{f'429, again in {fault.retry_after} s' if fault.retry_after else fault.error} is answered"
