"""One thing that Slack would refuse, and the walk that finds them: where we are, and what was found so far."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What Slack answers: its error code, a JSON pointer to the place, and words."""

    code: str
    pointer: str
    message: str


@dataclass(slots=True)
class Walk:
    """A walk over one payload. `surface` is modal, home or message."""

    surface: str
    code: str = "invalid_blocks"
    found: list[Problem] = field(default_factory=list)

    def problem(self, pointer: str, message: str, code: str = "") -> None:
        """Notes that Slack would refuse this."""
        self.found.append(Problem(code or self.code, pointer, message))

    def keys(self, thing: Json, pointer: str, needed: Collection[str], allowed: Collection[str]) -> bool:
        """True when everything needed is there; unknown keys are noted too."""
        for name in thing.keys() - set(needed) - set(allowed) - {"type"}:
            self.problem(f"{pointer}/{name}", f"unsupported field: {name}")
        missing = [name for name in needed if thing.get(name) is None]
        for name in missing:
            self.problem(pointer, f"missing required field: {name}")
        return not missing

    def words(self, value: object, pointer: str, most: int, *, least: int = 1) -> None:
        """A plain string between `least` and `most` characters."""
        if not isinstance(value, str):
            self.problem(pointer, "must be a string")
        elif len(value) < least:
            self.problem(pointer, f"must be more than {least - 1} characters")
        elif len(value) > most:
            self.problem(pointer, f"must be less than {most + 1} characters")

    def many(self, value: object, pointer: str, most: int, *, least: int = 1) -> list[Any]:
        """A list of `least` to `most` things; an empty one when it is none."""
        if not isinstance(value, list):
            self.problem(pointer, "must be a list")
            return []
        if not least <= len(value) <= most:
            self.problem(pointer, f"must have {least} to {most} items, has {len(value)}")
        return value
