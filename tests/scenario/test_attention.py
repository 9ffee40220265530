"""A run that nobody can see any more: an operator says what became of it, and nobody is enrolled twice meanwhile."""

import copy
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.sandbox.clock import MovableClock
from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import OpenTown
from tests.scenario import doing

QUERY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny'"
TEN = [with_suffix(f"003Few{number:09d}") for number in range(10)]
# Whole conversations with waiting in them: too long for every save, played by `make test-slow`.
pytestmark = pytest.mark.slow

WORDS = ("It ended", "It never ran")
ASKED = "Then press *It ended* or *It never ran*."
SILENT = "The run has been silent since"
OLD_BUTTON = "This button is from an earlier state; nothing changed. Now:"


@dataclass(frozen=True, slots=True)
class Scene:
    """Ten people in two batches of five, whose first run went out of sight; `olga` may say what became of it."""

    town: Town
    clock: MovableClock
    rina: Person
    olga: Person

    async def note(self, words: str = ASKED) -> Message:
        """The operator's note with the two buttons, the latest one."""
        await self.olga.until_reads(self.olga.id, words)
        found = [one for one in self.olga.messages(self.olga.id) if words in self.olga.read(one)]
        return found[-1]

    async def until_living(self, words: str) -> Message:
        """The living message, once it says this; time passes while everybody waits for its next edit."""
        return await self.rina.until_reads("C0REVOPS", words, patience=25)

    def executions(self) -> list[tuple[str, int]]:
        """The status of every execution, and how many people it was given."""
        return [(run.status, len(run.plan.records)) for sync in self.town.polytomic.syncs for run in sync.runs]

    def each_once(self) -> None:
        """Nobody was put into the flow twice, and nobody who was not on the list."""
        assert set(TEN) >= set(doing.in_flow(self.town))
        assert 1 >= max(Counter(doing.in_flow(self.town)).values(), default=0)


@asynccontextmanager
async def scene(open_here: OpenTown, **switches: Any) -> AsyncIterator[Scene]:
    """The enrollment is confirmed."""
    clock = MovableClock()
    world = doing.willing(**({"run_seconds": 0.2} | switches))
    async with open_here(clock=clock, switches=world, batch_size=5) as town:
        rows = [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "tiny"} for one in TEN]
        town.warehouse.insert("SALESFORCE_CONTACTS", rows)
        rina, olga = town.person("U0REQUESTER"), town.person("U0OPERATOR")
        await doing.review(rina, QUERY)
        yield Scene(town, clock, rina, olga)


async def out_of_sight(here: Scene) -> None:
    """The first run is silent for more than an hour, and everybody who has to know was told."""
    here.town.polytomic.switches.run_ends = "never"
    await doing.confirm(here.rina)
    await here.until_living("Running ·")
    await here.rina.until(lambda: "execution" in [one.operation for one in here.town.polytomic.requests])
    here.town.polytomic.switches.run_ends = "completed"
    here.town.polytomic.switches.run_seconds = 0.2
    here.clock.on(minutes=61)
    await here.until_living(SILENT)


def goes(here: Scene, *, share: float) -> None:
    """The first run was not silent at all: it has come so far, and goes on to its end."""
    run = here.town.polytomic.syncs[0].runs[0]
    age = (here.clock() - run.created_at).total_seconds()
    run.plan = replace(run.plan, end="completed", seconds=age / share)
    run.status = "processing"


# Nothing happens in it before it is looked at for the first time, or for an hour.
STUCK = {"run_seconds": 1_000_000.0}


async def test_a_run_that_never_ran_is_started_once_more(open_here: OpenTown) -> None:
    """Only on an operator's word: the silent run is ended first, and its batch goes under a new key."""
    async with scene(open_here, **STUCK) as here:
        await out_of_sight(here)
        assert [("created", 5)] == here.executions()
        await here.olga.press_in(await here.note(), "It never ran")
        assert "10 of 10 enrolled" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        assert [("canceled", 5), ("completed", 5), ("completed", 5)] == here.executions()
        here.each_once()
        answered = await here.note("It never ran. I look once more; if it reached nobody, I start it again.")
        assert "[It never ran]" not in here.olga.read(answered)


