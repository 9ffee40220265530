"""Gong's consent or Polytomic's key lost in the middle: those who can mend it are asked, and what is held goes on."""

from collections.abc import AsyncIterator, Sequence

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.polytomic.hosts import KEY
from bot.sandbox.slack.things import Fault, Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

TWENTY = tuple(with_suffix(f"003Hld{number:09d}") for number in range(20))
QUERIES = {
    "rina": "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'held'",
    "cole": "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'held too'",
}
LATER = 30.0
"""Longer than the pause between two looks at what may have been mended."""


@pytest.fixture
def clock() -> MovableClock:
    """A clock that a test can move."""
    return MovableClock()


@pytest.fixture
async def small(open_here: OpenTown, clock: MovableClock) -> AsyncIterator[Town]:
    """A town with two lists of ten, each of them two batches of five."""
    async with open_here(clock=clock, switches=doing.willing(run_seconds=0.1), batch_size=5) as town:
        rows = [
            {"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "held" if place < 10 else "held too"}
            for place, one in enumerate(TWENTY)
        ]
        town.warehouse.insert("SALESFORCE_CONTACTS", rows)
        yield town


async def reviewed(town: Town, who: str = "rina") -> Person:
    """The review of this person's ten stands in front."""
    person = town.person({"rina": "U0REQUESTER", "cole": "U0COLLEAGUE"}[who])
    await doing.review(person, QUERIES[who])
    return person


async def until_says(person: Person, *said: str, patience: float = 15) -> Message:
    """This person's living message, once it says all this."""

    def found() -> Message | None:
        for one in person.messages("C0REVOPS"):
            words = person.read(one)
            if f"Asked by <@{person.id}>" in words and all(word in words for word in said):
                return one
        return None

    message: Message = await person.until(found, patience=patience)
    return message


def once(town: Town, expected: Sequence[str], runs: int) -> None:
    """Exactly these are in the flow, each once, and each batch had one run."""
    assert sorted(expected) == sorted(doing.in_flow(town))
    sent = [record.identity for sync in town.polytomic.syncs for run in sync.runs for record in run.plan.records]
    assert sorted(expected) == sorted(sent)
    assert runs == sum(len(sync.runs) for sync in town.polytomic.syncs)
    assert len(town.polytomic.models) == len({model.name for model in town.polytomic.models})
    assert len(town.polytomic.syncs) == len({sync.body.name for sync in town.polytomic.syncs})


def told(town: Town, words: str, user: str = "U0OPERATOR") -> list[Message]:
    """The bot's messages to this person that have these words now."""
    person = town.person(user)
    return [one for one in person.dms() if words in person.read(one)]


def id_of(person: Person, message: Message) -> str:
    """The enrollment's id, as the message has it."""
    return person.read(message).partition("`")[2].partition("`")[0]


async def reconnect(town: Town, person: Person, message: Message) -> None:
    """Somebody presses *Reconnect Gong* there and allows access."""
    await person.press_in(message, "Reconnect Gong")
    await person.until_sees("Waiting for you in Gong.")
    await town.answer_gong(await person.press("Open Gong"), "allow")


@pytest.mark.slow
async def test_gong_lost_is_mended_from_the_living_message(small: Town) -> None:
    """It waits, says what for, tells the operator once, and goes on by itself when somebody has allowed access."""
    rina, olga = await reviewed(small), small.person("U0OPERATOR")
    small.polytomic.revoke_gong()
    await doing.confirm(rina)
    waits = await until_says(rina, "Waiting for Gong · 10 contacts → Q4 Renewal")
    said = rina.read(waits)
    assert "Gong needs consent again. Nobody has been enrolled; this goes on by itself once Gong is connected." in said
    assert "Expires " in said
    first = await olga.until_reads(olga.id, f"Gong needs consent again. 1 enrollment waits: `{id_of(rina, waits)}`.")
    assert [] == doing.in_flow(small)
    await reconnect(small, rina, waits)
    reply = await olga.until_reads(olga.id, "Gong is connected again. 1 enrollment went on.")
    assert first.ts == reply.thread_ts
    await rina.until(lambda: 10 == len(doing.in_flow(small)))
    once(small, TWENTY[:10], runs=2)


@pytest.mark.slow
async def test_gong_lost_between_two_batches(small: Town) -> None:
    """Those who are in are counted and stay, and the other batch goes on once."""
    rina = await reviewed(small)
    small.polytomic.faults.next("execution", "slow", seconds=0.5)
    await doing.confirm(rina)
    await rina.until(lambda: len(doing.in_flow(small)) == 5)
    small.polytomic.revoke_gong()
    waits = await until_says(rina, "Waiting for Gong ·")
    assert "5 have been enrolled so far; this goes on by itself once Gong is connected." in rina.read(waits)
    once(small, TWENTY[:5], runs=1)
    await reconnect(small, rina, waits)
    await until_says(rina, "10 of 10 enrolled")
    once(small, TWENTY[:10], runs=2)


@pytest.mark.slow
async def test_two_wait_and_are_told_of_in_one_message(small: Town) -> None:
    """Whoever connected Gong and the operator have one message each, which counts both and is mended from there."""
    small.polytomic.revoke_gong()
    await small.restart_bot()
    olga = small.person("U0OPERATOR")
    await small.person("U0REQUESTER").command("connect gong")
    rina = small.person("U0REQUESTER")
    await rina.until_sees("Waiting for you in Gong.")
    await small.answer_gong(await rina.press("Open Gong"), "allow")
    await rina.until_sees("Gong is connected.")
    await rina.close_all()
    rina, cole = await reviewed(small), await reviewed(small, "cole")
    small.polytomic.revoke_gong()
    await doing.confirm(rina)
    await until_says(rina, "Waiting for Gong ·")
    await doing.confirm(cole)
    await until_says(cole, "Waiting for Gong ·")
    words = "Gong needs consent again. 2 enrollments wait: "
    first = await olga.until_reads(olga.id, words)
    connector = await rina.until_reads(rina.id, words)
    assert "They go on by themselves." in rina.read(connector)
    await cole.command("connect")
    await cole.until_whispered("Gong :warning: needs consent again, 2 enrollments wait")
    await reconnect(small, olga, first)
    await until_says(rina, "10 of 10 enrolled")
    await until_says(cole, "10 of 10 enrolled")
    once(small, TWENTY, runs=4)
    for person, message in ((olga, first), (rina, connector)):
        healed = await person.until_reads(person.id, "Gong is connected again. 2 enrollments went on.", patience=LATER)
        assert message.ts == healed.thread_ts
        assert 1 == len([one for one in person.dms() if "Gong need" in person.read(one)])
        await person.until(lambda: "Gong needed consent again from " in person.read(message))  # noqa: B023
        assert "[Reconnect Gong]" not in person.read(message)


@pytest.mark.slow
async def test_nobody_connects_gong_in_time(small: Town, clock: MovableClock) -> None:
    """After a day it has expired: nobody is enrolled, the requester is told, and the query comes back."""
    rina = await reviewed(small)
    small.polytomic.revoke_gong()
    await doing.confirm(rina)
    await until_says(rina, "Waiting for Gong ·")
    clock.on(hours=23, minutes=59)
    await rina.open_home()
    await rina.until(lambda: "[Reconnect Gong]" in rina.home())
    clock.on(minutes=2)
    ended = await until_says(rina, "Expired · 10 contacts")
    words = "Gong was not connected within 24 hours. Nobody was enrolled. Your query is kept."
    assert words in rina.read(ended)
    await rina.until_reads("C0REVOPS", f"<@U0REQUESTER> Expired: {words}")
    once(small, (), runs=0)
    await rina.press_in(ended, "Edit and try again")
    await rina.until_sees("Your draft is back.")


@pytest.mark.slow
async def test_what_waits_for_gong_can_be_canceled(small: Town) -> None:
    """It ends at once, and connecting Gong later enrolls nobody."""
    rina = await reviewed(small)
    small.polytomic.revoke_gong()
    await doing.confirm(rina)
    waits = await until_says(rina, "Waiting for Gong ·")
    await rina.press_in(waits, "Cancel")
    await until_says(rina, "Canceled ·", "Nobody was enrolled.")
    await rina.command("connect gong")
    await rina.until_sees("Waiting for you in Gong.")
    await small.answer_gong(await rina.press("Open Gong"), "allow")
    await rina.until_sees("Gong is connected.")
    once(small, (), runs=0)


@pytest.mark.slow
async def test_who_may_not_connect_can_ask(small: Town) -> None:
    """A bystander who presses in the channel reads who can connect it, and has no link."""
    rina, ben = await reviewed(small), small.person("U0BYSTANDER")
    small.polytomic.revoke_gong()
    await doing.confirm(rina)
    waits = await until_says(rina, "Waiting for Gong ·")
    await ben.press_in(waits, "Reconnect Gong")
    await ben.until_sees("*Gong is not connected.* <@U0OPERATOR> can connect it.")
    await ben.press("Ask an operator")
    await ben.until_sees("Asked. Whatever waits for Gong goes on by itself once it is connected.")
    assert "reconnect" not in [one.operation for one in small.polytomic.requests]
    await rina.press_in(waits, "Cancel")


def lock_out(town: Town) -> None:
    """Polytomic refuses the bot's key from now on."""
    town.polytomic.callers[f"{KEY} of old"] = town.polytomic.callers.pop(KEY)


def let_in(town: Town) -> None:
    """Polytomic takes the bot's key again."""
    town.polytomic.callers[KEY] = town.polytomic.callers.pop(f"{KEY} of old")


@pytest.mark.slow
async def test_a_key_refused_before_anybody_is_asked_for(small: Town) -> None:
    """Both are held, the operator is told once with how many wait, and both go on by themselves."""
    olga = small.person("U0OPERATOR")
    rina, cole = await reviewed(small), await reviewed(small, "cole")
    lock_out(small)
    await doing.confirm(rina)
    held = await until_says(
        rina, "Retrying · 10 contacts", "Polytomic refuses the bot's key. Nobody has been enrolled."
    )
    assert "It goes on by itself once the key works again. @Olga was told. Reference `R-" in rina.read(held)
    await doing.confirm(cole)
    await until_says(cole, "Retrying · 10 contacts")
    first = await olga.until_reads(olga.id, "2 enrollments wait; nobody was enrolled. Set a new `POLYTOMIC_API_KEY`")
    reference = rina.read(held).rpartition("Reference `")[2].partition("`")[0]
    assert reference in olga.read(first)
    let_in(small)
    await until_says(rina, "10 of 10 enrolled", patience=LATER)
    await until_says(cole, "10 of 10 enrolled")
    once(small, TWENTY, runs=4)
    healed = await olga.until_reads(olga.id, "Polytomic takes my key again. 2 enrollments went on.", patience=LATER)
    assert first.ts == healed.thread_ts
    assert 1 == len(told(small, "Polytomic refuse"))


@pytest.mark.slow
async def test_a_key_refused_while_a_run_goes(open_here: OpenTown, clock: MovableClock) -> None:
    """Nobody says that nobody was enrolled; seen again, the run is counted, and no second one is started."""
    async with open_here(clock=clock, switches=doing.willing(run_seconds=3)) as town:
        rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
        await doing.review(rina)
        await doing.confirm(rina)
        await until_says(rina, "Running ·")
        lock_out(town)
        held = await until_says(rina, "Retrying · 312 contacts", "nobody will be enrolled twice")
        note = await olga.until_reads(olga.id, "1 enrollment waits; it had begun, so some of its contacts may be")
        assert "obody was enrolled" not in rina.read(held) + olga.read(note)
        assert "obody has been enrolled" not in rina.read(held)
        let_in(town)
        await until_says(rina, "312 of 312 enrolled", patience=LATER)
        assert 312 == len(doing.in_flow(town)) == len(set(doing.in_flow(town)))
        assert 1 == sum(len(sync.runs) for sync in town.polytomic.syncs)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "end", "words"),
    [
        ("create_sync", "Failed ·", "The bot's access to Polytomic was refused. Nobody was enrolled"),
        ("execution", "Needs attention ·", "The bot's access to Polytomic was refused. I will not start it again"),
    ],
)
async def test_a_key_that_nobody_mends(small: Town, clock: MovableClock, operation: str, end: str, words: str) -> None:
    """After a day it has failed where nobody was asked for, and is a question where somebody may be in."""
    rina, olga = await reviewed(small), small.person("U0OPERATOR")
    small.polytomic.faults.next(operation, "refuse", times=99, status=403)
    await doing.confirm(rina)
    await until_says(rina, "Retrying ·", "Polytomic refuses the bot's key.")
    lock_out(small)
    clock.on(hours=24, minutes=1)
    await until_says(rina, end, words)
    assert 1 == len([one for one in olga.dms() if "Set a new `POLYTOMIC_API_KEY`" in olga.read(one)])


