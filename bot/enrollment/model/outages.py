"""What enrollments wait for that only a person can mend: the bot's key at Polytomic, or somebody's consent at Gong."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OutageKind(StrEnum):
    """What is out: Polytomic refuses the bot's key, or a Gong connection needs consent again."""

    KEY = "key"
    GONG = "gong"


@dataclass(frozen=True, slots=True)
class Outage:
    """One stretch of time in which something is out; told once until it heals.

    `connection_id` and `connection_name` are Gong's, and empty for the key. `resumed` counts the enrollments that went
    on when it had healed.
    """

    id: str
    team_id: str
    kind: OutageKind
    connection_id: str
    connection_name: str
    reference: str
    since: datetime
    healed_at: datetime | None = None
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for an outage to heal: `count` open enrollments, some of them by id.

    People of `begun` of them may be enrolled already; `ended` ones have a sync that is still to be switched off.
    """

    count: int = 0
    begun: int = 0
    ended: int = 0
    ids: tuple[str, ...] = ()
