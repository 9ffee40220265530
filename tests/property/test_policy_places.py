"""Lines of a TOML text: whatever way a policy is written, each key is found where it stands."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.policy import places
from bot.policy.places import Path

_BARE = st.text(st.sampled_from("abcxyz019_-"), min_size=1, max_size=4)
_ODD = st.text(st.sampled_from("ab .#=[]{}'é,"), max_size=4)
_WORDS = st.text(st.sampled_from("ab#=[]{},.'\"\\é \n"), max_size=8)
_KEYS = st.one_of(_BARE, _ODD)
_GAPS = st.sampled_from(["", " ", "\t "])
_NOISE = st.lists(st.sampled_from(["", "# [not] = a table", "   ", "#"]), max_size=2)
_PLAIN = st.one_of(
    st.integers(-5, 5), st.booleans(), st.floats(-9, 9), st.dates(), st.times().map(lambda it: it.replace(tzinfo=None))
)


def quoted(text: str) -> str:
    """A basic string on one line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


class Writer:
    """Writes TOML, and notes where it writes what."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.text = ""
        self.noted: dict[Path, int] = {}
        self.draw = draw

    def note(self, path: Path) -> None:
        """This begins on the line that is being written."""
        self.noted.setdefault(path, self.text.count("\n") + 1)

    def gap(self) -> None:
        """Blanks, or none."""
        self.text += self.draw(_GAPS)

    def lines(self, more: str = "") -> None:
        """Comments and empty lines."""
        for noise in self.draw(_NOISE):
            self.text += f"{more}{noise}\n"

    def key(self, name: str) -> None:
        """The key, bare if it can be and quoted if it must."""
        bare = name and all(char.isascii() and (char.isalnum() or char in "_-") for char in name)
        self.text += name if bare and self.draw(st.booleans()) else quoted(name)

    def value(self, path: Path, depth: int = 0) -> None:
        """Any value, also over several lines."""
        kinds = [self.plain, self.string, self.long_string, self.raw_string]
        kinds += [self.items, self.inline] if depth < 2 else []
        self.draw(st.sampled_from(kinds))(path, depth)

    def plain(self, path: Path, depth: int) -> None:
        """A number, a truth, a date, a time."""
        value = self.draw(_PLAIN)
        self.text += str(value).lower() if isinstance(value, bool) else str(value)

    def string(self, path: Path, depth: int) -> None:
        """In quotes on one line."""
        self.text += quoted(self.draw(_WORDS))

    def long_string(self, path: Path, depth: int) -> None:
        """In three quotes, over lines; it may end in quotes of its own."""
        inside = self.draw(_WORDS).replace("\\", "\\\\").replace('"', '\\"')
        self.text += f'"""{inside}{self.draw(st.sampled_from(["", chr(34)]))}"""'

    def raw_string(self, path: Path, depth: int) -> None:
        """In three apostrophes, where nothing is escaped."""
        self.text += "'''" + self.draw(_WORDS).replace("'", '"') + "'''"

    def items(self, path: Path, depth: int) -> None:
        """A list over as many lines as it likes, with a comma at its end or none."""
        self.text += "["
        many = self.draw(st.integers(0, 3))
        for place in range(many):
            if self.draw(st.booleans()):
                self.text += " # a ] comment\n"
                self.lines("  ")
            self.note((*path, place))
            self.value((*path, place), depth + 1)
            self.gap()
            self.text += "," if place < many - 1 or self.draw(st.booleans()) else ""
        self.text += "\n]" if self.draw(st.booleans()) else "]"

    def inline(self, path: Path, depth: int) -> None:
        """A table in braces."""
        self.text += "{"
        names = self.draw(st.lists(_KEYS, max_size=3, unique=True))
        for place, name in enumerate(names):
            self.text += ", " if place else " "
            self.pair((*path, name), depth + 1)
        self.text += "}"

    def pair(self, path: Path, depth: int = 0) -> None:
        """A key and its value; the key may be dotted, which makes tables on its way."""
        dotted = self.draw(st.lists(_KEYS, max_size=2)) if self.draw(st.booleans()) else []
        for length in range(len(dotted) + 1):
            self.note((*path, *dotted[:length]))
        self.key(str(path[-1]))
        for name in dotted:
            self.gap()
            self.text += "."
            self.gap()
            self.key(name)
        self.gap()
        self.text += "="
        self.gap()
        self.value((*path, *dotted), depth)

    def table(self, path: Path) -> None:
        """What stands in a table, a line or more each."""
        for name in self.draw(st.lists(_KEYS, max_size=3, unique=True)):
            self.lines()
            self.gap()
            self.pair((*path, name))
            self.text += self.draw(st.sampled_from(["\n", "  # a comment\n"]))


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[Path, int]]:
    """A TOML text of every shape that there is, and where everything in it begins."""
    writer = Writer(draw)
    writer.table(())
    top = {path[0] for path in writer.noted}
    names = [name for name in draw(st.lists(_KEYS, max_size=3, unique=True)) if name not in top]
    for name in names:
        many = draw(st.integers(0, 2))
        for place in range(many or 1):
            path: Path = (name, place) if many else (name,)
            writer.lines()
            writer.note(path[:1])
            writer.note(path)
            writer.text += "[[" if many else "["
            writer.key(name)
            writer.text += "]]\n" if many else "]\n"
            writer.table(path)
            if draw(st.booleans()) and (*path, "inner") not in writer.noted:
                writer.note((*path, "inner"))
                writer.note((*path, "inner", "most"))
                writer.text += "[ "
                writer.key(name)
                writer.text += " . inner . most ]\n"
                writer.table((*path, "inner", "most"))
    return writer.text, writer.noted


def everything(value: Any, path: Path = ()) -> set[Path]:
    """The path of each key, table and item."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} if path else set()
    return found.union(*(everything(one, (*path, name)) for name, one in inside))


@pytest.mark.slow
@settings(max_examples=60)
@given(documents())
def test_everything_is_found_where_it_was_written(document: tuple[str, dict[Path, int]]) -> None:
    """Every key, table and item that tomllib reads has its line, and nothing else has one."""
    text, written = document
    values = tomllib.loads(text)
    found = places.lines(text)
    assert everything(values) == set(found)
    assert {path: written[path] for path in found} == dict(found)
