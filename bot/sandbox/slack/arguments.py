"""Reads a Web API call's arguments, whichever way they came: form fields, JSON, or JSON inside form fields."""

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.sandbox.slack.things import Json, Refused

_NESTED = ("view", "blocks", "files", "attachments", "metadata")


async def read(request: Request) -> Json:
    """Argument name -> value; raises Refused for JSON that is none."""
    body = await request.body()
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        found = _json(body.decode())
        arguments = dict(found) if isinstance(found, dict) else {}
    elif kind.startswith("multipart/form-data"):
        async with request.form() as form:
            arguments = {name: value for name, value in form.items() if isinstance(value, str)}
    else:
        arguments = dict(parse_qsl(body.decode(), keep_blank_values=True))
    arguments |= dict(request.query_params)
    for name in _NESTED:
        if isinstance(arguments.get(name), str):
            arguments[name] = _json(arguments[name])
    return arguments


def text(arguments: Json, name: str, *, needed: bool = False) -> str:
    """A text argument; raises Refused when it is needed and missing."""
    value = str(arguments.get(name) or "")
    if needed and not value:
        raise Refused("invalid_arguments", f"[ERROR] missing required field: {name}")
    return value


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        raise Refused("invalid_arguments", "[ERROR] failed to parse JSON") from None