@pytest.mark.parametrize("word", WORDS)
async def test_a_run_that_reached_somebody_is_not_started_again(open_here: OpenTown, word: str) -> None:
    """Whatever was said: it is ended, counted, and the next batch goes; those not reached are told."""
    async with scene(open_here) as here:
        await out_of_sight(here)
        await here.olga.press_in(await here.note(), word)
        ended = here.rina.read(await doing.until_ended(here.rina, patience=25))
        assert "7 of 10 enrolled, 3 not reached:\n• 3 not reached by their run" in ended
        assert "[Edit and try again]" in ended
        assert [("canceled", 5), ("completed", 5)] == here.executions()
        here.each_once()


@pytest.mark.parametrize("word", WORDS)
async def test_a_run_that_ended_unseen_is_counted(open_here: OpenTown, word: str) -> None:
    """The look before anything is done finds the end, and everybody of both batches is in, by one run each."""
    async with scene(open_here, **STUCK) as here:
        await out_of_sight(here)
        goes(here, share=1)
        await here.olga.press_in(await here.note(), word)
        assert "10 of 10 enrolled" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        assert [("completed", 5), ("completed", 5)] == here.executions()
        here.each_once()


@pytest.mark.parametrize("word", [*WORDS, "Check again"])
async def test_a_run_that_shows_life_is_followed(open_here: OpenTown, word: str) -> None:
    """It is neither ended nor started again: the enrollment goes back to running by itself."""
    async with scene(open_here, **STUCK) as here:
        await out_of_sight(here)
        goes(here, share=0.8)
        presser, message = here.olga, await here.note()
        if word == "Check again":
            presser, message = here.rina, await here.until_living(SILENT)
        await presser.press_in(message, word)
        await here.until_living("Running ·")
        assert [("processing", 5)] == here.executions()
        here.clock.on(minutes=62)
        assert "10 of 10 enrolled" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        assert [("completed", 5), ("completed", 5)] == here.executions()
        here.each_once()


async def test_only_operators_judge_and_only_once(open_here: OpenTown) -> None:
    """Anyone else changes nothing; neither does a second press, nor one that comes when it is over."""
    async with scene(open_here) as here:
        await out_of_sight(here)
        note = await here.note()
        stale = copy.deepcopy(note)
        await here.rina.press_in(note, "It never ran")
        await here.rina.until_whispered("Only operators can say what became of a run:")
        assert [("processing", 5)] == here.executions()
        await here.olga.press_in(note, "It never ran", dismiss=True)
        assert [("processing", 5)] == here.executions()
        await here.olga.press_in(note, "It ended")
        await here.olga.press_in(stale, "It never ran")
        await here.olga.until_whispered(OLD_BUTTON)
        await doing.until_ended(here.rina, patience=25)
        await here.olga.press_in(stale, "It never ran")
        await here.olga.until_whispered("Now: *Partly enrolled*")
        assert [("canceled", 5), ("completed", 5)] == here.executions()
        here.each_once()


@pytest.mark.parametrize("word", WORDS)
async def test_a_word_outlives_the_bot(open_here: OpenTown, word: str) -> None:
    """Silent, judged, and killed before and after: the next bot acts on the word, once."""
    async with scene(open_here, **STUCK) as here:
        await out_of_sight(here)
        note = await here.note()
        await here.town.stop_bot()
        here.town.grace = 0
        await here.town.start_bot()
        await here.olga.press_in(note, word)
        await here.olga.until_reads(here.olga.id, "<@U0OPERATOR> said")
        await here.town.restart_bot()
        end = await doing.until_ended(here.rina, patience=25)
        again = word == "It never ran"
        assert ("10 of 10 enrolled" if again else "5 of 10 enrolled, 5 not reached") in here.rina.read(end)
        assert [("canceled", 5), *[("completed", 5)] * (1 + again)] == here.executions()
        here.each_once()


