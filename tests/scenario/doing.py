"""What people do again and again in scenarios, in their own words."""

from datetime import datetime
from pathlib import Path
from typing import Any

from bot.sandbox.clock import MovableClock
from bot.sandbox.person import Person
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.slack.things import Message
from bot.sandbox.town import Town

QUERY = "SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = 'gold'"
FLOW = "Q4 Renewal"


async def open_form(person: Person, query: str = QUERY) -> None:
    """The form is open, with this query typed after the command."""
    await person.command(query)
    await person.until_sees("Check contacts")


async def check(person: Person, query: str = QUERY, flow: str = FLOW) -> None:
    """The form is filled in and submitted; whatever the check finds is in front."""
    await open_form(person, query)
    await person.pick_found("Gong Engage flow", flow, flow)
    assert {} == await person.submit()


async def review(person: Person, query: str = QUERY, flow: str = FLOW) -> None:
    """The review of this query stands in front."""
    await check(person, query, flow)
    await person.until_sees("will be enrolled")


async def confirm(person: Person) -> None:
    """The review is confirmed as it stands."""
    assert {} == await person.submit()
    assert person.view is None


def button(person: Person) -> str:
    """What the submit button of the view in front says."""
    assert person.view is not None
    return str(person.view.view["submit"]["text"])


def policy(folder: Path, words: str) -> str:
    """A policy file that says so."""
    path = folder / "policy.toml"
    path.write_text(words, encoding="utf-8")
    return str(path)


async def until_ended(person: Person, channel: str = "C0REVOPS", *, patience: float = 15) -> Message:
    """The living message, once it says how the enrollment ended."""

    def ended() -> Message | None:
        for message in person.messages(channel):
            words = person.read(message)
            ends = ("Enrolled ·", "Partly enrolled ·", "Failed ·", "Canceled ·")
            if not message.thread_ts and any(end in words for end in ends):
                return message
        return None

    found: Message = await person.until(ended, patience=patience)
    return found


async def says(person: Person, *said: str, channel: str = "C0REVOPS") -> str:
    """What this person's living message says, once it says all this."""

    def found() -> str:
        for one in person.messages(channel):
            words = person.read(one)
            if not one.thread_ts and f"Asked by <@{person.id}>" in words and all(word in words for word in said):
                return words
        return ""

    words: str = await person.until(found, patience=15)
    return words


def runs(town: Town) -> int:
    """How many runs were ever started."""
    return sum(len(sync.runs) for sync in town.polytomic.syncs)


def willing(**more: Any) -> Switches:
    """Switches of a world whose Gong refuses nobody."""
    return Switches(not_in_crm_percent=0, already_in_flow_percent=0, **more)


def in_flow(town: Town, flow: str = FLOW) -> list[str]:
    """The canonical ids that the bot really put into the flow."""
    return town.polytomic.ledger.contacts_in(town.polytomic.gong.flow_named(flow).id)


def files(person: Person, ending: str) -> list[str]:
    """The names of the files in this person's messages with the bot that end like this, the oldest first."""
    read = person.reads(person.dms()).splitlines()
    return [line.strip() for line in read if line.strip().endswith(ending)]


async def answer(person: Person, typed: str) -> Message:
    """The private answer to what this person types."""
    known = len(person.whispers())
    await person.command(typed)
    await person.until(lambda: len(person.whispers()) > known)
    return person.whispers()[-1]


async def stop(town: Town, reason: str = "wrong sender") -> str:
    """Olga has stopped everything; what she reads of it."""
    olga = town.person("U0OPERATOR")
    return olga.read(await answer(olga, f"stop {reason}".strip()))


async def resume(town: Town, label: str = "Resume 1 enrollment") -> str:
    """Olga has let everything go on; what she was asked before."""
    olga = town.person("U0OPERATOR")
    asked = await answer(olga, "resume")
    words = olga.read(asked)
    await olga.press_in(asked, label)
    await olga.until_whispered("Resumed.")
    return words


def set_to(clock: MovableClock, moment: datetime) -> None:
    """It is this late now."""
    clock.ahead += moment - clock()
