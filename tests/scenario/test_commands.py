"""What can be typed after `/enroll-flow`: every word has a private answer, in any letter case, and does no more."""

import pytest

from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

# What is typed, and the whole first line of what is answered.
ANSWERS = {
    "help": "*Enroll Flow* puts the contacts of a Snowflake query into a Gong Engage flow.",
    "HELP me": "*Enroll Flow* puts the contacts of a Snowflake query into a Gong Engage flow.",
    "status": "You have no enrollments yet. Start one with `/enroll-flow`.",
    "Status E-000000": "I know no `E-000000`.",
    "cancel": "Nothing of yours can be canceled: all have ended.",
    "CANCEL e-000000": "I know no `e-000000`.",
    "Connect": "Polytomic :white_check_mark: reachable",
    "stauts": "I don't know `stauts`. Did you mean `status`?",
    "conect gong": "I don't know `conect`. Did you mean `connect`?",
    "cancle": "I don't know `cancle`. Did you mean `cancel`? Type `/enroll-flow cancel`.",
    "foo": "I don't know `foo`. Nothing was done.",
    "`*<!channel>*`": "I don't know `'*<!channel>*'`. Nothing was done.",
    "history": "`history` is not here yet. `/enroll-flow status` shows your last 10.",
    "Retry": "`retry` is not here yet. Type `/enroll-flow`: Gong refuses those already in the flow.",
    "undo": "`undo` is not here yet. People leave a flow in Gong. To end one that still runs: `/enroll-flow cancel`.",
    "saved": "`saved` is not here yet. Keep the query in a .sql file and upload it.",
    "schedule": "`schedule` is not here yet. A person starts every enrollment.",
    "settings": "`settings` is not here yet. Operators change `policy.toml`.",
}


async def _answer(rina: Person, typed: str) -> Message:
    known = len(rina.whispers())
    await rina.command(typed)
    await rina.until(lambda: len(rina.whispers()) > known)
    return rina.whispers()[-1]


async def test_every_word_has_its_private_answer(town: Town) -> None:
    """No view opens, nobody else reads it, and Polytomic is asked for connections alone."""
    rina = town.person("U0REQUESTER")
    said = {typed: rina.read(await _answer(rina, typed)).splitlines()[0] for typed in ANSWERS}
    assert said == ANSWERS
    assert rina.view is None
    assert [] == town.person("U0COLLEAGUE").whispers()
    assert {"connections", "target_objects"} >= {one.operation for one in town.polytomic.requests}


@pytest.mark.parametrize("word", ["why", "receipt"])
async def test_words_kept_for_later_are_never_unknown(town: Town, word: str) -> None:
    """They say that they are not here yet, and what is."""
    rina = town.person("U0REQUESTER")
    said = rina.read(await _answer(rina, word))
    assert said.startswith(f"`{word.split(maxsplit=1)[0].lower()}` is not here yet.")


async def test_the_offered_word_can_be_pressed(town: Town) -> None:
    """The buttons of an unknown word answer as if the word had been typed."""
    rina = town.person("U0REQUESTER")
    answer = await _answer(rina, "stauts")
    await rina.press_in(answer, "Show status")
    await rina.until_whispered("You have no enrollments yet.")
    await rina.press_in(answer, "Show help")
    await rina.until_whispered("see, connect or reconnect Snowflake and Gong")


async def test_a_query_after_the_command_is_typed_into_the_form(town: Town) -> None:
    """With comparison signs as they were typed; a draft with another query wins, and says so."""
    rina = town.person("U0REQUESTER")
    await rina.command("select contact_id from salesforce_contacts where seats >= 5 and 'a&b' <> 'c'")
    await rina.until_sees("where seats >= 5 and 'a&b' <> 'c'")
    await rina.close_all()
    await rina.command("SELECT 2")
    await rina.until_sees("Your draft is kept. The query you typed after the command was not used.")
    assert "where seats >= 5" in rina.sees()


async def test_a_query_over_many_lines_is_a_query(town: Town) -> None:
    """Slack keeps the line breaks of a command."""
    rina = town.person("U0REQUESTER")
    await rina.command("WITH gold AS (SELECT 1)\nSELECT contact_id\nFROM gold")
    await rina.until_sees("FROM gold")
    await rina.command("select\n1")
    await rina.until_sees("Your draft is kept.")


@pytest.mark.slow
async def test_the_shortcut_opens_the_form_and_reports_in_messages(town: Town) -> None:
    """There is no channel, so progress goes to direct messages unless another is chosen."""
    rina = town.person("U0REQUESTER")
    await rina.shortcut("enroll_contacts")
    await rina.until_sees("Check contacts")
    await rina.type("Snowflake query", doing.QUERY)
    await rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
    assert {} == await rina.submit()
    await rina.until_sees("will be enrolled")
    assert "(•) A direct message to me" in rina.sees()
    assert "where you typed the command" not in rina.sees()
    await doing.confirm(rina)
    await doing.until_ended(rina, rina.id)


@pytest.mark.slow
async def test_status_lists_what_is_open_first(open_here: OpenTown) -> None:
    """With words, numbers, ids and links; one of them can be asked for by its id, in any case."""
    async with open_here(switches=Switches(run_ends="never")) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        living = await rina.until_reads("C0REVOPS", "Running · 312 contacts")
        said = rina.read(await _answer(rina, "status"))
        assert "*Running* · 312 → Q4 Renewal · `E-" in said
        assert "0 waiting, 1 running, 0 ended in the last 30 days." in said
        one = said.partition("`")[2].partition("`")[0]
        assert one in rina.read(living)
        assert said.splitlines()[0] == rina.read(await _answer(rina, f"status {one.lower()}"))
        near = one[:-1] + ("X" if one[-1] != "X" else "Y")
        assert f"I know no `{near}`. Did you mean `{one}`?" == rina.read(await _answer(rina, f"status {near}"))
        cole = town.person("U0COLLEAGUE")
        assert f"`{one}` is not yours." == cole.read(await _answer(cole, f"status {one}"))
        assert f"I know no `{near}`." == cole.read(await _answer(cole, f"status {near}"))
        olga = town.person("U0OPERATOR")
        assert "*Running*" in olga.read(await _answer(olga, f"status {one}"))


@pytest.mark.slow
async def test_cancel_asks_before_it_does(open_here: OpenTown) -> None:
    """*Keep it* leaves all as it is, *Cancel enrollment* ends the run; both answers stand for later presses."""
    async with open_here(switches=Switches(run_ends="never")) as town:
        rina = town.person("U0REQUESTER")
        await doing.review(rina)
        await doing.confirm(rina)
        await rina.until_reads("C0REVOPS", "Running · 312 contacts")
        question = await _answer(rina, "cancel")
        assert "312 → Q4 Renewal? Polytomic is asked to end the run." in rina.read(question)
        await rina.press_in(question, "Keep it")
        again = await _answer(rina, "Cancel")
        await rina.press_in(again, "Cancel enrollment")
        living = await doing.until_ended(rina)
        assert "Canceled by <@U0REQUESTER>" in rina.read(living)
        await rina.until(lambda: [False] == [sync.active for sync in town.polytomic.syncs])
        await rina.press_in(again, "Cancel enrollment")
        await rina.until_whispered("This button is from an earlier state; nothing changed. Now: *Canceled*")
        assert ANSWERS["cancel"] == rina.read(await _answer(rina, "cancel"))
