"""Where each key of a TOML text stands. tomllib reads the values and forgets the lines; this reads the lines alone.

The text has to be valid: tomllib has read it before. A path is keys and places in lists: ("approvals", 0, "name").
"""

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
_PLAIN_VALUE = re.compile(r"[^,\]}#\r\n]+")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}(?!")', re.DOTALL),
    re.compile(r"'''.*?'{3,5}(?!')", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)


def lines(text: str) -> Mapping[Path, int]:
    """The line, counted from 1, that each key, table and item of a list begins on."""
    return _Reader(text).read()


class _Reader:
    """Goes through the text once, from the top."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._found: dict[Path, int] = {}
        self._lists: dict[Path, int] = {}

    def read(self) -> Mapping[Path, int]:
        """Every place, once the text is at its end."""
        table: Path = ()
        self._skip(_BETWEEN)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BETWEEN)
        return self._found

    def _header(self) -> Path:
        """The path of the table that begins here; each [[one]] is one more of its list."""
        start, many = self._at, self._text.startswith("[[", self._at)
        self._at += 1 + many
        table: Path = ()
        keys = self._keys()
        for key in keys:
            table = self._inside((*table, key))
        if many:
            named = table[:-1] if isinstance(table[-1], int) else table
            self._lists[named] = self._lists.get(named, -1) + 1
            table = (*named, self._lists[named])
        self._note(table, start)
        self._at += 1 + many
        return table

    def _inside(self, path: Path) -> Path:
        """A list of tables is spoken of by its last one."""
        return (*path, self._lists[path]) if path in self._lists else path

    def _pair(self, table: Path) -> None:
        start = self._at
        path = (*table, *self._keys())
        self._note(path, start)
        self._at += 1
        self._skip(_BLANKS)
        self._value(path)

    def _keys(self) -> Path:
        """The dotted key that stands here; what follows it and the blanks is next."""
        keys: list[str] = []
        while True:
            self._skip(_BLANKS)
            keys.append(self._key())
            self._skip(_BLANKS)
            if not self._text.startswith(".", self._at):
                return tuple(keys)
            self._at += 1

    def _key(self) -> str:
        if self._text[self._at] in "\"'":
            quoted = self._string()
            return str(tomllib.loads(f"key = {quoted}")["key"])
        return self._take(_BARE_KEY)

    def _value(self, path: Path) -> None:
        match self._text[self._at]:
            case '"' | "'":
                self._string()
            case "[":
                self._items(path)
            case "{":
                self._inline(path)
            case _:
                self._take(_PLAIN_VALUE)

    def _items(self, path: Path) -> None:
        self._at += 1
        place = 0
        while self._more("]"):
            self._note((*path, place), self._at)
            self._value((*path, place))
            place += 1

    def _inline(self, path: Path) -> None:
        self._at += 1
        while self._more("}"):
            self._pair(path)

    def _more(self, end: str) -> bool:
        """True when another item stands here; False once the end was passed."""
        self._skip(_BETWEEN)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_BETWEEN)
        if self._text[self._at] != end:
            return True
        self._at += 1
        return False

    def _string(self) -> str:
        return next(self._take(shape) for shape in _STRINGS if shape.match(self._text, self._at))

    def _take(self, shape: re.Pattern[str]) -> str:
        found = shape.match(self._text, self._at)
        if found is None:
            raise ValueError(f"no valid TOML at {self._at}")
        self._at = found.end()
        return found.group()

    def _skip(self, shape: re.Pattern[str]) -> None:
        found = shape.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _note(self, path: Path, at: int) -> None:
        """Also the tables that a dotted key makes on its way stand where it does, unless they began before."""
        line = self._text.count("\n", 0, at) + 1
        for length in range(1, len(path) + 1):
            self._found.setdefault(path[:length], line)
