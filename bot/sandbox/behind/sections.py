"""A section of what is behind the curtain: what it shows, what it offers, and what doing that is."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.sandbox.page.scene import Deed, Field, Group, Table

Given = Mapping[str, str]
Doing = Callable[[Given], str | Awaitable[str]]
"""Returns what to say about it. Raises ValueError, in words, when it cannot be done."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A deed, and what doing it is."""

    deed: Deed
    do: Doing


@dataclass(frozen=True, slots=True)
class Section:
    """One group of the scene with the doings of its deeds."""

    id: str
    title: str
    words: str = ""
    offered: tuple[Offered, ...] = ()
    tables: tuple[Table, ...] = ()

    def group(self) -> Group:
        """What is shown of it."""
        return Group(self.id, self.title, self.words, tuple(one.deed for one in self.offered), self.tables)


class Part(Protocol):
    """Something behind the curtain that has a section."""

    def section(self) -> Section:
        """What it shows and offers now."""
        ...


def offer(deed_id: str, label: str, do: Doing, *fields: Field, words: str = "", is_drastic: bool = False) -> Offered:
    """A deed that is offered."""
    return Offered(Deed(deed_id, label, fields, words, is_drastic), do)


def stamp(moment: datetime) -> str:
    """A time as people read it, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
