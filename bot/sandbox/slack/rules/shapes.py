"""Reads JSON against a declared shape: which keys there are, what each holds, and which class has to accept them.

What is wrong is noted with a JSON pointer; a key or a type that is not declared is refused, as Slack refuses it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slackblocks.errors import InvalidUsageError

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that Slack would not take, and where it stands."""

    pointer: str
    message: str
    code: str = ""


@dataclass(slots=True)
class Notes:
    """What was found wrong so far."""

    found: list[Wrong] = field(default_factory=list)

    def wrong(self, pointer: str, message: str, code: str = "") -> None:
        """One more thing is wrong."""
        self.found.append(Wrong(pointer, message, code))


Kind = Callable[[Any, str, Notes], Any]
"""Reads a value at a pointer; returns what a constructor takes for it."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object. `to` is the constructor's name for it: the same by default, none at all if None."""

    kind: Kind
    needed: bool = False
    to: str | None = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's keys, the constructor that has to accept them, and what it has to obey besides."""

    keys: Mapping[str, Key]
    make: Callable[..., Any] | None = None
    also: Callable[[Json, str, Notes], None] | None = None

    def __call__(self, value: Any, pointer: str, notes: Notes) -> Any:
        """The constructed object; None when anything in it is wrong."""
        if not isinstance(value, dict):
            notes.wrong(pointer, "must be an object")
            return None
        before = len(notes.found)
        given = self._read(value, pointer, notes)
        if len(notes.found) > before:
            return None
        made = self._made(given, pointer, notes)
        if len(notes.found) == before and self.also is not None:
            self.also(value, pointer, notes)
        return made

    def _read(self, value: Json, pointer: str, notes: Notes) -> Json:
        for name in sorted(value.keys() - self.keys.keys()):
            notes.wrong(f"{pointer}/{name}", f"no such field: {name}")
        given: Json = {}
        for name, key in self.keys.items():
            if name not in value:
                if key.needed:
                    notes.wrong(pointer, f"missing required field: {name}")
                continue
            read = key.kind(value[name], f"{pointer}/{name}", notes)
            if key.to is not None:
                given[key.to or name] = read
        return given

    def _made(self, given: Json, pointer: str, notes: Notes) -> Any:
        if self.make is None:
            return given
        try:
            return self.make(**given)
        except InvalidUsageError as refused:
            notes.wrong(pointer, str(refused).replace("\n", " "))
            return None


def string(least: int = 1, most: int = 0) -> Kind:
    """A string of so many characters; no upper limit when `most` is 0."""

    def read(value: Any, pointer: str, notes: Notes) -> Any:
        if not isinstance(value, str):
            notes.wrong(pointer, "must be a string")
        elif len(value) < least:
            notes.wrong(pointer, f"must be more than {least - 1} characters")
        elif most and len(value) > most:
            notes.wrong(pointer, f"must be less than {most + 1} characters")
        return value

    return read


def url(value: Any, pointer: str, notes: Notes) -> Any:
    """An address with a scheme."""
    if not isinstance(value, str) or "://" not in value or len(value) > 3000:
        notes.wrong(pointer, "must be a valid URL of less than 3001 characters")
    return value


def boolean(value: Any, pointer: str, notes: Notes) -> Any:
    """True or false."""
    if not isinstance(value, bool):
        notes.wrong(pointer, "must be a boolean")
    return value


def integer(least: int | None = None, most: int | None = None) -> Kind:
    """A whole number within limits."""

    def read(value: Any, pointer: str, notes: Notes) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            notes.wrong(pointer, "must be an integer")
        elif (least is not None and value < least) or (most is not None and value > most):
            notes.wrong(pointer, f"must be between {least} and {most}")
        return value

    return read


def one_of(*allowed: object) -> Kind:
    """One of a few values."""

    def read(value: Any, pointer: str, notes: Notes) -> Any:
        if value not in allowed:
            notes.wrong(pointer, f"must be one of {', '.join(map(str, allowed))}")
        return value

    return read


def many(kind: Kind, least: int = 1, most: int = 0) -> Kind:
    """A list of so many."""

    def read(value: Any, pointer: str, notes: Notes) -> Any:
        if not isinstance(value, list):
            notes.wrong(pointer, "must be an array")
            return []
        if len(value) < least:
            notes.wrong(pointer, f"no fewer than {least} items are allowed")
        if most and len(value) > most:
            notes.wrong(pointer, f"no more than {most} items are allowed [input: {len(value)}]")
        return [kind(one, f"{pointer}/{index}", notes) for index, one in enumerate(value)]

    return read


def by_type(shapes: Mapping[str, Kind]) -> Kind:
    """The shape that the value's own `type` names."""

    def read(value: Any, pointer: str, notes: Notes) -> Any:
        named = value.get("type") if isinstance(value, dict) else None
        if not isinstance(named, str) or named not in shapes:
            notes.wrong(f"{pointer}/type", f"unsupported type: {named}")
            return None
        return shapes[named](value, pointer, notes)

    return read
