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
