"""The kill switch: while a stop of a team is not lifted, nothing new is started for it. Times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """Who stopped everything, why and when; and who lifted it."""

    id: str
    team_id: str
    by: str
    reason: str = field(repr=False)
    at: datetime
    lifted_by: str = ""
    lifted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a stop did: how many are held, and of each run that is to end how many were enrolled, of how many.

    `again` when it stood before.
    """

    stop: Stop
    held: int = 0
    told_to_end: tuple[tuple[int, int], ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Resumed:
    """The lifted stop, and the ids of those that go on, in order."""

    stop: Stop
    enrollment_ids: tuple[str, ...] = ()
