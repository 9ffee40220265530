"""Quiet hours: their end is the first moment that is not quiet, on every day, also when the clock jumps."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.enrollment import hours
from bot.enrollment.judging import quiet_until
from bot.enrollment.model.policies import Quiet

# Both directions, half an hour, at midnight, on both halves of the globe, and a zone that never jumps.
_ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "UTC"]
_MINUTE = timedelta(minutes=1)
_TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@st.composite
def quiets(draw: st.DrawFn) -> Quiet:
    """Any quiet hours."""
    zone = draw(st.sampled_from(_ZONES))
    days = tuple(draw(st.lists(_DAYS, max_size=2)))
    return Quiet(zone, draw(_TIMES), draw(_TIMES), weekends=draw(st.booleans()), days=days)


def jumps(zone: str) -> list[datetime]:
    """The minutes of two years at which the zone's clock jumps."""
    begin, found = datetime(2026, 1, 1, tzinfo=UTC), []
    for hour in range(2 * 365 * 24):
        now = begin + timedelta(hours=hour)
        if (
            now.astimezone(ZoneInfo(zone)).utcoffset()
            != (now - timedelta(hours=1)).astimezone(ZoneInfo(zone)).utcoffset()
        ):
            found.append(now)
    return found


_JUMPS = {zone: jumps(zone) or [datetime(2026, 3, 29, 1, tzinfo=UTC)] for zone in _ZONES}


@given(quiets(), st.data())
def test_their_end_is_the_first_moment_that_is_not_quiet(quiet: Quiet, data: st.DataObject) -> None:
    """Not quiet then, and quiet on every minute before: near the jumps of the clock as on any other day."""
    near = data.draw(st.sampled_from(_JUMPS[quiet.zone]))
    now = near + timedelta(minutes=data.draw(st.integers(-2000, 2000)))
    end = quiet_until(quiet, now)
    if end is None:
        assert not hours.is_quiet(quiet, now)
        return
    assert end > now
    assert end.tzinfo is UTC
    assert not hours.is_quiet(quiet, end)
    minutes = min(int((end - now) / _MINUTE), 4000)
    assert all(
        hours.is_quiet(quiet, now + minute * _MINUTE) for minute in range(minutes + (end - now > minutes * _MINUTE))
    )
    assert hours.is_quiet(quiet, end - timedelta(seconds=1))


@given(st.sampled_from(_ZONES), st.integers(0, 2 * 365 * 24 * 60))
def test_days_follow_each_other_without_a_gap(zone: str, minutes: int) -> None:
    """Today began at or before now, tomorrow begins after it, and what ends today begins tomorrow."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    began, ends = hours.day_began(zone, now), hours.next_day(zone, now)
    assert began <= now < ends
    assert timedelta(hours=22) < ends - began < timedelta(hours=26)
    assert began == hours.day_began(zone, ends - timedelta(seconds=1))
    assert ends == hours.day_began(zone, ends)


NIGHT = Quiet("Europe/Berlin", time(19), time(9))


@pytest.mark.parametrize(
    ("quiet", "now", "end"),
    [
        (NIGHT, "2026-11-23 17:59", None),
        (NIGHT, "2026-11-23 18:00", "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 07:59", "2026-11-24 08:00"),
        # From Friday evening to Monday morning, and on past a holiday.
        (NIGHT, "2026-11-27 18:00", "2026-11-30 08:00"),
        (Quiet("Europe/Berlin", time(19), time(9), days=(date(2026, 11, 30),)), "2026-11-28 12:00", "2026-12-01 08:00"),
        # The clock is put forward at 01:00 UTC on a Sunday, back on another: Monday begins by the new one.
        (NIGHT, "2026-03-27 20:00", "2026-03-30 07:00"),
        (NIGHT, "2026-10-23 20:00", "2026-10-26 08:00"),
        # 02:30 does not exist that night: quiet ends with the jump.
        (Quiet("Europe/Berlin", time(1), time(2, 30), weekends=False), "2026-03-29 00:30", "2026-03-29 01:00"),
        # 02:30 comes twice that night: quiet ends, is there once more, and ends again.
        (Quiet("Europe/Berlin", time(1), time(2, 30), weekends=False), "2026-10-25 00:10", "2026-10-25 00:30"),
        (Quiet("Europe/Berlin", time(1), time(2, 30), weekends=False), "2026-10-25 01:10", "2026-10-25 01:30"),
        # Equal times: no hours of a day.
        (Quiet("Europe/Berlin", time(), time()), "2026-11-23 03:00", None),
        (Quiet("Europe/Berlin", time(), time()), "2026-11-22 03:00", "2026-11-22 23:00"),
    ],
)
def test_on_these_days(quiet: Quiet, now: str, end: str | None) -> None:
    """Nights, weekends, holidays, the hour that is missing and the one that comes twice."""
    at = datetime.fromisoformat(f"{now}+00:00")
    assert (end and datetime.fromisoformat(f"{end}+00:00")) == quiet_until(quiet, at)


def test_without_quiet_hours_it_is_never_quiet() -> None:
    """None at all is not the same as all hours."""
    assert None is quiet_until(None, datetime(2026, 11, 22, 3, tzinfo=UTC))
