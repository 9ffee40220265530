"""Polytomic and the ledger behind the curtain: what is kept there, and who really is in which flow. No credentials."""

from collections import Counter, deque

from bot.sandbox.behind.sections import Section, counted, stamp
from bot.sandbox.page.scene import Table
from bot.sandbox.polytomic.ledger import Entry
from bot.sandbox.polytomic.runs import Run
from bot.sandbox.polytomic.syncs import Sync
from bot.sandbox.polytomic.world import PolytomicWorld

_MOST_ROWS = 50
_MOST_RUNS = 5


class PolytomicPart:
    """The section of connections, models, syncs and their runs."""

    def __init__(self, world: PolytomicWorld) -> None:
        self._world = world

    def section(self) -> Section:
        """What it shows now."""
        return Section("polytomic", "Polytomic", tables=(self._connections(), self._models(), self._syncs()))

    def _connections(self) -> Table:
        rows = tuple(
            (one.name, one.type, f"{one.status}: {one.status_error}" if one.status_error else one.status)
            for one in self._world.connections
        )
        return Table("Connections", ("Name", "Type", "State"), rows, "Nothing is connected.")

    def _models(self) -> Table:
        kept = self._world.models
        rows = tuple((one.name, one.id[:8], stamp(one.created_at)) for one in reversed(kept[-_MOST_ROWS:]))
        return Table(_title("Models", len(kept)), ("Name", "Id", "Created"), rows, "There is no model.")

    def _syncs(self) -> Table:
        kept = self._world.syncs
        rows = tuple(_sync(one) for one in reversed(kept[-_MOST_ROWS:]))
        return Table(_title("Syncs", len(kept)), ("Name", "Active", "Mode", "Runs"), rows, "There is no sync.")


class LedgerPart:
    """The section of the ledger; each entry is counted once."""

    def __init__(self, world: PolytomicWorld) -> None:
        self._world = world
        self._seen = 0
        self._contacts: Counter[str] = Counter()
        self._newest: deque[Entry] = deque(maxlen=_MOST_ROWS)

    def section(self) -> Section:
        """What it shows now."""
        added = self._world.ledger.since(self._seen)
        self._seen += len(added)
        self._contacts.update(one.flow_id for one in added)
        self._newest.extend(added)
        names = {flow.id: flow.name for flow in self._world.gong.objects}
        flows = tuple((names.get(one, "(gone)"), one, f"{count:,}") for one, count in self._contacts.most_common())
        newest = tuple((one.contact, names.get(one.flow_id, "(gone)"), stamp(one.at)) for one in reversed(self._newest))
        words = "Who really is in which flow, as Gong has it, whatever the bot says."
        tables = (
            Table("Flows", ("Flow", "Id", "Contacts"), flows, "Nobody was put into a flow."),
            Table(_title("Contacts", self._seen), ("Contact", "Flow", "At"), newest, "Nobody was put into a flow."),
        )
        return Section("ledger", "The ledger", words, tables=tables)


def _title(noun: str, number: int) -> str:
    return f"{noun}, the newest {_MOST_ROWS} of {number:,}" if number > _MOST_ROWS else noun


def _sync(one: Sync) -> tuple[str, str, str, str]:
    runs = [_run(run) for run in reversed(one.runs[-_MOST_RUNS:])]
    before = len(one.runs) - len(runs)
    told = [*runs, f"{before} more before"] if before > 0 else runs
    return one.body.name, "yes" if one.active else "no", one.body.mode, "; ".join(told) or "none"


def _run(run: Run) -> str:
    return f"{run.status}, {run.moved:,} of {counted(len(run.plan.records), 'record')} sent, {run.errors:,} refused"
