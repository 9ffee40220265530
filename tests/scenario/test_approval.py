"""Another person's word: the card, yes, no, questions, taking it back, and time that passes."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

Office = Callable[..., AbstractAsyncContextManager[Town]]
POLICY = (
    'enroll = ["S0REVOPS"]',
    'operators = ["U0OPERATOR"]',
    "[canary]",
    "ticked_from = 100000",
    "[[approvals]]",
    'name = "large"',
    "threshold = 100",
    'approvers = ["U0APPROVER", "U0OPERATOR"]',
)
NEEDED = "Approval needed · 312 contacts → Q4 Renewal"


@pytest.fixture
def clock() -> MovableClock:
    """A clock that a test can move."""
    return MovableClock()


@pytest.fixture
def office(open_here: OpenTown, clock: MovableClock, tmp_path: Path) -> Office:
    """Opens a town whose policy asks ada or olga about more than a hundred contacts; lines are added to that rule."""

    @asynccontextmanager
    async def opened(*lines: str) -> AsyncIterator[Town]:
        policy = tmp_path / "policy.toml"
        policy.write_text("\n".join([*POLICY, *lines]), encoding="utf-8")
        async with open_here(clock=clock, switches=doing.willing(), policy_file=str(policy)) as town:
            yield town

    return opened


async def asked(town: Town, where: str = "U0APPROVER") -> tuple[Person, Person, Message]:
    """Rina has asked for 312 contacts; ada has the card."""
    rina, ada = town.person("U0REQUESTER"), town.person("U0APPROVER")
    await doing.review(rina)
    await doing.confirm(rina)
    return rina, ada, await ada.until_reads(where, NEEDED)


async def until_says(person: Person, message: Message, *said: str) -> None:
    """The message says all this now."""
    await person.until(lambda: all(words in person.read(message) for words in said))


def replies(person: Person, first: Message) -> str:
    """What stands in the thread of this message."""
    return person.reads([one for one in person.messages(first.channel) if one.thread_ts == first.ts])


def buttons(person: Person, message: Message) -> list[str]:
    """The labels of the message's buttons."""
    return [line for line in person.read(message).splitlines() if line.startswith("[")]


async def living_of(rina: Person) -> Message:
    """The message that follows the enrollment."""
    return await rina.until_reads("C0REVOPS", "· 312 contacts → Q4 Renewal")


async def test_an_approver_says_yes(office: Office) -> None:
    """Nobody is enrolled before; then it starts by itself, and the card says who allowed it."""
    async with office() as town:
        rina, ada, card = await asked(town)
        living = await living_of(rina)
        said = ada.read(card)
        for words in (
            "*Requester* <@U0REQUESTER>",
            "*Sender* not shown",
            "*Reads* salesforce_contacts",
            "*If you approve,* 312 people start this flow. Mail can leave within minutes and cannot be recalled.",
            "*Why you:* rule `approval.large`, more than 100 contacts need 1 of 2 approvers. Rule owner: @Olga.",
            "= will be enrolled           312",
            "· any edit voids this",
        ):
            assert words in said
        assert ["[Approve 312 contacts]", "[Deny]", "[Ask]", "[Show query]"] == buttons(ada, card)
        assert "Asked @Ada or @Olga (1 needed): more than 100 contacts." in rina.read(living)
        assert ["[Withdraw]"] == buttons(rina, living)
        assert 0 == len(town.polytomic.models)
        await ada.press_in(card, "Approve 312 contacts")
        await until_says(ada, card, "*Approved* by <@U0APPROVER>", "· 312 → Q4 Renewal · now *Enrolled*")
        assert [] == buttons(ada, card)
        assert 312 == len(doing.in_flow(town))
        await rina.until(lambda: "<@U0APPROVER> approved" in replies(rina, living))


