"""What a log file of an execution says about single records.

Polytomic does not document the shape of a record, so it is read leniently: a JSON array, an object around one, or a
line each; the identity and the message are looked for under the likely names.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic_core import from_json, to_json

_IDENTITIES = (
    "identity",
    "identities",
    "identity_value",
    "source_identity",
    "source_id",
    "record_id",
    "contact_id",
    "id",
    "record",
    "source",
    "fields",
)
_MESSAGES = ("message", "error", "errors", "error_message", "errormessage", "reason", "detail", "warning", "warnings")
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class LogLine:
    """One record of a log file; `identity` is empty when it could not be told."""

    identity: str = field(repr=False)
    message: str = field(repr=False)


def read(content: bytes) -> Iterator[LogLine]:
    """Every record of the file, in its order."""
    whole = _json(content)
    if isinstance(whole, dict | list):
        yield from map(_line, _records(whole))
        return
    for raw in content.splitlines():
        if raw.strip():
            record = _json(raw)
            yield _line(record) if isinstance(record, dict) else LogLine("", raw.decode("utf-8", "replace").strip())


def _json(content: bytes) -> object:
    try:
        found: object = from_json(content)
    except ValueError:
        return None
    return found


def _records(whole: dict[str, object] | list[object]) -> list[object]:
    if isinstance(whole, list):
        return whole
    if any(name.casefold() in _IDENTITIES for name in whole):
        return [whole]
    lists = [inner for inner in whole.values() if isinstance(inner, list) and any(isinstance(x, dict) for x in inner)]
    return lists[0] if len(lists) == 1 else [whole]


def _line(record: object) -> LogLine:
    if not isinstance(record, dict):
        return LogLine("", _text(record, (), _DEPTH))
    named = {str(name).casefold(): value for name, value in record.items()}
    message = _text(_under(named, _MESSAGES), _MESSAGES, _DEPTH)
    return LogLine(_text(_under(named, _IDENTITIES), _IDENTITIES, _DEPTH), message or to_json(record).decode())


def _under(named: dict[str, object], names: tuple[str, ...]) -> object:
    return next((named[name] for name in names if named.get(name) not in (None, "", [], {})), None)


def _text(value: object, names: tuple[str, ...], depth: int) -> str:
    """The words in a value: a scalar itself, the likely or the only entry of an object, the parts of a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float):
        return str(value)
    if depth and isinstance(value, list):
        return "; ".join(filter(None, (_text(inner, names, depth - 1) for inner in value)))
    if depth and isinstance(value, dict):
        named = {str(name).casefold(): inner for name, inner in value.items()}
        inner = _under(named, names)
        only = next(iter(named.values())) if len(named) == 1 else None
        return _text(only if inner is None else inner, names, depth - 1)
    return ""
