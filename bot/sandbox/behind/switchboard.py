"""Every doubtful behavior of Polytomic and Gong behind the curtain: what each switch says, and setting it.

The words are the docstrings of `Switches`, read from its source: there is no second text that could differ.
"""

import ast
import functools
import inspect
import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args, get_origin, get_type_hints

from bot.sandbox.behind import given as read
from bot.sandbox.behind.sections import Given, Offered, Section, offer
from bot.sandbox.page.scene import Field, Table
from bot.sandbox.polytomic.switches import LATEST, OLDER, Switches
from bot.sandbox.polytomic.syncs import MODES

_YES_NO = ("yes", "no")
_NONE = "none"
_MOST = 1_000_000
_MEMBERS = {"versions": (OLDER, LATEST), "flow_modes": MODES}


@functools.cache
def words() -> Mapping[str, str]:
    """What each switch is, by its name."""
    written_as = next(node for node in ast.parse(inspect.getsource(Switches)).body if isinstance(node, ast.ClassDef))
    found: dict[str, str] = {}
    for one, after in itertools.pairwise(written_as.body):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(after, ast.Expr):
            found[one.target.id] = inspect.cleandoc(str(ast.literal_eval(after.value)))
    return found


class SwitchPart:
    """The section of the switches. Whatever was set when it is made counts as the first day."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._first_day = replace(switches)
        self._types = get_type_hints(Switches)

    def section(self) -> Section:
        """What it shows and offers now."""
        changed = tuple(
            (_label(name), written(self._now(name)), written(getattr(self._first_day, name)))
            for name in self._changed()
        )
        table = Table("Set otherwise than on the first day", ("Switch", "Now", "First day"), changed, "None.")
        back = (offer("switches-back", "Set all back", self._back),) if changed else ()
        said = "How Polytomic and Gong behave where nobody has written down how the real ones do."
        return Section("switches", "Switches", said, (*back, *map(self._offered, self._types)), (table,))

    def _offered(self, name: str) -> Offered:
        field = Field("value", _label(name), written(self._now(name)), self._choices(name))
        return offer(
            f"switch-{name}", f"Set {_label(name)}", functools.partial(self._set, name), field, words=words()[name]
        )

    def _choices(self, name: str) -> tuple[str, ...]:
        kind = self._types[name]
        if kind is bool:
            return _YES_NO
        return get_args(kind) if get_origin(kind) is Literal else ()

    def _changed(self) -> list[str]:
        return [name for name in self._types if self._now(name) != getattr(self._first_day, name)]

    def _now(self, name: str) -> object:
        return getattr(self._switches, name)

    def _set(self, name: str, given: Given) -> str:
        value = self._read(name, given)
        setattr(self._switches, name, value)
        return f"{_label(name)}: {written(value)}."

    def _read(self, name: str, given: Given) -> object:
        kind, choices = self._types[name], self._choices(name)
        if choices:
            chosen = read.word(given, "value", choices)
            return chosen == "yes" if kind is bool else chosen
        if kind is float:
            return read.number(given, "value", least=0, most=_MOST)
        if kind is str:
            return read.text(given, "value")
        if get_origin(kind) is tuple:
            return read.words(given, "value", _MEMBERS[name])
        if kind is not int and given.get("value", "").strip() in ("", _NONE):
            return None
        least, most = _bounds(name)
        return read.whole(given, "value", least=least, most=most)

    def _back(self, _: Given) -> str:
        for name in self._changed():
            setattr(self._switches, name, getattr(self._first_day, name))
        return "All switches are as on the first day."


def written(value: object) -> str:
    """A switch's value as people read and type it."""
    match value:
        case bool():
            return _YES_NO[0] if value else _YES_NO[1]
        case None:
            return _NONE
        case tuple():
            return ", ".join(map(str, value))
        case float():
            return f"{value:g}"
    return str(value)


def _bounds(name: str) -> tuple[int, int]:
    """What a whole number may be: a status is a refusal, and of the rest only a count of losses may be none."""
    if name.endswith("_status"):
        return 400, 599
    if name.endswith("_percent"):
        return 0, 100
    return (0 if name == "events_lost_every" else 1), _MOST


def _label(name: str) -> str:
    return name.replace("_", " ")