@pytest.mark.slow
async def test_canceled_while_the_key_is_refused(small: Town) -> None:
    """Before a run it ends at once, and what was made is switched off as soon as the key works."""
    rina, olga = await reviewed(small), small.person("U0OPERATOR")
    small.polytomic.faults.next("start", "refuse", status=401)
    await doing.confirm(rina)
    held = await until_says(rina, "Retrying ·")
    lock_out(small)
    await rina.press_in(held, "Cancel")
    await rina.until(lambda: "[Cancel]" not in rina.read(held) or "Canceled ·" in rina.read(held))
    let_in(small)
    await until_says(rina, "Canceled ·", "Nobody was enrolled.", patience=LATER)
    await rina.until(lambda: [False] == [sync.active for sync in small.polytomic.syncs], patience=LATER)
    once(small, (), runs=0)
    await olga.until_reads(olga.id, "Polytomic takes my key again.", patience=LATER)


@pytest.mark.slow
async def test_one_call_refused_for_good_is_told_once(small: Town) -> None:
    """A key that works for everything but one thing: it is tried again quietly, and no operator is told of it anew."""
    rina, olga = await reviewed(small), small.person("U0OPERATOR")
    small.polytomic.faults.next("create_model", "refuse", times=99, status=403)
    await doing.confirm(rina)
    await until_says(rina, "Retrying ·")

    def refused() -> int:
        return len([one for one in small.polytomic.requests if one.operation == "create_model"])

    await rina.until(lambda: refused() >= 2, patience=LATER)
    assert 1 == len([one for one in olga.dms() if "Polytomic" in olga.read(one)])
    small.polytomic.faults.clear()
    await until_says(rina, "10 of 10 enrolled", patience=LATER)
    once(small, TWENTY[:10], runs=2)


