"""What an enrollment came to, written once at its end and chained by hash. Times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """One entry of a team's chain, counted from 1.

    `body` is canonical JSON, `hash` the SHA-256 of `previous` and `body`, `previous` the hash of the entry before it
    (64 zeros for the first).
    """

    team_id: str
    number: int
    enrollment_id: str
    body: str = field(repr=False)
    previous: str
    hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a team's chain ends: the number and the hash of its newest entry; 0 and zeros before the first."""

    team_id: str
    number: int
    hash: str
