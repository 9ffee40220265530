"""App Home: what waits for a person, their enrollments with one button each, and the connections."""

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing


async def _home(town: Town, who: str = "U0REQUESTER") -> Person:
    person = town.person(who)
    await person.open_home()
    await person.until(person.home)
    return person


async def test_home_begins_empty_and_says_what_to_expect(town: Town) -> None:
    """Its blocks stand in their order, and the button opens the form."""
    rina = await _home(town)
    parts = [
        "[Enroll contacts]",
        "[Check connections]",
        "Waiting for you",
        "Nothing waits for you.",
        "Your enrollments",
        "No enrollments yet. Nothing is sent before you confirm the numbers.",
        "Connections",
        "Polytomic :white_check_mark: reachable",
        "Snowflake :white_check_mark: Sandbox Snowflake",
        "Gong :white_check_mark: Sandbox Gong",
        "As of",
    ]
    places = [rina.home().find(part) for part in parts]
    assert -1 not in places
    assert sorted(places) == places
    await rina.press_home("Enroll contacts")
    await rina.until_sees("Check contacts")


async def test_guests_see_one_sentence(town: Town) -> None:
    """Nothing of anybody's work is shown to them."""
    gus = await _home(town, "U0GUEST")
    assert "Enroll Flow is for full members of this workspace." == gus.home()


@pytest.mark.slow
async def test_home_follows_an_enrollment(open_here: OpenTown) -> None:
    """It is redrawn when its rows change, with the button that helps in each state."""
    async with open_here(switches=Switches(run_ends="never")) as town:
        rina = await _home(town)
        await doing.review(rina)
        await doing.confirm(rina)
        await rina.until(lambda: "*Running* · 312 → Q4 Renewal" in rina.home())
        await rina.press_home("Cancel")
        await rina.until(lambda: "*Canceled* · 312 → Q4 Renewal" in rina.home())
        await rina.press_home("Edit and try again")
        await rina.until_sees("Your draft is back.")
        assert doing.QUERY in rina.sees()


@pytest.mark.slow
async def test_the_refused_can_be_asked_for_from_home(town: Town) -> None:
    """The file comes by direct message, once per press."""
    rina = await _home(town)
    await doing.review(rina)
    await doing.confirm(rina)
    await doing.until_ended(rina)
    await rina.until(lambda: "[Send me the refused]" in rina.home())
    await rina.until(lambda: 1 == len(doing.files(rina, "-refused.csv")))
    await rina.press_home("Send me the refused")
    await rina.until(lambda: 2 == len(doing.files(rina, "-refused.csv")))


@pytest.mark.slow
async def test_enroll_more_opens_an_empty_form(open_here: OpenTown) -> None:
    """From the message of an enrollment where nobody was refused, as from Home."""
    async with open_here(switches=Switches(not_in_crm_percent=0, already_in_flow_percent=0)) as town:
        rina = await _home(town)
        await doing.review(rina)
        await doing.confirm(rina)
        living = await doing.until_ended(rina)
        await rina.press_in(living, "Enroll more")
        await rina.until_sees("Check contacts")
        assert doing.QUERY not in rina.sees()
        assert "Your draft is back." not in rina.sees()
        await rina.close()
        await rina.until(lambda: "[Enroll more]" in rina.home())
        await rina.press_home("Enroll more")
        await rina.until_sees("Check contacts")


@pytest.mark.slow
async def test_the_same_query_into_the_same_flow_is_not_started_twice(open_here: OpenTown) -> None:
    """The review says what is open already, and *Show it* leads there."""
    # Nobody has been sent yet: later the people themselves would be left out.
    async with open_here(switches=Switches(models_as_jobs=True, job_seconds=5)) as town:
        rina = town.person("U0REQUESTER")
        for _ in range(2):
            await doing.review(rina)
            await rina.submit()
        await rina.until_sees("You already have this open: `E-")
        assert "Nothing was started." in rina.sees()
        await rina.press("Show it")
        await rina.until(lambda: any("· 312 → Q4 Renewal · `E-" in rina.read(one) for one in _private(rina)))
        await rina.until(lambda: 1 == len(town.polytomic.models))


def _private(rina: Person) -> list[Message]:
    return [*rina.whispers(), *rina.dms()]


async def test_connections_are_looked_at_anew_on_request(town: Town) -> None:
    """A consent that was withdrawn shows, with the button that mends it."""
    rina = await _home(town)
    town.polytomic.revoke_gong()
    await rina.press_home("Check connections")
    await rina.until(lambda: "Gong :warning: needs consent again" in rina.home())
    assert "[Reconnect Gong]" in rina.home()


async def test_while_polytomic_is_silent_home_says_so(town: Town) -> None:
    """What was known before is still shown."""
    rina = await _home(town)
    town.polytomic.faults.next("connections", "refuse", times=9)
    await rina.press_home("Check connections")
    await rina.until(lambda: "Polytomic :warning: does not answer" in rina.home())
    assert "Gong :white_check_mark: Sandbox Gong" in rina.home()
