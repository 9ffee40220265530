"""Polytomic's connections as the form needs them, and a person's consent to make or mend one."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Service(StrEnum):
    """The two services that Polytomic connects for us; the values are Polytomic's connection types."""

    SNOWFLAKE = "snowflake"
    GONG = "gong"


@dataclass(frozen=True, slots=True)
class Connection:
    """A Polytomic connection as the form needs it."""

    id: str
    name: str
    service: Service
    healthy: bool
    status: str = ""


class ConsentState(StrEnum):
    """How far a person's connecting of a service has come (ux.md V2, V3)."""

    ASKED = "asked"
    WAITING = "waiting"
    CONNECTED = "connected"
    DENIED = "denied"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Consent:
    """One pending connection per team and service, reused until it ends.

    `url` is a bearer capability (whoever opens it binds their own account): shown to `user_id` alone, kept out of
    repr, and forgotten when the consent ends. `connection_id` is empty until Polytomic named it. `draft_id` is the
    draft to go on with, if any; `view_id` the open view to refresh, if any.
    """

    id: str
    team_id: str
    user_id: str
    service: Service
    state: ConsentState
    connection_id: str
    connection_name: str
    draft_id: str | None
    view_id: str | None
    expires_at: datetime
    created_at: datetime
    due_at: datetime | None
    attempt: int = 0
    status_error: str = ""
    reconnect: bool = False
    url: str = field(default="", repr=False)