async def confirmed_and_forgotten(town: Town, rina: Person, clock: MovableClock) -> None:
    """Before the run is started, Slack has ceased to say who somebody is, and what it said before is too old."""
    town.polytomic.faults.next("create_sync", "slow", seconds=1)
    await doing.confirm(rina)
    await rina.until(lambda: town.polytomic.models)
    town.slack.world.faults.append(Fault("users.info", error="internal_error", times=400))
    clock.on(minutes=6)


@pytest.mark.slow
async def test_slack_does_not_say_whether_the_requester_may_enroll(small: Town, clock: MovableClock) -> None:
    """It is told in words, goes on when Slack answers, and nobody is enrolled before."""
    rina = await reviewed(small)
    await confirmed_and_forgotten(small, rina, clock)
    held = await until_says(rina, "Retrying ·", "Slack does not tell me whether you may still enroll.")
    assert "Nobody has been enrolled. I ask again at" in rina.read(held)
    await rina.until(lambda: small.slack.world.faults[0].times <= 397)
    once(small, (), runs=0)
    small.slack.world.faults.clear()
    await until_says(rina, "10 of 10 enrolled", patience=LATER)
    once(small, TWENTY[:10], runs=2)


@pytest.mark.slow
async def test_slack_never_says_whether_the_requester_may_enroll(small: Town, clock: MovableClock) -> None:
    """After six hours it has failed, in words."""
    rina = await reviewed(small)
    await confirmed_and_forgotten(small, rina, clock)
    await until_says(rina, "Retrying ·", "Slack does not tell me whether you may still enroll.")
    clock.on(hours=6, minutes=2)
    await until_says(
        rina, "Failed ·", "Slack has not told me since", "whether you may still enroll. Nobody was enrolled."
    )
    once(small, (), runs=0)
