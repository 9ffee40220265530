"""Connections of the sandbox's Polytomic: what is stored, what is shown of it, and when it is healthy."""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.polytomic.answers import Json, Refusal, not_found, stamp
from bot.sandbox.polytomic.switches import Switches

HEALTHY = "healthy"
_SANDBOX_ORGANIZATION = "00000000-0000-4000-8000-000000000001"
ORGANIZATION = {"id": _SANDBOX_ORGANIZATION, "name": "Sandbox"}
_SECRETS = frozenset({
    "password", "private_key", "private_key_passphrase", "access_key", "access_secret", "client_secret",
    "oauth_refresh_token",
})  # fmt: skip
_OPERATIONS = {"snowflake": ["source", "query"], "gong": ["destination"]}
_NAMES = {"snowflake": "Snowflake", "gong": "Gong"}


class Ids:
    """UUIDs that are the same in every run of the same story."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def new(self, kind: str) -> str:
        """An id that was never given before."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"sandbox:{kind}:{next(self._numbers)}"))


@dataclass(slots=True)
class Connection:
    """One connection as Polytomic keeps it. `configuration` holds secrets and is never shown as it is."""

    id: str
    name: str
    type: str
    created_at: datetime
    updated_at: datetime
    status: str
    saved: bool
    configuration: Json = field(repr=False)
    status_error: str | None = None
    redirect_url: str | None = None

    @property
    def healthy(self) -> bool:
        return self.status == HEALTHY

    def shown(self) -> Json:
        """What GET answers; auth_url is never part of it."""
        masked = {name: "********" if name in _SECRETS else value for name, value in self.configuration.items()}
        actor = {"id": _SANDBOX_ORGANIZATION, "name": "Sandbox", "type": "user"}
        return {
            "id": self.id,
            "name": self.name,
            "type": described(self.type),
            "configuration": masked,
            "organization_id": ORGANIZATION["id"],
            "policies": [],
            "status": self.status,
            "status_error": self.status_error,
            "saved": self.saved,
            "parent_connection_id": None,
            "api_calls_last_24_hours": 0,
            "rate_limit": {"currently_limited": False, "limited_since": None, "expires_at": None},
            "created_at": stamp(self.created_at),
            "created_by": actor,
            "updated_at": stamp(self.updated_at),
            "updated_by": actor,
        }


class Connections:
    """All connections, and the rules of making and changing one."""

    def __init__(self, clock: Callable[[], datetime], switches: Switches, ids: Ids) -> None:
        self._clock = clock
        self._switches = switches
        self._ids = ids
        self._kept: dict[str, Connection] = {}

    @property
    def all(self) -> tuple[Connection, ...]:
        """Every connection, oldest first."""
        return tuple(self._kept.values())

    def get(self, connection_id: str) -> Connection:
        """The connection of this id; 404 when there is none."""
        try:
            return self._kept[connection_id]
        except KeyError:
            raise not_found("connection") from None

    def of_type(self, connection_id: str, kind: str) -> Connection:
        """The healthy connection of this id and type; 400 when it is another or not ready."""
        connection = self.get(connection_id)
        if connection.type != kind:
            raise Refusal(400, "unsupported_operation", f"A {connection.type} connection cannot do this")
        if not connection.healthy:
            raise Refusal(400, "connection_unhealthy", f"Connection {connection.name!r} is not healthy")
        return connection

    def add(self, name: str, kind: str, configuration: Json, redirect_url: str | None = None) -> Connection:
        """A new connection, not healthy yet. Raises a 422 for a taken name."""
        self.check_name(name)
        now = self._clock()
        made = Connection(self._ids.new("connection"), name, kind, now, now, "pending", saved=False, configuration={})
        made.configuration = configuration
        made.redirect_url = redirect_url
        self._kept[made.id] = made
        return made

    def check_name(self, name: str, *, apart_from: str | None = None) -> None:
        """Raises a 422 when another connection has this name."""
        if any(other.name == name and other.id != apart_from for other in self._kept.values()):
            raise Refusal(422, "name_taken", f"A connection named {name!r} already exists", {"field": "name"})

    def heal(self, connection: Connection) -> None:
        """The connection is saved and healthy."""
        connection.saved = True
        self.mark(connection, HEALTHY, None)

    def mark(self, connection: Connection, status: str, error: str | None) -> None:
        """The connection's health is this."""
        connection.status = status
        connection.status_error = error
        connection.updated_at = self._clock()

    def remove(self, connection_id: str) -> None:
        """The connection is gone."""
        del self._kept[connection_id]


def described(kind: str) -> Json:
    """A connection type as it stands inside a connection."""
    return {
        "id": kind,
        "name": _NAMES[kind],
        "logo_url": f"https://assets.example/{kind}.svg",
        "logo_dark_url": f"https://assets.example/{kind}-dark.svg",
        "operations": _OPERATIONS[kind],
    }


def check_configuration(kind: str, configuration: Json) -> None:
    """Raises a 422 for a configuration without what its type needs."""
    if kind not in _NAMES:
        raise Refusal(422, "unknown_type", f"Unknown connection type {kind!r}", {"field": "type"})
    if kind == "gong":
        method = configuration.get("auth_method", "token")
        if method not in ("token", "oauth"):
            raise Refusal(422, "invalid_configuration", "auth_method must be token or oauth", {"field": "auth_method"})
        needed = [] if method == "oauth" else ["access_key", "access_secret"]
    else:
        needed = ["account", "username", "dbname"]
    for name in needed:
        if not configuration.get(name):
            raise Refusal(422, "invalid_configuration", f"{name} is required", {"field": f"configuration.{name}"})


def wrong_credentials(kind: str, configuration: Json) -> str | None:
    """What the service says to these credentials, or None when it takes them. The one bad password is "wrong"."""
    if kind == "gong":
        return "Gong: invalid access key" if configuration.get("access_secret") == "wrong" else None
    password = configuration.get("password")
    if password == "wrong" or not (password or configuration.get("private_key")):
        return "390100 (08004): Incorrect username or password was specified."
    return None
