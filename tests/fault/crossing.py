"""One enrollment of ten people through a town where calls go wrong, and what has to hold when it comes to rest."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.polytomic.faults import Kind
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town
from tests.conftest import Clock, OpenTown
from tests.scenario import doing

QUERY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'tiny'"
TEN = tuple(with_suffix(f"003Few{number:09d}") for number in range(10))
UNKNOWN = TEN[3]
WELCOME = tuple(sorted(set(TEN) - {UNKNOWN}))
TIMEOUT = 0.7
CALLS = (
    "query",
    "query_page",
    "target_fields",
    "models",
    "create_model",
    "syncs",
    "create_sync",
    "start",
    "executions",
    "execution",
    "log_urls",
    "activate",
)
"""Every call that an enrollment may make, those that look for what a lost answer made included."""
BEFORE_CONFIRMING = frozenset({"query", "query_page", "create_connection"})

Base = Literal["sqlite", "postgresql"]
Killed = Literal["", "bot", "workers"]

ENDS = ("Enrolled ·", "Partly enrolled ·", "Failed ·", "Canceled ·", "Needs attention ·")


@dataclass(frozen=True, slots=True)
class Trouble:
    """One call that goes wrong: `operation` is the fake's name of the call, `kind` how.

    `killed` names who is cut off in the middle of the call: the whole bot, or only its parts that work.
    """

    operation: str
    kind: Kind
    times: int = 1
    status: int = 500
    seconds: float = TIMEOUT * 2
    killed: Killed = ""

    def __str__(self) -> str:
        times = f"-x{self.times}" if self.times > 1 else ""
        return f"{self.operation}-{self.kind}{times}" + (f"-{self.killed}-killed" if self.killed else "")

    def waits_in(self, town: Town) -> None:
        """The next such call goes wrong like this."""
        town.polytomic.faults.next(
            self.operation, self.kind, self.times, status=self.status, retry_after=1, seconds=self.seconds
        )

    async def kills(self, town: Town) -> None:
        """Whoever is to be killed was cut off while this call was out, and others go on over the same database."""

        def out() -> bool:
            return any(self.operation == fault.operation for fault in town.polytomic.faults.happened)

        await town.person("U0OPERATOR").until(out, patience=30)
        if self.killed == "workers":
            await town.restart_workers()
        else:
            await town.restart_bot()


@dataclass(slots=True)
class Crossing:
    """One person's way from the command to the end; `rest` is the living message where it came to rest."""

    town: Town
    rina: Person
    rest: Message | None = field(default=None)

    @property
    def words(self) -> str:
        """What the living message says."""
        return self.rina.read(self.rest) if self.rest else ""


def opened(
    open_here: OpenTown,
    *troubles: Trouble,
    clock: Clock | None = None,
    grace: float | None = None,
    policy_file: str | None = None,
    **switches: Any,
) -> AbstractAsyncContextManager[Town]:
    """A town that suits these troubles: short runs, two batches of five, and Gong to be connected if that is meant."""
    slow = any(one.kind in ("slow", "act_then_slow") and not one.killed for one in troubles)
    more: dict[str, Any] = {"batch_size": 5, "polytomic_timeout": TIMEOUT if slow else TIMEOUT * 3}
    if any(one.killed for one in troubles):
        more["grace"] = 0.0
    given = {"clock": clock, "grace": grace, "policy_file": policy_file}
    more |= {name: one for name, one in given.items() if one is not None}
    with_gong = all(one.operation != "create_connection" for one in troubles)
    world: Switches = doing.willing(**({"run_seconds": 0.1} | switches))
    return open_here(switches=world, with_gong=with_gong, **more)


async def cross(town: Town, *troubles: Trouble, rested: tuple[str, ...] = ()) -> Crossing:
    """The enrollment of the ten was asked for while these troubles waited, and has come to rest, or to `rested`."""
    crossing = Crossing(town, town.person("U0REQUESTER"))
    async with asyncio.TaskGroup() as group:
        for one in troubles:
            if one.killed:
                group.create_task(one.kills(town))
        await go_as_far_as_the_review(crossing, troubles)
        await doing.confirm(crossing.rina)
        await come_to_rest(crossing, rested or ENDS)
    return crossing


