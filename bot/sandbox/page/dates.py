"""A moment in the words that Slack's date tokens ask for, in the reader's time zone and with a clock of 24 hours.

docs: formatting message text, and the date element of rich text. Slack begins what a token string becomes with a
capital letter, and leaves the year out of {date} while it is less than half a year away.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

_TOKEN = re.compile(r"\{(\w+)\}")
_HALF_A_YEAR = timedelta(days=183)
_NEARBY = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def shown(tokens: str, at: datetime, now: datetime) -> str:
    """The token string with every known token replaced; `at` and `now` are in the reader's time zone."""

    def one(found: re.Match[str]) -> str:
        token = _TOKENS.get(found[1])
        return token(at, now) if token else found[0]

    words = _TOKEN.sub(one, tokens)
    return words[:1].upper() + words[1:]


def whole(at: datetime) -> str:
    """Day, time and time zone, for whoever wants to know exactly."""
    return f"{_long(at, at)} at {at:%H:%M:%S} {at.tzname()}"


def _ordinal(day: int) -> str:
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _day(at: datetime, now: datetime) -> str:
    words = f"{at:%B} {_ordinal(at.day)}"
    return words if abs(at - now) < _HALF_A_YEAR else f"{words}, {at.year}"


def _short(at: datetime, _now: datetime) -> str:
    return f"{at:%b} {at.day}, {at.year}"


def _long_full(at: datetime, _now: datetime) -> str:
    return f"{at:%B} {at.day}, {at.year}"


def _long(at: datetime, _now: datetime) -> str:
    return f"{_divider(at)}, {at.year}"


def _divider(at: datetime) -> str:
    return f"{at:%A}, {at:%B} {_ordinal(at.day)}"


def _this_year(at: datetime, now: datetime) -> str:
    return _divider(at) if at.year == now.year else _long(at, now)


def _pretty(otherwise: Callable[[datetime, datetime], str]) -> Callable[[datetime, datetime], str]:
    def words(at: datetime, now: datetime) -> str:
        return _NEARBY.get((at.date() - now.date()).days) or otherwise(at, now)

    return words


def _ago(at: datetime, now: datetime) -> str:
    # Two moments of one time zone are subtracted by their clocks; in between, the clock may have been put back.
    seconds = int((now.astimezone(UTC) - at.astimezone(UTC)).total_seconds())
    for size, unit in _UNITS:
        count = abs(seconds) // size
        if count:
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "now"


_TOKENS: Mapping[str, Callable[[datetime, datetime], str]] = {
    "ago": _ago,
    "date": _day,
    "date_long": _long,
    "date_long_full": _long_full,
    "date_long_pretty": _pretty(_long),
    "date_num": lambda at, _now: f"{at:%Y-%m-%d}",
    "date_pretty": _pretty(_day),
    "date_short": _short,
    "date_short_pretty": _pretty(_short),
    "date_slash": lambda at, _now: f"{at:%d/%m/%Y}",
    "day_divider_pretty": _pretty(_this_year),
    "time": lambda at, _now: f"{at:%H:%M}",
    "time_secs": lambda at, _now: f"{at:%H:%M:%S}",
}
