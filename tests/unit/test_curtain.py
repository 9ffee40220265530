"""What is behind the sandbox's curtain: every deed can be done, does what it says, and is seen in the next scene."""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.enrollment.attention import RESUMES_WITHIN
from bot.enrollment.limits import Limits
from bot.sandbox.behind.curtain import TownCurtain
from bot.sandbox.clock import MovableClock
from bot.sandbox.keeper import Keeper
from bot.sandbox.launch import LateCurtain
from bot.sandbox.page.scene import Curtain, Deed, Group, Table
from bot.sandbox.polytomic.ledger import Entry
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.services import Services, open_beside
from bot.sandbox.slack.first_day import BOT
from bot.sandbox.slack.things import Call, Fault
from bot.sandbox.slack.workspace import Slack
from bot.sandbox.warehouse import Warehouse


@dataclass(frozen=True)
class Stage:
    """A town whose bot was never started, and its curtain."""

    town: Services
    clock: MovableClock
    curtain: Curtain

    def group(self, group_id: str) -> Group:
        """A group as it is shown now."""
        return next(one for one in self.curtain.scene().groups if one.id == group_id)

    def deeds(self, group_id: str) -> dict[str, Deed]:
        """What the group offers now."""
        return {one.id: one for one in self.group(group_id).deeds}

    def table(self, group_id: str, title: str) -> Table:
        """One of its tables."""
        return next(one for one in self.group(group_id).tables if one.title.startswith(title))

    async def do(self, deed_id: str, **given: str) -> str:
        """Does it, with what stands in its fields from the start, but for what is given."""
        offered = (one for group in self.curtain.scene().groups for one in group.deeds if one.id == deed_id)
        return await self.curtain.do(deed_id, {one.name: one.value for one in next(offered).fields} | given)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Nothing has happened yet, and Gong is connected."""
    clock = MovableClock()
    slack = Slack(clock=clock)
    async with open_beside(slack, Warehouse(sample=False), clock=clock) as town:
        slack.deliveries.to_http("http://127.0.0.1:9/slack")
        keeper = Keeper({}, tmp_path, port=9, changed=slack.world.touch)
        yield Stage(town, clock, TownCurtain(town, keeper, clock))


async def test_every_deed_is_seen_in_the_next_scene(stage: Stage) -> None:
    """As it stands, with what is in its fields: something else is shown then, and there are words for it."""
    await stage.town.slack.deliveries.event({"event": {"type": "app_home_opened"}})
    done = []
    for deed_id in [deed.id for group in stage.curtain.scene().groups for deed in group.deeds if group.id != "bot"]:
        before = stage.curtain.scene()
        given = {"value": _other(stage.deeds("switches")[deed_id])} if deed_id.startswith("switch-") else {}
        assert await stage.do(deed_id, **given)
        assert (before.groups, before.traffic) != (stage.curtain.scene().groups, stage.curtain.scene().traffic), deed_id
        done.append(deed_id)
    assert 20 + len(fields(Switches)) < len(done)


def _other(deed: Deed) -> str:
    (field,) = deed.fields
    if field.choices:
        return next(one for one in field.choices if one != field.value)
    values = {"versions": "2024-02-08", "flow modes": "create", "models page size": "7", "run error": "Gong: no"}
    return values.get(field.label, "444" if "status" in field.label else "44")


async def test_whoever_watches_hears_of_a_deed(stage: Stage) -> None:
    """Other windows show it too."""
    with stage.town.slack.world.watch() as changed:
        await stage.do("faults-busy")
        assert changed.is_set()


async def test_the_clock_moves_on_and_never_back(stage: Stage) -> None:
    """For everybody at once, by steps or by any number of minutes."""
    before = stage.town.slack.world.clock()
    assert "The clock has moved on by 12 hours." == await stage.do("clock-half-day")
    assert "The clock has moved on by 1 hour 31 minutes." == await stage.do("clock-by", minutes="91")
    ahead = timedelta(hours=13, minutes=31)
    assert ahead == stage.clock.ahead
    for now in (stage.town.slack.world.clock(), stage.town.polytomic.clock(), stage.curtain.scene().now):
        assert ahead <= now - before < ahead + timedelta(seconds=5)
    assert "13 hours 31 minutes ahead of this machine" in stage.group("clock").words
    for wrong in ("", "soon", "nan", "-5", "0", "1e300"):
        with pytest.raises(ValueError, match=r"[.]$"):
            await stage.do("clock-by", minutes=wrong)
    assert ahead == stage.clock.ahead


def test_a_run_that_stays_open_is_told_with_the_time_until_somebody_is_asked(stage: Stage) -> None:
    """As long as the bot waits, rounded up to whole minutes that are over."""
    told = stage.deeds("faults")
    assert RESUMES_WITHIN + timedelta(minutes=1) == timedelta(minutes=6)
    assert "by 6 minutes: operators are asked." in told["faults-run-interrupted"].words
    assert timedelta(seconds=Limits().run_silent) == timedelta(hours=1)
    assert "by 1 hour: operators are asked." in told["faults-run-silent"].words
    assert "" == told["faults-run-fails"].words


async def test_faults_wait_until_they_happen_or_are_cleared(stage: Stage) -> None:
    """Each is listed with where, what and how often; none is left once they are cleared."""
    assert "faults-clear" not in stage.deeds("faults")
    await stage.do("faults-polytomic", operation="start", kind="act_then_slow", times="2", seconds="7")
    await stage.do("faults-slack", method="views.open", what="done, then cut", times="3")
    await stage.do("faults-run-fails")
    await stage.do("deliveries-twice")
    assert (
        ("Polytomic: start", "it happens, then `seconds` go by before the answer", "2 times"),
        ("Polytomic: a run", "it ends failed", "once"),
        ("Slack: views.open", "it happens, then the line is cut", "3 times"),
        ("Slack: every delivery", "it arrives twice", "until it is turned off"),
    ) == stage.table("faults", "Waiting").rows
    assert (7, 2) == ((fault := stage.town.polytomic.faults.waiting[0]).seconds, fault.times)
    assert [Fault("views.open", cut=True, after=True, times=3)] == stage.town.slack.world.faults
    await stage.do("faults-clear")
    assert () == stage.table("faults", "Waiting").rows
    assert not stage.town.slack.deliveries.twice


async def test_a_fault_that_lasts_goes_by_the_clock(stage: Stage) -> None:
    """It is listed until its time has passed."""
    await stage.do("faults-busy")
    ((where, _, how_long),) = stage.table("faults", "Waiting").rows
    assert ("Polytomic: *", "until ") == (where, how_long[:6])
    await stage.do("clock-minute")
    assert () == stage.table("faults", "Waiting").rows


async def test_consent_is_withdrawn_once(stage: Stage) -> None:
    """The connection says so; there is nothing left to withdraw then."""
    await stage.do("faults-consent")
    assert ("Sandbox Gong", "gong", "unhealthy: Gong: access was revoked") in stage.table("polytomic", "Conn").rows
    with pytest.raises(ValueError, match="No Gong connection is healthy"):
        await stage.do("faults-consent")


async def test_the_bot_leaves_a_channel_and_comes_back(stage: Stage) -> None:
    """Only the one that applies is offered."""
    members = stage.town.slack.world.channels["C0REVOPS"].members
    await stage.do("slack-removed")
    assert BOT not in members
    assert "slack-removed" not in stage.deeds("faults")
    await stage.do("slack-invited")
    assert BOT in members


async def test_what_is_not_offered_is_refused_in_words(stage: Stage) -> None:
    """An unknown deed, a choice that is none, a number out of bounds, a bot to kill that is not there."""
    with pytest.raises(ValueError, match="not offered any more"):
        await stage.curtain.do("bot-kill", {})
    for given in ({"operation": "fly"}, {"kind": "explode"}, {"times": "0"}, {"times": "9" * 30}, {"status": "200"}):
        with pytest.raises(ValueError, match=r"[.]$"):
            await stage.do("faults-polytomic", **given)
    with pytest.raises(ValueError, match="The field error is empty"):
        await stage.do("faults-slack", error=" ")
    with pytest.raises(ValueError, match="No event was sent yet"):
        await stage.do("deliveries-again")
    assert not stage.town.polytomic.faults.waiting


async def test_each_switch_stands_there_with_its_words(stage: Stage) -> None:
    """One deed for each field, with what its docstring says, what it is now, and what it may be."""
    deeds = stage.deeds("switches")
    assert [f"switch-{one.name}" for one in fields(Switches)] == list(deeds)
    assert all(one.words.endswith(".") for one in deeds.values())
    assert "From created to the end." == deeds["switch-run_seconds"].words
    ends = deeds["switch-run_ends"].fields[0]
    assert ("completed", ("completed", "failed", "interrupted", "never")) == (ends.value, ends.choices)
    assert ("yes", ("yes", "no")) == ((one := deeds["switch-short_ids"].fields[0]).value, one.choices)
    assert "none" == deeds["switch-models_page_size"].fields[0].value


async def test_switches_are_set_and_set_back(stage: Stage) -> None:
    """Each as what it is; those that differ from the first day are listed."""
    switches = stage.town.polytomic.switches
    for name, value in {
        "run_ends": "failed",
        "short_ids": "no",
        "run_seconds": "2.5",
        "models_page_size": "3",
        "not_in_crm_percent": "0",
        "flow_modes": "create, update",
        "run_error": "Gong: no",
    }.items():
        await stage.do(f"switch-{name}", value=value)
    assert ("failed", False, 2.5, 3, 0, ("create", "update"), "Gong: no") == (
        *(switches.run_ends, switches.short_ids, switches.run_seconds, switches.models_page_size),
        *(switches.not_in_crm_percent, switches.flow_modes, switches.run_error),
    )
    assert 7 == len(stage.table("switches", "Set otherwise").rows)
    await stage.do("switch-models_page_size", value="none")
    await stage.do("switches-back")
    assert Switches() == switches
    assert "switches-back" not in stage.deeds("switches")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run_ends", "well"),
        ("short_ids", "maybe"),
        ("run_seconds", "-1"),
        ("run_seconds", "inf"),
        ("log_lines_per_file", "0"),
        ("not_in_crm_percent", "101"),
        ("inactive_status", "200"),
        ("versions", ""),
        ("versions", "2024-02-08 1999-01-01"),
        ("models_page_size", "2.5"),
    ],
)
async def test_a_switch_takes_no_bad_value(stage: Stage, name: str, value: str) -> None:
    """It says why, and stays as it was."""
    with pytest.raises(ValueError, match=r"[.]$"):
        await stage.do(f"switch-{name}", value=value)
    assert Switches() == stage.town.polytomic.switches


async def test_the_ledger_is_counted_and_its_newest_shown(stage: Stage) -> None:
    """Flow by flow; of the contacts the newest fifty, the last one first."""
    _enroll(stage, 60)
    assert ("Q4 Renewal", "60") == stage.table("ledger", "Flows").rows[0][::2]
    contacts = stage.table("ledger", "Contacts")
    assert ("Contacts, the newest 50 of 60", 50, "contact-59") == (
        *(contacts.title, len(contacts.rows)),
        contacts.rows[0][0],
    )
    _enroll(stage, 1)
    assert "61" == stage.table("ledger", "Flows").rows[0][2]


async def test_a_scene_is_cheap(stage: Stage) -> None:
    """Below 5 ms after 500 exchanges and 1,000 contacts, at its best of a few: this machine has other things to do."""
    _enroll(stage, 1000)
    now = datetime.now(UTC)
    stage.town.slack.world.calls += [Call("chat.update", {}, now + timedelta(seconds=n), 1.5) for n in range(500)]
    assert 200 == len(stage.curtain.scene().traffic)
    took = []
    for _ in range(20):
        stage.town.slack.world.calls.append(Call("chat.update", {}, now + timedelta(hours=1), 1.5))
        began = time.perf_counter()
        stage.curtain.scene()
        took.append(time.perf_counter() - began)
    assert 0.005 > min(took)


async def test_a_curtain_that_is_still_being_made_shows_so() -> None:
    """Nothing to see but that the bot starts, and words for whoever is early."""
    curtain = LateCurtain(MovableClock())
    assert ("starting", (), ()) == ((scene := curtain.scene()).bot, scene.traffic, scene.groups)
    with pytest.raises(ValueError, match="still starting"):
        await curtain.do("clock-day", {})


def _enroll(stage: Stage, count: int) -> None:
    flow = stage.town.polytomic.gong.flow_named("Q4 Renewal")
    for number in range(count):
        stage.town.polytomic.ledger.write(Entry(flow.id, f"contact-{number}", "sync", "run", stage.clock()))