async def test_killed_between_the_new_start_and_its_answer(open_here: OpenTown) -> None:
    """The next bot finds the run that the killed one had started, and starts no other."""
    async with scene(open_here, **STUCK) as here:
        await out_of_sight(here)
        note = await here.note()
        await here.town.stop_bot()
        here.town.grace = 0
        await here.town.start_bot()
        here.town.polytomic.faults.next("start", "act_then_slow", seconds=30)
        await here.olga.press_in(note, "It never ran")
        await here.rina.until(lambda: len(here.executions()) == 2, patience=25)
        await here.town.restart_bot()
        assert "10 of 10 enrolled" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        assert [("canceled", 5), ("completed", 5), ("completed", 5)] == here.executions()
        here.each_once()


async def test_a_second_silence_is_asked_about_anew(open_here: OpenTown) -> None:
    """The answer to the first question cannot be pressed a second time: each question has a note of its own."""
    async with scene(open_here) as here:
        await out_of_sight(here)
        first = await here.note()
        here.town.polytomic.switches.run_ends = "never"
        await here.olga.press_in(first, "It ended")
        await here.rina.until(lambda: len(here.executions()) == 2)
        await here.until_living("Running ·")
        here.clock.on(minutes=61)
        await here.until_living(SILENT)
        second = await here.note()
        assert first.ts != second.ts
        await here.olga.press_in(second, "It ended")
        assert "4 of 10 enrolled, 6 not reached" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        here.each_once()


async def test_an_interrupted_run_may_resume_or_be_judged(open_here: OpenTown) -> None:
    """Five minutes are its own; then an operator is asked, and a run that was resumed is followed again."""
    async with scene(open_here) as here:
        here.town.polytomic.switches.run_ends = "interrupted"
        await doing.confirm(here.rina)
        await here.rina.until(lambda: [("interrupted", 5)] == here.executions())
        await here.until_living("Running ·")
        here.town.polytomic.switches.run_ends = "completed"
        here.clock.on(minutes=6)
        await here.until_living("Polytomic has interrupted the run since")
        await here.note("is interrupted since")
        goes(here, share=1)
        await here.rina.press_in(here.rina.messages("C0REVOPS")[0], "Check again")
        assert "10 of 10 enrolled" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        here.each_once()


async def test_a_canceled_silence_ends(open_here: OpenTown) -> None:
    """The requester's *Cancel* needs no operator: Polytomic is asked to end the run, and the enrollment is over."""
    async with scene(open_here) as here:
        await out_of_sight(here)
        await here.rina.press_in(await here.until_living(SILENT), "Cancel")
        assert "2 were already enrolled and stay" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        assert [("canceled", 5)] == here.executions()
        here.each_once()


@pytest.mark.parametrize(("start", "executions"), [("cut_before", 2), ("act_then_cut", 2)])
async def test_a_start_that_was_never_answered(open_here: OpenTown, start: Kind, executions: int) -> None:
    """*It ended* can be said of no run; *It never ran* starts one only where none is found."""
    async with scene(open_here) as here:
        here.town.polytomic.faults.next("start", start)
        here.town.polytomic.faults.next("executions", "odd", 99)
        await doing.confirm(here.rina)
        await here.until_living("Needs attention ·")
        note = await here.note()
        here.clock.on(minutes=5)
        await here.olga.press_in(note, "It ended")
        await here.olga.until_whispered("I know of no run of")
        here.town.polytomic.faults.clear()
        await here.olga.press_in(note, "It never ran")
        assert "10 of 10 enrolled" in here.rina.read(await doing.until_ended(here.rina, patience=25))
        assert [("completed", 5)] * executions == here.executions()
        here.each_once()
