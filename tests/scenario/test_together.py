"""Where guards meet: a word that comes while all is stopped, or at night, is heard, and nobody goes too early."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# Each of them waits for several people: played by `make test-slow`.
pytestmark = pytest.mark.slow

TICK = "Start with the first 5 and wait for my word"
LARGE = '[[approvals]]\nname = "large"\nthreshold = 100\napprovers = ["U0APPROVER"]\n'
NIGHTS = 'time_zone = "Europe/Berlin"\n[quiet_hours]\nstart = 19:00:00\nend = 09:00:00\n'
HELD = "Stopped by <@U0OPERATOR>"
EVENING = datetime(2027, 3, 23, 16, tzinfo=UTC)
NIGHT = datetime(2027, 3, 23, 21, tzinfo=UTC)
BEFORE = datetime(2027, 3, 24, 7, 45, tzinfo=UTC)
MORNING = datetime(2027, 3, 24, 8, 0, 1, tzinfo=UTC)


async def asked(town: Town) -> tuple[Person, Person, Message]:
    """Rina waits for ada's word; ada has the card."""
    rina, ada = town.person("U0REQUESTER"), town.person("U0APPROVER")
    await doing.review(rina)
    await doing.confirm(rina)
    return rina, ada, await ada.until_reads(ada.id, "Approval needed · 312 contacts")


async def canary_waits(town: Town) -> tuple[Person, Message]:
    """Five of rina's 312 are in, and the others wait for her word."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    await rina.tick("How it begins", TICK)
    await rina.until(lambda: doing.button(rina) == "Start with 5 of 312")
    await doing.confirm(rina)
    return rina, await rina.until_reads("C0REVOPS", "[Release 307 contacts]")


async def test_a_canary_that_is_released_while_stopped_goes_on_once_it_is_resumed(open_here: OpenTown) -> None:
    """Its five stay; the word counts, starts nobody, holds over a restart, and needs not be given twice."""
    async with open_here(switches=doing.willing(run_seconds=0.1)) as town:
        rina, waiting = await canary_waits(town)
        assert (await doing.stop(town)).startswith("Stopped. Nothing was about to start, and nothing was running.")
        await rina.until(lambda: "*Enrolling is stopped* since" in rina.read(waiting))
        await rina.press_in(waiting, "Release 307 contacts")
        held = await doing.says(rina, "On hold · 312 contacts", HELD)
        assert "5 have been enrolled so far." in held
        assert "Nobody has been enrolled" not in held
        await town.restart_bot()
        assert (1, 5) == (doing.runs(town), len(doing.in_flow(town)))
        assert (await doing.resume(town)).startswith("1 on hold goes on")
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        assert 2 == doing.runs(town)
        assert 312 == len(set(doing.in_flow(town))) == len(doing.in_flow(town))
        assert "released by @Rina" in rina.read(await rina.until_reads("C0REVOPS", "Receipt E-"))


async def test_a_canary_that_is_not_released_waits_through_a_stop(open_here: OpenTown) -> None:
    """Resuming is nobody's word for the rest."""
    async with open_here(switches=doing.willing(run_seconds=0.1)) as town:
        rina, waiting = await canary_waits(town)
        await doing.stop(town)
        assert "Nothing is on hold." in await doing.resume(town, "Resume")
        await rina.until(lambda: "*Enrolling is stopped* since" not in rina.read(waiting))
        assert 5 == len(doing.in_flow(town))
        await rina.press_in(waiting, "Release 307 contacts")
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))


async def test_what_is_approved_while_stopped_goes_on_once_it_is_resumed(open_here: OpenTown, tmp_path: Path) -> None:
    """The card says what it waits for, and the word is not asked for again."""
    large = doing.policy(tmp_path, LARGE)
    async with open_here(switches=doing.willing(run_seconds=0.1), policy_file=large) as town:
        rina, ada, card = await asked(town)
        await doing.stop(town)
        await ada.until(lambda: "*Enrolling is stopped* since" in ada.read(card))
        await ada.press_in(card, "Approve 312 contacts")
        held = await doing.says(rina, "On hold · 312 contacts", HELD)
        assert "Nobody has been enrolled." in held
        await ada.until(lambda: "now *On hold*" in ada.read(card))
        assert () == town.polytomic.models
        await doing.resume(town)
        rest = rina.read(await doing.until_ended(rina))
        assert "312 of 312 enrolled" in rest
        await ada.until(lambda: "now *Enrolled*" in ada.read(card))
        assert 312 == len(doing.in_flow(town))


async def test_what_is_approved_at_night_starts_in_the_morning(open_here: OpenTown, tmp_path: Path) -> None:
    """Not a quarter of an hour earlier, and by itself."""
    clock = MovableClock()
    doing.set_to(clock, EVENING)
    nights = doing.policy(tmp_path, NIGHTS + LARGE)
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.1), policy_file=nights) as town:
        rina, ada, card = await asked(town)
        doing.set_to(clock, NIGHT)
        await ada.press_in(card, "Approve 312 contacts")
        held = await doing.says(rina, "On hold · 312 contacts")
        assert "Quiet hours (Europe/Berlin). Starts 2027-03-24 08:00 UTC." in held
        await ada.until(lambda: "now *On hold*" in ada.read(card))
        doing.set_to(clock, BEFORE)
        await town.restart_bot()
        assert held == await doing.says(rina, "On hold · 312 contacts")
        assert () == town.polytomic.models
        doing.set_to(clock, MORNING)
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
        await ada.until(lambda: "now *Enrolled*" in ada.read(card))


async def test_at_night_and_stopped_it_waits_for_both(open_here: OpenTown, tmp_path: Path) -> None:
    """Resumed at night it waits for the morning; what was stopped in the night is not started by the clock."""
    clock = MovableClock()
    doing.set_to(clock, NIGHT)
    nights = doing.policy(tmp_path, NIGHTS)
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.1), policy_file=nights) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        await doing.says(rina, "On hold · 312 contacts", "Quiet hours")
        assert (await doing.stop(town)).startswith("Stopped. 1 not yet started is on hold.")
        await doing.says(rina, "On hold · 312 contacts", HELD)
        doing.set_to(clock, MORNING)
        await town.restart_bot()
        await doing.says(rina, "On hold · 312 contacts", HELD)
        doing.set_to(clock, datetime(2027, 3, 24, 21, tzinfo=UTC))
        await doing.resume(town)
        await doing.says(rina, "On hold · 312 contacts", "Quiet hours (Europe/Berlin). Starts 2027-03-25 08:00 UTC.")
        assert 0 == doing.runs(town)
        doing.set_to(clock, datetime(2027, 3, 25, 8, 0, 1, tzinfo=UTC))
        assert "312 of 312 enrolled" in rina.read(await doing.until_ended(rina))
