"""An answer that is no success becomes one leaf of PolytomicError.

Both bodies that Polytomic is known to send are read (polytomic-api.md section 1); anything else is a status alone.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic_core import from_json

from bot.errors import (
    PolytomicAway,
    PolytomicBusy,
    PolytomicError,
    PolytomicLockedOut,
    PolytomicOddAnswer,
    PolytomicRefused,
)
from bot.polytomic.call import Call

PAUSE = 1.0
"""Seconds to wait when Polytomic asks to wait and does not say how long."""

_LONGEST_PAUSE = 86_400.0
_LONGEST_MESSAGE = 1_000


@dataclass(frozen=True, slots=True)
class _Said:
    key: str = ""
    message: str = ""
    field: str = ""

    @property
    def about_the_key(self) -> bool:
        """A second call came while the first under its Idempotency-Key was in flight.

        Polytomic documents the 409, not its words, so any word for it counts.
        """
        words = f"{self.key} {self.message}".casefold()
        return "idempoten" in words or "same key" in words or "in flight" in words or "in-flight" in words


def refusal(call: Call, status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> PolytomicError:
    """The error that this answer stands for. `headers` are looked up in lower case."""
    if status >= 500:
        # These come from something in between, which did not wait for the end.
        settled = status not in (502, 504)
        return PolytomicAway(call.name, f"answered {status}", recorded=True, settled=settled)
    if status in (401, 403):
        return PolytomicLockedOut(call.name, status=status)
    if status in (408, 429):
        return PolytomicBusy(call.name, f"answered {status}", retry_after=pause(headers, now))
    if status < 400:
        return PolytomicOddAnswer(call.name, f"answered {status}")
    said = _said(body)
    if status == 409 and call.key and (said.about_the_key or not call.conflicts):
        return PolytomicBusy(
            call.name, "the first call under this key is in flight", retry_after=pause(headers, now), in_flight=True
        )
    return PolytomicRefused(call.name, status=status, message=said.message, field=said.field)


def pause(headers: Mapping[str, str], now: datetime) -> float:
    """How many seconds Polytomic asks to wait: Retry-After (seconds or a date), else X-RateLimit-Reset (unix time)."""
    asked = _retry_after(headers.get("retry-after", ""), now)
    if asked is None:
        reset = _number(headers.get("x-ratelimit-reset", ""))
        asked = None if reset is None else reset - now.timestamp()
    return PAUSE if asked is None else min(max(asked, 0.0), _LONGEST_PAUSE)


def _retry_after(value: str, now: datetime) -> float | None:
    seconds = _number(value)
    if seconds is not None:
        return seconds
    try:
        until = parsedate_to_datetime(value)
        return (until if until.tzinfo else until.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _said(body: bytes) -> _Said:
    try:
        said = from_json(body)
    except ValueError:
        return _Said(message=_plain(body))
    if not isinstance(said, dict):
        return _Said()
    metadata = said.get("metadata") or said.get("context")
    field = metadata.get("field") if isinstance(metadata, dict) else ""
    return _Said(_text(said.get("key")), _text(said.get("message")) or _text(said.get("error")), _text(field))


def _text(value: object) -> str:
    return value.strip()[:_LONGEST_MESSAGE] if isinstance(value, str) else ""


def _plain(body: bytes) -> str:
    """A body of plain words is a message; a page of HTML from something in between is not."""
    words = _text(body.decode("utf-8", "replace"))
    return "" if words.startswith("<") else words