async def go_as_far_as_the_review(crossing: Crossing, troubles: Sequence[Trouble]) -> None:
    """The review of the ten stands in front, and the troubles of what follows it wait."""
    town = crossing.town
    town.warehouse.insert("SALESFORCE_CONTACTS", [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": "tiny"} for one in TEN])
    town.polytomic.gong.forget(UNKNOWN)
    early = [one for one in troubles if one.operation in BEFORE_CONFIRMING]
    for one in early:
        one.waits_in(town)
    await _reviewed(crossing)
    for one in troubles:
        if one not in early:
            one.waits_in(town)


async def come_to_rest(crossing: Crossing, rests: tuple[str, ...] = ENDS) -> None:
    """The living message says an end, or that a person is needed."""
    rina = crossing.rina

    def rested() -> Message | None:
        for message in rina.messages("C0REVOPS"):
            words = rina.read(message)
            if not message.thread_ts and any(word in words for word in rests):
                return message
        return None

    crossing.rest = await rina.until(rested, patience=40)


async def _reviewed(crossing: Crossing) -> None:
    """The review stands in front, if need be after a check or a consent that was asked for a second time."""
    rina = crossing.rina
    await doing.open_form(rina, QUERY)
    if "Gong is not connected." in rina.sees():
        await _connected(crossing)
    await _flow_picked(crossing)
    await _checked(crossing)
    while "will be enrolled" not in rina.sees():
        # A check is a question: where it was given up in words, the same person asks it again.
        await rina.close()
        assert QUERY in rina.sees()
        await _checked(crossing)


async def _checked(crossing: Crossing) -> None:
    """The form was submitted, and the check has ended: in a review, or in words that say why not."""
    rina = crossing.rina
    assert {} == await rina.submit()
    await rina.until(lambda: "will be enrolled" in rina.sees() or "Reference `R-" in rina.sees(), patience=30)


async def _flow_picked(crossing: Crossing) -> None:
    """The flow is chosen, if need be after some more typing: a process that has no flows yet says so and reads them."""
    while doing.FLOW not in (found := await crossing.rina.search("Gong Engage flow", doing.FLOW)):
        assert ["Flows cannot be loaded now. Type to try again."] == found
        await asyncio.sleep(0.1)
    await crossing.rina.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)


async def _connected(crossing: Crossing) -> None:
    """Gong is connected, if need be by a second try after words that say why the first one failed."""
    rina = crossing.rina
    await rina.press("Connect Gong")
    await rina.until(lambda: "Waiting for you in Gong." in rina.sees() or "was not connected" in rina.sees())
    if "was not connected" in rina.sees():
        assert "Your query is kept." in rina.sees()
        await rina.press("Try again")
        await rina.until_sees("Waiting for you in Gong.")
    await crossing.town.answer_gong(await rina.press("Open Gong"), "allow")
    await rina.until_sees("Gong is connected. Choose a flow.")


async def holds(crossing: Crossing) -> None:
    """Nothing was done twice, nobody is in who should not be, and what is said is what is so."""
    town, rina = crossing.town, crossing.rina
    if "Needs attention ·" in crossing.words:
        await _somebody_was_asked(crossing)
    else:
        await rina.until(lambda: not any(sync.active for sync in town.polytomic.syncs), patience=15)
    assert 1 >= len(town.polytomic.models)
    assert 1 >= len(town.polytomic.syncs)
    _each_batch_once(town)
    assert 1 == len([one for one in town.polytomic.connections if one.type == "gong"])
    enrolled = doing.in_flow(town)
    assert len(set(enrolled)) == len(enrolled)
    assert set(enrolled) <= set(WELCOME)
    if "Enrolled ·" in crossing.words or "Partly enrolled ·" in crossing.words:
        assert "9 of 10 enrolled, 1 refused" in crossing.words
        assert list(WELCOME) == sorted(enrolled)


def _each_batch_once(town: Town) -> None:
    """No contact was handed to Gong by two runs, not even one that Gong would have turned away."""
    for sync in town.polytomic.syncs:
        assert len(sync.runs) <= 2
        sent = [record.identity for run in sync.runs for record in run.plan.records]
        assert len(set(sent)) == len(sent) == 5 * len(sync.runs)


async def _somebody_was_asked(crossing: Crossing) -> None:
    """The message names who was told, and an operator has a note with the enrollment's id."""
    assert "@Olga was told." in crossing.words
    assert "[Check again]" in crossing.words
    olga = crossing.town.person("U0OPERATOR")
    await olga.until_reads(olga.id, crossing.words.partition("`")[2].partition("`")[0])
