"""What the clock does not allow yet, or the policy any more: found before anybody is asked for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

NIGHTS = """
time_zone = "Europe/Berlin"
[quiet_hours]
start = 19:00:00
end = 09:00:00
weekends = false
"""
LARGE = '[[approvals]]\nname = "large"\nthreshold = 100\napprovers = ["U0APPROVER"]\n'
SMALL_DAYS = 'day_cap = 500\ntime_zone = "Europe/Berlin"\n'


@pytest.fixture
def clock() -> MovableClock:
    """A clock that a test can move."""
    return MovableClock()


async def begin(town: Town, person: Person) -> None:
    """This person has confirmed, and making the model takes a second."""
    await doing.review(person)
    town.polytomic.faults.next("create_model", "slow", 1, seconds=1)
    await doing.confirm(person)


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        (datetime(2027, 3, 27, 19, 30, tzinfo=UTC), datetime(2027, 3, 28, 7, tzinfo=UTC)),
        (datetime(2027, 10, 30, 18, 30, tzinfo=UTC), datetime(2027, 10, 31, 8, tzinfo=UTC)),
    ],
    ids=["the night loses an hour", "the night has one more"],
)
async def test_quiet_hours_end_by_the_clock_on_the_wall(
    open_here: OpenTown, clock: MovableClock, tmp_path: Path, evening: datetime, morning: datetime
) -> None:
    """Over a change to or from summer time, and over a restart; a quarter of an hour earlier nothing starts."""
    doing.set_to(clock, evening)
    nights = doing.policy(tmp_path, NIGHTS)
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.1), policy_file=nights) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        held = await doing.says(rina, "On hold · 312 contacts")
        assert f"Quiet hours (Europe/Berlin). Starts {morning:%Y-%m-%d %H:%M} UTC." in held
        doing.set_to(clock, morning - timedelta(minutes=15))
        await town.restart_bot()
        assert held == await doing.says(rina, "On hold · 312 contacts")
        assert 0 == doing.runs(town)
        doing.set_to(clock, morning)
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))


async def test_a_run_that_goes_is_not_interrupted_by_quiet_hours_and_the_next_batch_waits(
    open_here: OpenTown, clock: MovableClock, tmp_path: Path
) -> None:
    """Who is in by then is counted in the words."""
    doing.set_to(clock, datetime(2027, 3, 25, 17, 59, 50, tzinfo=UTC))
    nights = doing.policy(tmp_path, NIGHTS)
    switches = doing.willing(run_seconds=4)
    async with open_here(clock=clock, switches=switches, policy_file=nights, batch_size=200) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        await doing.says(rina, "Running · 312 contacts")
        doing.set_to(clock, datetime(2027, 3, 25, 18, 0, 10, tzinfo=UTC))
        held = await doing.says(rina, "On hold · 312 contacts")
        assert "Quiet hours (Europe/Berlin). 200 have been enrolled so far. Goes on 2027-03-26 08:00 UTC." in held
        assert 1 == doing.runs(town)
        doing.set_to(clock, datetime(2027, 3, 26, 8, 0, 1, tzinfo=UTC))
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        assert 2 == doing.runs(town)


async def test_what_is_approved_at_night_starts_in_the_morning(
    open_here: OpenTown, clock: MovableClock, tmp_path: Path
) -> None:
    """Not a quarter of an hour earlier, and by itself."""
    doing.set_to(clock, datetime(2027, 3, 23, 16, tzinfo=UTC))
    nights = doing.policy(tmp_path, NIGHTS + LARGE)
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.1), policy_file=nights) as town:
        rina, ada = town.person("U0REQUESTER"), town.person("U0APPROVER")
        await doing.review(rina)
        await doing.confirm(rina)
        card = await ada.until_reads(ada.id, "Approval needed · 312 contacts")
        doing.set_to(clock, datetime(2027, 3, 23, 21, tzinfo=UTC))
        await ada.press_in(card, "Approve 312 contacts")
        held = await doing.says(rina, "On hold · 312 contacts")
        assert "Quiet hours (Europe/Berlin). Starts 2027-03-24 08:00 UTC." in held
        await ada.until(lambda: "now *On hold*" in ada.read(card))
        doing.set_to(clock, datetime(2027, 3, 24, 7, 45, tzinfo=UTC))
        await town.restart_bot()
        assert held == await doing.says(rina, "On hold · 312 contacts")
        assert () == town.polytomic.models
        doing.set_to(clock, datetime(2027, 3, 24, 8, 0, 1, tzinfo=UTC))
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        await ada.until(lambda: "now *Enrolled*" in ada.read(card))


async def test_at_night_and_stopped_it_waits_for_both(open_here: OpenTown, clock: MovableClock, tmp_path: Path) -> None:
    """Resumed at night it waits for the morning; what was stopped in the night is not started by the clock."""
    doing.set_to(clock, datetime(2027, 3, 23, 21, tzinfo=UTC))
    nights = doing.policy(tmp_path, NIGHTS)
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.1), policy_file=nights) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        await doing.says(rina, "On hold · 312 contacts", "Quiet hours")
        assert (await doing.stop(town)).startswith("Stopped. 1 not yet started is on hold.")
        await doing.says(rina, "On hold · 312 contacts", "Stopped by <@U0OPERATOR>")
        doing.set_to(clock, datetime(2027, 3, 24, 8, 0, 1, tzinfo=UTC))
        await town.restart_bot()
        await doing.says(rina, "On hold · 312 contacts", "Stopped by <@U0OPERATOR>")
        doing.set_to(clock, datetime(2027, 3, 24, 21, tzinfo=UTC))
        await doing.resume(town)
        await doing.says(rina, "On hold · 312 contacts", "Quiet hours (Europe/Berlin). Starts 2027-03-25 08:00 UTC.")
        assert 0 == doing.runs(town)
        doing.set_to(clock, datetime(2027, 3, 25, 8, 0, 1, tzinfo=UTC))
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))


async def test_who_has_no_room_today_starts_tomorrow(open_here: OpenTown, clock: MovableClock, tmp_path: Path) -> None:
    """Two lists of 312 on a day that takes 500: whoever starts first has the room."""
    doing.set_to(clock, datetime(2027, 3, 25, 9, tzinfo=UTC))
    days = doing.policy(tmp_path, SMALL_DAYS)
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.1), policy_file=days) as town:
        rina, cole = town.person("U0REQUESTER"), town.person("U0COLLEAGUE")
        await doing.review(cole)
        await begin(town, rina)
        await doing.confirm(cole)
        await doing.says(cole, "Enrolled ·")
        held = await doing.says(rina, "On hold · 312 contacts")
        assert "500 a day is used up. Starts 2027-03-25 23:00 UTC." in held
        assert 1 == doing.runs(town)
        doing.set_to(clock, datetime(2027, 3, 25, 23, 0, 1, tzinfo=UTC))
        await rina.until(lambda: 2 == doing.runs(town), patience=15)


@pytest.mark.parametrize(
    ("now_says", "rule"),
    [
        ("request_cap = 300\n", "request_cap"),
        ("day_cap = 300\n", "day_cap"),
        (LARGE, "approval.large"),
        ("[canary]\nrequired_above = 100\n", "canary"),
        ('[flows]\ndeny = ["Q4*"]\n', "flows"),
        ('[connections]\nallow = ["Another*"]\n', "connections"),
        ('[channels]\ndeny = ["C0REVOPS"]\n', "channels"),
        ("[opt_out]\nrequired = true\n", "opt_out.required"),
    ],
    ids=lambda one: one if "\n" not in one else "",
)
async def test_rules_are_asked_again_before_anybody_is(
    open_here: OpenTown, tmp_path: Path, now_says: str, rule: str
) -> None:
    """Confirmed under another policy, stopped meanwhile, resumed under this one: refused by its name."""
    async with open_here(switches=doing.willing()) as town:
        rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
        await begin(town, rina)
        await olga.command("stop")
        await doing.says(rina, "On hold · 312 contacts")
        town.more["policy_file"] = doing.policy(tmp_path, now_says)
        await town.restart_bot()
        await olga.command("resume")
        asked = await olga.until_whispered("1 on hold goes on")
        await olga.press_in(asked, "Resume 1 enrollment")
        ended = rina.read(await doing.until_ended(rina))
        assert f"The policy changed after you confirmed (rule `{rule}`). Nobody was enrolled." in ended
        assert 0 == doing.runs(town)
        assert [] == doing.in_flow(town)


async def test_connections_that_are_allowed_by_name_stay_allowed(open_here: OpenTown, tmp_path: Path) -> None:
    """Their names are looked up where the process has not heard of them yet."""
    named = doing.policy(tmp_path, '[connections]\nallow = ["Sandbox *"]\n')
    async with open_here(switches=Switches(), policy_file=named) as town:
        rina = town.person("U0REQUESTER")
        await begin(town, rina)
        await town.restart_bot()
        await doing.until_ended(rina)
        assert 1 == doing.runs(town)
