"""What is behind the curtain, as the page draws it and whoever launches the sandbox tells it.

The page knows no Polytomic, no faults and no process of the bot: it draws groups of tables and of deeds, and hands
back which deed was chosen with what in its fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `milliseconds` is None where nobody measured; `key` is its Idempotency-Key."""

    number: int
    at: datetime
    source: str
    target: str
    what: str
    answer: str
    went_wrong: bool = False
    milliseconds: float | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """What a deed asks for: one of `choices` if there are any, else text. `label` is what people read."""

    name: str
    label: str
    value: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """A button, with the fields that it sends."""

    id: str
    label: str
    fields: tuple[Field, ...] = ()
    words: str = ""
    is_drastic: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words under columns; `empty` stands there when there are none."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Group:
    """What belongs together, under one heading; `id` is unique in the scene."""

    id: str
    title: str
    words: str = ""
    deeds: tuple[Deed, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything behind the curtain at one moment. `bot` is one word or two: running, starting, killed."""

    now: datetime
    bot: str
    traffic: tuple[Exchange, ...]
    groups: tuple[Group, ...]


class Curtain(Protocol):
    """Whoever launched the sandbox."""

    @property
    def bot(self) -> str:
        """What the bot is doing now, as in the scene."""
        ...

    def scene(self) -> Scene:
        """What there is to see now, newest traffic first."""
        ...

    async def do(self, deed_id: str, given: Mapping[str, str]) -> str:
        """The deed is done; returns what to say about it. Raises ValueError, in words, for what cannot be done."""
        ...
