"""What a person gave to a deed, read; whatever is wrong with it is a ValueError in words."""

import math
from collections.abc import Sequence

from bot.sandbox.behind.sections import Given


def word(given: Given, name: str, choices: Sequence[str]) -> str:
    """One of the choices."""
    chosen = given.get(name, "").strip()
    if chosen not in choices:
        raise ValueError(f"{_shown(chosen)} is not offered. Choose one of: {', '.join(choices)}.")
    return chosen


def words(given: Given, name: str, choices: Sequence[str]) -> tuple[str, ...]:
    """Some of the choices, one at least, with commas or spaces between them."""
    found = text(given, name).replace(",", " ").split()
    return tuple(word({name: one}, name, choices) for one in found)


def number(given: Given, name: str, *, least: float, most: float = math.inf) -> float:
    """A number, at least `least`, at most `most`."""
    text = given.get(name, "").strip()
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise ValueError(f"{_shown(text)} is not a number.")
    return _bounded(found, least, most)


def whole(given: Given, name: str, *, least: int, most: float = math.inf) -> int:
    """A whole number, at least `least`, at most `most`."""
    text = given.get(name, "").strip()
    # Python itself would read no more digits than these.
    if len(text) > 18 or not text.removeprefix("-").isdecimal():
        raise ValueError(f"{_shown(text)} is not a whole number.")
    return int(_bounded(int(text), least, most))


def text(given: Given, name: str) -> str:
    """Some text."""
    found = given.get(name, "").strip()
    if not found:
        raise ValueError(f"The field {name.replace('_', ' ')} is empty.")
    return found


def _bounded(found: float, least: float, most: float) -> float:
    if found < least:
        raise ValueError(f"{found:g} is too little: at least {least:g}.")
    if found > most:
        raise ValueError(f"{found:g} is too much: at most {most:g}.")
    return found


def _shown(given: str) -> str:
    return f"“{given[:60]}”" if given else "Nothing"
