"""What came of many enrollments under many kills: counted at the fakes, compared with what was confirmed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.polytomic.syncs import Sync
from bot.sandbox.town import Town
from tests.fault.book import Book
from tests.fault.crowd import Wish

BATCH_SIZE = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """What is printed, and what has to hold: no duplicates, nothing wrong, at most a doubled message for each kill."""

    enrollments: int
    contacts: int
    kills: int
    repeated_calls: int
    duplicates: int
    doubled_messages: int
    seconds: float
    seconds_to_end: float
    wrong: tuple[str, ...]

    def table(self, title: str) -> str:
        """The counts in words, one a line."""
        rows: dict[str, float] = {
            "enrollments confirmed": self.enrollments,
            "contacts enrolled": self.contacts,
            "kills": self.kills,
            "repeated calls": self.repeated_calls,
            "duplicates": self.duplicates,
            "doubled messages": self.doubled_messages,
            "seconds of asking": round(self.seconds),
            "seconds from the last kill to the last end": round(self.seconds_to_end, 1),
        }
        return "\n".join([title, *(f"  {name:<44}{count:>8,}" for name, count in rows.items())])


def counted(
    town: Town, book: Book, wishes: Sequence[Wish], *, kills: int, seconds: float, seconds_to_end: float
) -> Figures:
    """The figures of what stands at the fakes now."""
    world = town.polytomic
    keys = Counter((one.path, one.key) for one in world.requests if one.method == "POST" and one.key)
    return Figures(
        enrollments=sum(bool(wish.enrollment_id) for wish in wishes),
        contacts=len({entry.contact for entry in world.ledger.entries}),
        kills=kills,
        repeated_calls=sum(count - 1 for count in keys.values()),
        duplicates=duplicates(town),
        doubled_messages=book.doubled(),
        seconds=seconds,
        seconds_to_end=seconds_to_end,
        wrong=tuple(wrong(town, book, wishes)),
    )


def duplicates(town: Town) -> int:
    """How much stands at the fakes more than once: models, syncs, runs of one batch, entries of one contact."""
    world = town.polytomic
    models = Counter(model.name for model in world.models)
    syncs = Counter(sync.body.name for sync in world.syncs)
    entries = Counter((entry.flow_id, entry.contact) for entry in world.ledger.entries)
    more = sum(count - 1 for found in (models, syncs, entries) for count in found.values())
    return more + sum(_repeated_runs(sync) for sync in world.syncs)


def _repeated_runs(sync: Sync) -> int:
    """Runs that sent nobody new: a second run of a batch finds that all of its records were sent before."""
    met: set[str] = set()
    repeated = 0
    for run in sync.runs:
        sent = {record.identity for record in run.plan.records}
        repeated += sent <= met
        met |= sent
    return repeated


def wrong(town: Town, book: Book, wishes: Sequence[Wish]) -> list[str]:
    """What is not as it was promised, for each confirmed wish, in words."""
    syncs = {sync.body.name: sync for sync in town.polytomic.syncs}
    return [found for wish in wishes if wish.enrollment_id and (found := _wrong(wish, book, syncs))]


def _wrong(wish: Wish, book: Book, syncs: dict[str, Sync]) -> str:
    sync = syncs.get(f"Enroll Flow {wish.enrollment_id}")
    said = book.says(wish.enrollment_id)
    if wish.end not in said:
        return f"{wish.enrollment_id} says not “{wish.end}” but: {said}"
    if sync is None:
        return f"{wish.enrollment_id} has no sync"
    batches = -(-len(wish.contacts) // BATCH_SIZE)
    sent = sorted(record.identity for run in sync.runs for record in run.plan.records)
    if len(sync.runs) != batches or sent != sorted(wish.contacts):
        return f"{wish.enrollment_id} was {len(wish.contacts)} contacts, sent as {len(sent)} in {len(sync.runs)} runs"
    return ""