@pytest.mark.slow
async def test_an_approver_says_no_with_a_reason(office: Office) -> None:
    """A reason is asked for; the requester is told once, and nothing ever reaches Polytomic."""
    async with office() as town:
        rina, ada, card = await asked(town)
        await ada.press_in(card, "Deny")
        await ada.until_sees("Deny request")
        assert "The requester sees it, and so does everyone who reads the enrollment's message." in ada.sees()
        await ada.type("Reason", "   ")
        assert {"Reason": "Write why: the requester reads it."} == await ada.submit(anyway=True)
        await ada.type("Reason", "Wait for <the launch>")
        assert {} == await ada.submit()
        await until_says(ada, card, "*Denied* by <@U0APPROVER>", "“Wait for <the launch>”")
        living = await living_of(rina)
        await until_says(rina, living, "Denied · 312 contacts", "“Wait for <the launch>”. Nobody was enrolled.")
        assert ["[Edit and ask again]"] == buttons(rina, living)
        await rina.until(lambda: "<@U0REQUESTER> Denied by <@U0APPROVER>: “" in replies(rina, living))
        assert 0 == len(town.polytomic.models)
        await rina.press_in(living, "Edit and ask again")
        await rina.until_sees("Check contacts")
        assert doing.QUERY in rina.sees()


@pytest.mark.slow
async def test_a_question_and_its_answer_stand_in_both_threads(office: Office) -> None:
    """The request keeps waiting; the question is answered once, by the requester alone."""
    async with office() as town:
        rina, ada, card = await asked(town)
        living = await living_of(rina)
        await ada.press_in(card, "Ask")
        await ada.until_sees("Ask the requester")
        await ada.type("Question", "Why now?")
        assert {} == await ada.submit()
        question = await rina.until_reads("C0REVOPS", "<@U0APPROVER> asks <@U0REQUESTER>: “Why now?”")
        assert living.ts == question.thread_ts
        await ada.until(lambda: "asks <@U0REQUESTER>: “Why now?”" in replies(ada, card))
        assert "[Answer]" not in replies(ada, card)
        await ada.press_in(question, "Answer")
        await ada.until_whispered("Only <@U0REQUESTER> can answer this. Nothing changed.")
        await rina.press_in(question, "Answer")
        await rina.until_sees("Why now?")
        await rina.type("Answer", "They renew in March.")
        assert {} == await rina.submit()
        await rina.until(lambda: "<@U0REQUESTER>: “They renew in March.”" in replies(rina, living))
        await ada.until(lambda: "<@U0REQUESTER>: “They renew in March.”" in replies(ada, card))
        await rina.until(lambda: [] == buttons(rina, question))
        assert NEEDED in ada.read(card)
        await ada.press_in(card, "Approve 312 contacts")
        await doing.until_ended(rina)


@pytest.mark.slow
async def test_the_requester_takes_it_back(office: Office) -> None:
    """Only they or an operator can; a press on the card that is too late changes nothing."""
    async with office() as town:
        rina, ada, card = await asked(town)
        ben = town.person("U0BYSTANDER")
        living = await living_of(rina)
        await ben.press_in(living, "Withdraw")
        await ben.until_whispered("Only they or an operator can withdraw it. Nothing changed.")
        await town.restart_bot()
        await rina.press_in(living, "Withdraw")
        await until_says(ada, card, "*Withdrawn* by <@U0REQUESTER>")
        await until_says(rina, living, "Canceled · 312 contacts", "Nobody was enrolled.")
        assert [] == buttons(ada, card)
        assert 0 == len(town.polytomic.models)


@pytest.mark.slow
async def test_presses_by_the_wrong_person_and_twice(office: Office) -> None:
    """The requester and bystanders change nothing; the second press repeats the first answer."""
    async with office("needed = 2", 'channel = "C0REVOPS"') as town:
        rina, ada, card = await asked(town, "C0REVOPS")
        olga, ben = town.person("U0OPERATOR"), town.person("U0BYSTANDER")
        await rina.press_in(card, "Approve 312 contacts")
        await rina.until_whispered("You asked for this, so someone else has to approve it. Nothing changed.")
        await ben.press_in(card, "Approve 312 contacts")
        await ben.until_whispered("Only @Ada or @Olga can decide this. Nothing changed.")
        await ben.press_in(card, "Deny")
        await ben.until(lambda: 2 == len(ben.whispers()))
        assert ben.view is None
        await ada.press_in(card, "Approve 312 contacts")
        await until_says(ada, card, "1 of 2 approved: <@U0APPROVER>.", "[Approve 312 contacts]")
        living = await living_of(rina)
        await until_says(rina, living, "1 of 2 approved: <@U0APPROVER>")
        await ada.press_in(card, "Approve 312 contacts")
        await ada.until_whispered("Already approved by <@U0APPROVER>")
        await ada.press_in(card, "Deny")
        await ada.until(lambda: 2 == ada.reads(ada.whispers()).count("Your press changed nothing."))
        assert 0 == len(town.polytomic.models)
        await town.restart_bot()
        before = card.blocks
        await olga.press_in(card, "Approve 312 contacts")
        await until_says(ada, card, "*Approved* by <@U0APPROVER> and <@U0OPERATOR>", "now *Enrolled*")
        card.blocks = before
        await olga.press_in(card, "Approve 312 contacts")
        await olga.until_whispered("Already approved by <@U0OPERATOR>")
        assert 312 == len(doing.in_flow(town))
        assert 1 == len(town.polytomic.models)


