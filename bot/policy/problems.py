"""What is wrong with the shape of a policy file, in a line each that names the key and says how to get it right."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.policy.places import Path
from bot.policy.shape import File

_LONGEST = 60
_PLACE = re.compile(r"(?P<what>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)")

# What a value must look like, by pydantic's name for the mistake.
_SHAPES = {
    "bool_type": "true or false",
    "date_type": "a date such as 2026-12-24",
    "float_type": "a number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge} or more",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list in brackets",
    "literal_error": "{expected}",
    "model_type": "a table of its own",
    "string_too_short": "text in quotes",
    "string_type": "text in quotes",
    "time_type": "a time such as 19:00",
    "too_short": "a list that names at least one",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake, and the line that it stands on."""

    line: int
    words: str


def of_syntax(error: tomllib.TOMLDecodeError, text: str) -> Problem:
    """The text is no TOML, from this line on."""
    found = _PLACE.fullmatch(str(error))
    what = found["what"] if found else str(error)
    if found is None or found["line"] is None:
        return Problem(text.count("\n") + 1, f"this is not TOML: {what[:1].lower()}{what[1:]}, at the end.")
    return Problem(int(found["line"]), f"this is not TOML: {what[:1].lower()}{what[1:]}, column {found['column']}.")


def of_shape(error: ValidationError, lines: Mapping[Path, int]) -> list[Problem]:
    """Every key that is unknown, missing or of the wrong kind. A misspelled key is not told as missing as well."""
    details = error.errors(include_url=False)
    meant = {(*detail["loc"][:-1], _near(detail["loc"])) for detail in details if detail["type"] == "extra_forbidden"}
    return [
        Problem(line(lines, detail["loc"]), _words(detail))
        for detail in details
        if detail["type"] != "missing" or detail["loc"] not in meant
    ]


def wrong_parts(error: ValidationError) -> frozenset[Path]:
    """What has to go before the rest is right: a part that lacks something goes whole."""
    details = error.errors(include_url=False, include_input=False)
    return frozenset(detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"] for detail in details)


def line(lines: Mapping[Path, int], path: Sequence[str | int]) -> int:
    """The line of this key, or of the table that it is missing from."""
    return next((lines[here] for length in range(len(path), 0, -1) if (here := tuple(path[:length])) in lines), 1)


def key(path: Sequence[str | int]) -> str:
    """The key as people write it: "approvals.threshold"."""
    return ".".join(part for part in path if isinstance(part, str))


def _words(detail: ErrorDetails) -> str:
    loc, kind = detail["loc"], detail["type"]
    if kind == "extra_forbidden":
        near = _near(loc)
        return f"{key(loc)} is not a setting; did you mean {near}?" if near else f"{key(loc)} is not a setting."
    if kind == "missing":
        return f"{key(loc)} is not set; every one of {key(loc[:-1])} needs it."
    subject = f"each of {key(loc)}" if isinstance(loc[-1], int) else key(loc)
    if kind == "wrong":
        return f"{subject} {detail['msg']}."
    shape = _SHAPES.get(kind, "something else").format_map(detail.get("ctx", {})).replace("'", '"')
    return f"{subject} must be {shape}, got {_shown(detail['input'])}."


def _near(loc: Sequence[str | int]) -> str:
    known = list(_model_at(loc[:-1]).model_fields)
    return next(iter(difflib.get_close_matches(str(loc[-1]), known, n=1)), "")


def _model_at(loc: Sequence[str | int]) -> type[BaseModel]:
    """The part of the file at this path, whose keys those are that could have been meant."""
    model: type[BaseModel] = File
    for part in loc:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        model = next(_models(field.annotation), model) if field else model
    return model


def _models(kind: object) -> Iterator[type[BaseModel]]:
    """The part of the file that a type stands for, itself, in a list, or when there is one."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in getattr(kind, "__args__", ()):
        yield from _models(inner)


def _shown(value: object) -> str:
    """The value as it stands in the file, cut; a list or a table in a word."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float() | date() | time():
            return str(value)
        case str():
            return f'"{value}"' if len(value) <= _LONGEST else f'"{value[:_LONGEST]}…"'
        case list():
            return "a list" if value else "an empty list"
    return "a table"
