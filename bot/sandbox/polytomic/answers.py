"""What leaves the sandbox's Polytomic: answers, refusals in its error shape, and times as it writes them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body, as bytes so that a recorded one is replayed to the letter."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """Polytomic says no. `key` is its own word for the reason (undocumented, so a guess), `message` for people."""

    def __init__(self, status: int, key: str, message: str, metadata: Json | None = None) -> None:
        super().__init__(f"{status} {key}")
        self.status = status
        self.key = key
        self.message = message
        self.metadata = metadata

    def answer(self) -> Answer:
        """The error in the documented shape."""
        body: Json = {"key": self.key, "message": self.message, "status": self.status}
        if self.metadata:
            body["metadata"] = self.metadata
        return as_json(body, self.status)


def as_json(body: object, status: int = 200) -> Answer:
    """The body as compact JSON; times, decimals and the like become text."""
    return Answer(status, json.dumps(body, default=_plain, separators=(",", ":")).encode())


def not_found(what: str) -> Refusal:
    """404 for something that is not there, or not this caller's."""
    return Refusal(404, "not_found", f"{what} not found")


def stamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(text: str, name: str) -> datetime:
    """The time that a query parameter names; 422 when it is none."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(422, "invalid_parameter", f"{name} is not an RFC 3339 timestamp") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _plain(value: object) -> object:
    return stamp(value) if isinstance(value, datetime) and value.tzinfo else str(value)