@pytest.mark.slow
async def test_time_passes_without_a_word(office: Office, clock: MovableClock) -> None:
    """Reminded at half the time, escalated at three quarters, expired at its end; each is told once."""
    async with office('escalate_to = ["U0COLLEAGUE"]') as town:
        rina, ada, card = await asked(town)
        cole, living = town.person("U0COLLEAGUE"), await living_of(rina)
        clock.on(hours=12, seconds=1)
        reminder = await ada.until_reads(ada.id, "312 contacts for Q4 Renewal wait for your decision, until")
        assert ["[Open request]"] == buttons(ada, reminder)
        assert [] == cole.dms()
        clock.on(hours=6)
        theirs = await cole.until_reads(cole.id, NEEDED)
        assert (
            "*Why you:* nobody of the first approvers decided in 18 hours; rule `approval.escalate_to`."
            in cole.read(theirs)
        )
        await until_says(rina, living, "Also asked @Cole")
        clock.on(hours=6)
        await until_says(ada, card, "*Expired*", "nobody enrolled")
        await until_says(cole, theirs, "*Expired*")
        await until_says(rina, living, "Expired · 312", "Nobody approved within 24 hours. Nobody was enrolled.")
        await rina.until(
            lambda: "<@U0REQUESTER> Expired without approval. Nobody was enrolled." in replies(rina, living)
        )
        assert 2 == len(ada.dms())
        assert 0 == len(town.polytomic.models)


@pytest.mark.slow
async def test_the_request_opens_from_home(office: Office) -> None:
    """Home counts it among what waits; the same buttons work there, and the view follows."""
    async with office("needed = 2") as town:
        rina, ada, card = await asked(town)
        await ada.open_home()
        await ada.until(lambda: "Your approval of 312 contacts → Q4 Renewal" in ada.home())
        await ada.press_home("Open request")
        await ada.until_sees(NEEDED)
        await ada.press("Show query")
        await ada.until_sees(doing.QUERY)
        await ada.close()
        await ada.press("Deny")
        await ada.until_sees("Deny request")
        await ada.close()
        await ada.press("Approve 312 contacts")
        await ada.until_sees("1 of 2 approved: <@U0APPROVER>.")
        await ada.until(lambda: "Nothing waits for you." in ada.home())
        await ada.press("Approve 312 contacts")
        await ada.until_sees("Already approved by <@U0APPROVER>")
        olga = town.person("U0OPERATOR")
        mine = await olga.until_reads(olga.id, NEEDED)
        await olga.press_in(mine, "Deny")
        await olga.until_sees("Deny request")
        await olga.type("Reason", "No.")
        await olga.submit()
        await until_says(ada, card, "*Denied* by <@U0OPERATOR>")
        await until_says(rina, await living_of(rina), "Denied ·")


@pytest.mark.slow
async def test_who_may_read_the_query(office: Office) -> None:
    """The approvers, the requester and operators; nobody else who reads the channel."""
    async with office('channel = "C0REVOPS"') as town:
        rina, ada, card = await asked(town, "C0REVOPS")
        for person in (rina, ada):
            await person.press_in(card, "Show query")
            await person.until_sees(doing.QUERY)
            await person.close()
        ben = town.person("U0BYSTANDER")
        await ben.press_in(card, "Show query")
        await ben.until_whispered("the approvers and operators can read the query of")
        assert ben.view is None
