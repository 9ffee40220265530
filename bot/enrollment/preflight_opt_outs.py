"""What a value says of an opt-out. Whatever does not plainly say no is one: a date, a reason, an unknown word."""

import re

_NO = frozenset({"", "false", "f", "no", "n", "0"})
_YES = frozenset({"true", "t", "yes", "y", "1"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[t ].*)?")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?")


def opted_out(value: object) -> str:
    """The kind of value that says so, never the value itself; empty when nobody has opted out by it."""
    if value is None or (isinstance(value, bool | int | float) and value == 0):
        return ""
    if isinstance(value, bool | int | float):
        return "true" if value == 1 else "a number"
    return _of_text(value.strip().casefold()) if isinstance(value, str) else "nested data"


def _of_text(written: str) -> str:
    if written in _NO:
        return ""
    if written in _YES:
        return "true"
    if _DATE.fullmatch(written):
        return "a date"
    return "a number" if _NUMBER.fullmatch(written) else "text"
