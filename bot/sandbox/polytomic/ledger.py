"""Who was really added to which flow: the truth that tests and the demo compare the bot's words with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One contact put into one flow by one run."""

    flow_id: str
    contact: str
    sync_id: str
    execution_id: str
    at: datetime


class Ledger:
    """Every entry, in the order it happened. Reading it first brings all runs up to the world's present."""

    def __init__(self, settle: Callable[[], None]) -> None:
        self._settle = settle
        self._entries: list[Entry] = []

    def write(self, entry: Entry) -> None:
        """The entry stands; nothing ever removes it."""
        self._entries.append(entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Everything that happened so far."""
        self._settle()
        return tuple(self._entries)

    def since(self, seen: int) -> list[Entry]:
        """What happened after the first `seen` entries."""
        self._settle()
        return self._entries[seen:]

    def contacts_in(self, flow_id: str) -> list[str]:
        """The canonical ids that our runs put into the flow; one that was put there twice stands twice."""
        return [entry.contact for entry in self.entries if entry.flow_id == flow_id]
