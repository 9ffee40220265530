"""How far a list was read that grows at Polytomic while we look. Times are aware and UTC."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cursor:
    """One list of one team, for all processes. What happened up to `at` is read and need not be read again.

    `looked_at` is when it was last read, and nobody asks before `not_before`.
    """

    name: str
    team_id: str
    at: datetime | None = None
    looked_at: datetime | None = None
    not_before: datetime | None = None
