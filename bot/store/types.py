"""How values of the model stand in a column: times in UTC, enums by their value, nested values as JSON.

What stands there and is no such value, because a hand wrote it, is read as UNREADABLE: `rows` decides what that means
for whoever asked, so that one bad row does not spoil a list of good ones.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, StrEnum
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import JSON, DateTime, Dialect, String
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeDecorator


class _Unreadable(Enum):
    """What a column holds that is no value of its kind."""

    HERE = "unreadable"


UNREADABLE: Final = _Unreadable.HERE
_Read = Callable[[Any], Any]


def _tolerant(process: _Read | None) -> _Read | None:
    """The same reading, which gives UNREADABLE where it would raise."""
    if process is None:
        return None

    def read(value: Any) -> Any:
        try:
            return process(value)
        except (ValueError, TypeError, OverflowError):
            return UNREADABLE

    return read


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept and given back in UTC. SQLite knows no time zones, so a naive one is a mistake here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be kept")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> _Read | None:
        return _tolerant(super().result_processor(dialect, coltype))


# PostgreSQL takes no NUL, and neither database a lone surrogate (docs: "String Constants", sqlite3's UTF-8).
_UNKEPT = re.compile("[\x00\ud800-\udfff]")


class Text(TypeDecorator[str]):
    """What people and vendors wrote, whatever is in it: characters that no database takes stand as U+FFFD.

    Here and nowhere else, so that no row can fail for ever over a character that came with a query or an answer.
    """

    impl = PlainText()
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _UNKEPT.sub("\ufffd", value)


class Word(TypeDecorator[StrEnum]):
    """A member of one enum, kept by its value."""

    impl = String()
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> _Read | None:
        return _tolerant(super().result_processor(dialect, coltype))


class Nested(TypeDecorator[Any]):
    """A value made of frozen dataclasses, tuples, enums and times, kept as JSON.

    Facts that a newer version added are passed over, and ones that are missing take the dataclass's default, so
    that two versions can read each other's rows.
    """

    impl = JSON(none_as_null=True)
    # SQLAlchemy keeps a statement that it has compiled under the arguments of its types: `kind` has to be hashable,
    # and to be found under its own name.
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _adapter(self.kind).dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _adapter(self.kind).validate_python(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> _Read | None:
        return _tolerant(super().result_processor(dialect, coltype))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once for each kind, when its first value comes: all of them at once would be felt at every start."""
    return TypeAdapter(kind)
