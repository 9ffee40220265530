"""How answers are read: unknown fields are ignored, null is the same as absent, numbers may stand for ids.

What cannot be done without has no default in `bot.polytomic.wire`; everything else is forgiven here.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator


class Wire(BaseModel):
    """Something read off the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
        # Each is made ready when its first answer comes, and not all of them at every start.
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        # Looked for first: nearly nothing holds a null, and copying each of two thousand flows is most of reading them.
        if isinstance(value, dict) and None in value.values():
            return {name: inner for name, inner in value.items() if inner is not None}
        return value


def _utc(value: object) -> datetime | None:
    """Times are for showing only, so one that cannot be read is none at all."""
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(read, datetime):
            return None
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _id_of(value: object) -> object:
    """A connection's type comes as {"id": "gong", …}; elsewhere a type is a plain word."""
    return value.get("id") or "" if isinstance(value, dict) else value


def _text(value: object) -> object:
    return "" if value is None else value


def _texts(value: object) -> object:
    return [each for each in value if each is not None] if isinstance(value, list) else value


Id = Annotated[str, StringConstraints(min_length=1)]
IdOf = Annotated[str, BeforeValidator(_id_of)]
Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Time = Annotated[datetime | None, BeforeValidator(_utc)]
