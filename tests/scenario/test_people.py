"""Who may: those in ENROLL_USERS. Everybody else has words, and nothing they do reaches Polytomic."""

import pytest

from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.first_day import TEAM
from bot.sandbox.slack.things import Fault, User
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

REFUSED = {
    "U0BYSTANDER": (
        "You are not among those who may enroll. Members of <!subteam^S0REVOPS> may. Nothing was enrolled."
        " Rule `people`, owner <@U0OPERATOR>."
    ),
    "U0GUEST": "Guests cannot enroll contacts. Ask a full member of this workspace. Nothing was done.",
    "U0OUTSIDER": "People outside this workspace cannot use this bot.",
}


def _asked(town: Town) -> list[str]:
    return [one.operation for one in town.polytomic.requests]


@pytest.mark.parametrize("who", REFUSED)
async def test_whoever_may_not_enroll_is_told_why(town: Town, who: str) -> None:
    """The form does not come, by the command or the shortcut, and no call reaches Polytomic for it."""
    person = town.person(who)
    await town.person("U0REQUESTER").until(lambda: "target_objects" in _asked(town))
    before = _asked(town)
    await person.command(doing.QUERY)
    await person.until_sees("Not allowed")
    assert REFUSED[who] in person.sees()
    assert "[Check contacts]" not in person.sees()
    await person.close()
    await person.shortcut("enroll_contacts")
    await person.until_sees(REFUSED[who])
    assert before == _asked(town)


async def test_a_bot_has_no_answer(town: Town) -> None:
    """Two bots must not talk to each other forever."""
    town.slack.world.users["U0ROBOT"] = User("U0ROBOT", "robot", TEAM, is_bot=True)
    town.slack.world.channels["C0REVOPS"].members.add("U0ROBOT")
    robot, rina = town.person("U0ROBOT"), town.person("U0REQUESTER")
    await robot.command("help")
    await rina.command("help")
    await rina.until_whispered("start, or go on with your draft")
    assert [] == robot.whispers()


@pytest.mark.slow
async def test_with_nobody_named_nobody_may(open_here: OpenTown) -> None:
    """ENROLL_USERS unset says who has to set it."""
    async with open_here(enroll_users=()) as town:
        rina = town.person("U0REQUESTER")
        await rina.command()
        await rina.until_sees("Nobody may enroll yet: <@U0OPERATOR> has to set ENROLL_USERS. Nothing was done.")


@pytest.mark.slow
async def test_people_can_be_named_one_by_one(open_here: OpenTown) -> None:
    """A user id is as good as a group; the words name no group that does not help."""
    async with open_here(enroll_users=("U0BYSTANDER",)) as town:
        ben, rina = town.person("U0BYSTANDER"), town.person("U0REQUESTER")
        await ben.command()
        await ben.until_sees("Check contacts")
        await rina.command()
        await rina.until_sees("You are not among those who may enroll. Nothing was enrolled.")


async def test_a_stranger_may_read_help_only_inside_the_workspace(town: Town) -> None:
    """Members may ask for help and status; guests and outsiders hear that this is not for them."""
    ben, gus = town.person("U0BYSTANDER"), town.person("U0GUEST")
    await ben.command("help")
    await ben.until_whispered("start, or go on with your draft")
    await gus.command("status")
    await gus.until_whispered(REFUSED["U0GUEST"])


@pytest.mark.slow
async def test_somebody_elses_buttons_change_nothing(open_here: OpenTown) -> None:
    """A colleague, a bystander and a guest are told whose it is; an operator may cancel, and is named."""
    async with open_here(switches=Switches(run_ends="never")) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        living = await rina.until_reads("C0REVOPS", "Running · 312 contacts")
        for other in ("U0COLLEAGUE", "U0BYSTANDER", "U0GUEST"):
            person = town.person(other)
            await person.press_in(living, "Cancel")
            told = await person.until_whispered("belongs to <@U0REQUESTER>.")
            assert "Only they or an operator can cancel it. Nothing changed." in person.read(told)
        assert "Running" in rina.read(living)
        await town.person("U0OPERATOR").press_in(living, "Cancel")
        ended = await doing.until_ended(rina)
        assert "Canceled by <@U0OPERATOR>" in rina.read(ended)
        await rina.until_reads("C0REVOPS", "<@U0REQUESTER> Canceled by <@U0OPERATOR>.")


@pytest.mark.slow
async def test_somebody_elses_draft_is_not_theirs_to_open(town: Town) -> None:
    """*Edit and try again* of another person's enrollment opens nothing of it."""
    rina, cole = town.person("U0REQUESTER"), town.person("U0COLLEAGUE")
    await doing.review(rina)
    town.polytomic.gong.remove_flow(town.polytomic.gong.flow_named(doing.FLOW).id)
    await doing.confirm(rina)
    living = await doing.until_ended(rina)
    await cole.press_in(living, "Edit and try again")
    await cole.until_sees("This enrollment belongs to somebody else. Only they can open it. Nothing changed.")
    assert "salesforce_contacts" not in cole.sees()


@pytest.mark.slow
async def test_rights_that_end_while_a_form_is_open_end_it(open_here: OpenTown) -> None:
    """Whoever left the group may not confirm what they reviewed before: rights are asked for again."""
    async with open_here() as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        town.slack.world.groups["S0REVOPS"].remove("U0REQUESTER")
        await town.restart_bot()
        assert {} == await rina.submit()
        await rina.until_sees("You are not among those who may enroll.")
        assert () == town.polytomic.models


async def test_rights_lost_after_confirming_enroll_nobody(town: Town) -> None:
    """They are asked once more before the first contact is sent."""
    rina = town.person("U0REQUESTER")
    await doing.review(rina)
    town.polytomic.faults.next("target_fields", "cut_before", times=2)
    await doing.confirm(rina)
    await rina.until(lambda: 0 in [one.status for one in town.polytomic.requests])
    town.slack.world.groups["S0REVOPS"].remove("U0REQUESTER")
    await town.restart_bot()
    living = await doing.until_ended(rina)
    assert "Your rights changed after you confirmed (rule `people`). Nobody was enrolled." in rina.read(living)
    assert [] == doing.in_flow(town)


@pytest.mark.slow
async def test_while_slack_does_not_say_who_somebody_is_they_may_nothing(town: Town) -> None:
    """The words say that trying again in a minute helps."""
    rina = town.person("U0REQUESTER")
    town.slack.world.faults.append(Fault("users.info", error="internal_error"))
    await rina.command()
    await rina.until_sees("Slack does not tell me now who you are. Nothing was done. Try again in a minute.")


async def test_only_operators_connect_snowflake(town: Town) -> None:
    """Whoever may enroll and is no operator hears whom to ask, and nothing is asked of Polytomic."""
    rina = town.person("U0REQUESTER")
    await rina.command("connect snowflake")
    await rina.until_sees("Only operators may connect Snowflake. Ask <@U0OPERATOR>. Nothing was changed.")
    assert {"connections", "target_objects"} >= set(_asked(town))
