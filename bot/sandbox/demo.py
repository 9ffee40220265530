"""Plays the main job from the command to the notification, headless, and compares the end with the ledger.

No number is written here: what is expected is computed from the warehouse's rows and from what the sandbox's Gong
would refuse, apart from the code that the bot runs.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot import logs
from bot.sandbox.allowed import POLICY
from bot.sandbox.crm_ids import canonical
from bot.sandbox.person import Person
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town, open_town

QUERY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'"
FLOW = "Q4 Renewal"
_OPTED_OUT = "SELECT contact_id FROM salesforce_contacts WHERE opted_out"
_CHANNEL = "C0REVOPS"
_PATIENCE = 30
_ENDS = ("Enrolled", "Partly enrolled", "Failed", "Canceled")

Say = Callable[[str], None]


def play(say: Say = print) -> int:
    """Tells the main job step by step; 0 when the ledger is as expected, 1 when it differs."""
    logs.quiet()
    with tempfile.TemporaryDirectory(prefix="enroll-flow-demo-") as folder:
        return asyncio.run(_play(Path(folder) / "demo.db", say))


async def _play(database: Path, say: Say) -> int:
    say("Sandbox: a Slack, a Polytomic, a Gong and a warehouse on this machine. No account, nothing leaves it.")
    tell = _Telling(say)
    async with open_town(database, with_gong=False) as town:
        town.more["policy_file"] = str(POLICY)
        await town.start_bot()
        requester = town.person("U0REQUESTER")
        tell.step("requester", "/enroll-flow")
        await _open(requester, tell)
        await _connect(town, requester, tell)
        await _check(requester, tell)
        named, expected = _expected(town)
        await _enroll(requester, tell)
        await _approve(town.person("U0APPROVER"), tell)
        await _follow(requester, tell)
        return _compare(town, named, expected, tell)


async def _open(requester: Person, tell: "_Telling") -> None:
    await requester.command(channel=_CHANNEL)
    await requester.until_sees("Check contacts", patience=_PATIENCE)
    await requester.type("Snowflake query", QUERY)
    tell.step("bot", "form open; the how-to's own query typed")


async def _connect(town: Town, requester: Person, tell: "_Telling") -> None:
    await requester.until_sees("Gong is not connected.", patience=_PATIENCE)
    await requester.press("Connect Gong")
    await requester.until_sees("Open Gong", patience=_PATIENCE)
    await town.answer_gong(await requester.press("Open Gong"), "allow")
    await requester.until_sees("Gong is connected.", patience=_PATIENCE)
    offered = await requester.search("Gong Engage flow")
    await requester.pick_found("Gong Engage flow", FLOW.lower(), FLOW)
    tell.step(
        "bot",
        f'Gong is not connected. Link sent to the requester alone; access allowed; flow "{FLOW}" of {len(offered)}',
    )


async def _check(requester: Person, tell: "_Telling") -> None:
    await requester.submit()
    await requester.until_sees("= will be enrolled", patience=_PATIENCE)
    lines = [re.split(r"\s{2,}", line) for line in requester.sees().splitlines()]
    counts = [(one[0], one[1]) for one in lines if len(one) == 2 and one[1].replace(",", "").isdigit()]
    rows, enrolled = _number(counts[0][1]), _number(counts[-1][1])
    tell.step("bot", f"checked: {rows:,} rows, {rows - enrolled:,} left out, {enrolled:,} to enroll")
    tell.more("   ".join(f"{label} {count}" for label, count in counts[1:-1]))
    asked = next((line for line in requester.sees().splitlines() if line.startswith("More than ")), "")
    tell.more(f"  {asked}")


async def _enroll(requester: Person, tell: "_Telling") -> None:
    opened = requester.view
    button = opened.view["submit"]["text"] if opened else ""
    tell.step("requester", f'presses "{button}"')
    await requester.submit()


async def _approve(approver: Person, tell: "_Telling") -> None:
    card: Message = await approver.until_reads(approver.id, "Approval needed", patience=_PATIENCE)
    headline = next(line for line in approver.read(card).splitlines() if "Approval needed" in line)
    tell.step("bot", f"to the approver: {headline[headline.index('Approval needed') :]}")
    label = next(one for one in _buttons(card) if one.startswith("Approve "))
    tell.step("approver", f'presses "{label}"')
    await approver.press_in(card, label)


def _buttons(message: Message) -> list[str]:
    pressed = [element for block in message.blocks if block["type"] == "actions" for element in block["elements"]]
    return [str(element["text"]["text"]) for element in pressed]


async def _follow(requester: Person, tell: "_Telling") -> None:
    def living() -> Message | None:
        found = [one for one in requester.messages(_CHANNEL) if not one.thread_ts]
        return found[0] if found and any(f"{end} ·" in requester.read(found[0]) for end in _ENDS) else None

    ended: Message = await requester.until(living, patience=_PATIENCE)
    for words in dict.fromkeys([*ended.was, ended.text]):
        tell.step("bot", words)
    await requester.until_reads(_CHANNEL, "<@U0REQUESTER>", patience=_PATIENCE)
    refused = [line for line in requester.reads(requester.dms()).splitlines() if line.endswith("-refused.csv")]
    if refused:
        tell.more(f"- {refused[0]}, DM to the requester")
    receipt: Message = await requester.until_reads(_CHANNEL, "Receipt E-", patience=_PATIENCE)
    entry = next(line for line in reversed(requester.read(receipt).splitlines()) if line.startswith("entry "))
    tell.more(f"- receipt in the thread: {entry}")


def _expected(town: Town) -> tuple[int, frozenset[str]]:
    """How many contacts the rows name who have not opted out, each once in whatever form, and whom Gong should take."""
    gong = town.polytomic.gong
    flow = gong.flow_named(FLOW)
    _, rows = town.warehouse.query(QUERY)
    first: dict[str, str] = {}
    _, opted_out = town.warehouse.query(_OPTED_OUT)
    left_out = {canonical(str(row["CONTACT_ID"] or "")) for row in opted_out}
    for row in rows:
        value = str(row["CONTACT_ID"] or "")
        contact = canonical(value)
        if contact is not None and contact not in left_out:
            first.setdefault(contact, value)
    return len(first), frozenset(contact for contact, value in first.items() if gong.refuses(flow, value) is None)


def _compare(town: Town, named: int, expected: frozenset[str], tell: "_Telling") -> int:
    enrolled = town.polytomic.ledger.contacts_in(town.polytomic.gong.flow_named(FLOW).id)
    once = len(enrolled) == len(set(enrolled))
    tell.step("ledger", f"{len(enrolled):,} contacts in the flow, {'each once' if once else 'SOME OF THEM TWICE'}")
    if not once or frozenset(enrolled) != expected:
        tell.say(f"demo: expected {len(expected):,} in the flow, the ledger has {len(enrolled):,}")
        return 1
    refused = named - len(enrolled)
    tell.say(f'demo: enrolled {len(enrolled):,} of {named:,} contacts into "{FLOW}" ({refused:,} refused)')
    return 0


def _number(words: str) -> int:
    return int(words.replace(",", ""))


class _Telling:
    """The numbered lines of the demo."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self._count = 0

    def step(self, actor: str, words: str) -> None:
        """One line: number, who, what; said when it happens."""
        self._count += 1
        self.say(f"{self._count:2d} {actor:<11} {words}")

    def more(self, words: str) -> None:
        """What belongs to the line before."""
        self.say(f"{'':14} {words}")
