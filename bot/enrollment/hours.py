"""A policy's clock: when a day begins in its zone, and when quiet hours end. Pure; what comes in and out is UTC.

A zone's clock jumps twice a year, so nothing here adds hours to a local time: moments are found, then asked.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import count
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.enrollment.model.policies import Quiet

_SATURDAY = 5
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def zone_named(name: str) -> tzinfo:
    """The time zone of this IANA name. Raises ValueError when there is none."""
    if name == "UTC":
        return UTC  # Known everywhere, also where the machine has no time zone data.
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(name) from error


def day_began(zone: str, now: datetime) -> datetime:
    """When the day that it is now in this zone began."""
    return _midnight(now.astimezone(zone_named(zone)).date(), zone_named(zone))


def next_day(zone: str, now: datetime) -> datetime:
    """When the next day begins in this zone."""
    return _midnight(now.astimezone(zone_named(zone)).date() + _DAY, zone_named(zone))


def is_quiet(quiet: Quiet, now: datetime) -> bool:
    """True while nothing may start, by the clock on the wall there."""
    local = now.astimezone(zone_named(quiet.zone))
    if local.date() in quiet.days or (quiet.weekends and local.weekday() >= _SATURDAY):
        return True
    here = local.time()
    if quiet.start <= quiet.end:
        return quiet.start <= here < quiet.end
    return here >= quiet.start or here < quiet.end


def end_of_quiet(quiet: Quiet, now: datetime) -> datetime | None:
    """The first moment from now on that is not quiet; None when now is not."""
    if not is_quiet(quiet, now):
        return None
    return next(moment for moment in _turns(quiet, now) if moment > now and not is_quiet(quiet, moment))


def _turns(quiet: Quiet, now: datetime) -> Iterator[datetime]:
    """Every moment from now on at which quiet may end, in their order: midnights, ends, and jumps of the clock."""
    zone = zone_named(quiet.zone)
    today = now.astimezone(zone).date()
    for days in count():
        day = today + timedelta(days=days)
        ends = (datetime.combine(day, quiet.end, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        begins = _midnight(day, zone)
        yield from sorted({begins, *ends, *_jump(begins, _midnight(day + _DAY, zone), zone)})


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _jump(begins: datetime, ends: datetime, zone: tzinfo) -> tuple[datetime, ...]:
    """The moment between these two at which the zone's clock jumps, if it does: the first with the later offset."""

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(zone).utcoffset()

    if offset(begins) == offset(ends):
        return ()
    while ends - begins > _SECOND:
        middle = (begins + (ends - begins) / 2).replace(microsecond=0)
        begins, ends = (begins, middle) if offset(middle) == offset(ends) else (middle, ends)
    return (ends,)
