"""People who ask for one enrollment after the other while the bot is killed under their hands, and are patient.

Each looks at what stands in front of them and does the next thing: what got no answer is done again. Whether an
enrollment was confirmed they take from Slack alone: from the answer to the press, or from a message that shows it.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.sandbox.crm_ids import with_suffix
from bot.sandbox.person import Person
from bot.sandbox.slack.first_day import BOT, TEAM
from bot.sandbox.slack.interactions import Trouble
from bot.sandbox.slack.things import Channel, User
from bot.sandbox.town import Town
from tests.fault.book import Book
from tests.scenario import doing

_TABLE = "SALESFORCE_CONTACTS"
_OPENING = "Opening your form"
_WAITING = ":hourglass_flowing_sand:"
_ODD_ONE_OUT = 5
"""Of this many enrollments, one has a contact that Gong refuses."""


@dataclass(slots=True)
class Wish:
    """One enrollment that somebody wants; `draft` is the form with its query.

    `pressed` are the drafts on which they pressed Enroll, answered or not; `enrollment_id` is set once it is confirmed.
    """

    query: str
    contacts: tuple[str, ...]
    refused: int
    draft: str = ""
    pressed: list[str] = field(default_factory=list)
    enrollment_id: str = ""

    @property
    def end(self) -> str:
        """What the living message has to say when all is over."""
        size = len(self.contacts)
        if self.refused:
            return f"{size - self.refused} of {size} enrolled, {self.refused} refused"
        return f"{size} of {size} enrolled"


class Wishes:
    """New wishes, each with three to ten contacts that nobody else has, already in the warehouse."""

    def __init__(self, town: Town) -> None:
        self.made: list[Wish] = []
        self._town = town
        self._numbers = itertools.count()

    def next(self) -> Wish:
        """One more."""
        number = next(self._numbers)
        plan, size = f"wish {number}", 3 + number % 8
        contacts = tuple(with_suffix(f"003Ki{number:06d}{place:04d}") for place in range(size))
        self._town.warehouse.insert(_TABLE, [{"CONTACT_ID": one, "SUBSCRIPTION_PLAN": plan} for one in contacts])
        refused = int(number % _ODD_ONE_OUT == 0)
        self._town.polytomic.gong.forget(*contacts[:refused])
        query = f"SELECT contact_id FROM salesforce_contacts WHERE subscription_plan = '{plan}'"
        self.made.append(Wish(query, contacts, refused))
        return self.made[-1]

    def confirmed(self) -> list[str]:
        """The enrollments that somebody was promised."""
        return [wish.enrollment_id for wish in self.made if wish.enrollment_id]


def people(town: Town, count: int) -> Iterator[tuple[Person, str]]:
    """New requesters, each with a channel of their own that the bot is in."""
    for number in range(count):
        user, channel = f"U0ASKER{number:02d}", f"C0DESK{number:02d}"
        town.slack.world.users[user] = User(user, f"asker{number}", TEAM)
        town.slack.world.groups["S0REVOPS"].append(user)
        town.slack.world.channels[channel] = Channel(channel, f"desk-{number}", {user, BOT})
        yield town.person(user), channel


class Asker:
    """One person of the crowd, in their channel."""

    def __init__(self, person: Person, channel: str, book: Book) -> None:
        self._person = person
        self._channel = channel
        self._book = book

    async def ask(self, wish: Wish) -> None:
        """The wish is confirmed, and `enrollment_id` says as which enrollment."""
        while not wish.enrollment_id:
            try:
                await self._do_the_next_thing(wish)
            except (AssertionError, Trouble):
                # No answer, or not what was looked for: a person looks up, and does what is now to be done.
                await asyncio.sleep(0.2)

    async def _do_the_next_thing(self, wish: Wish) -> None:
        seen = self._person.sees()
        if "will be enrolled" in seen:
            await self._enroll(wish)
        elif "[Check contacts]" in seen:
            await self._fill_in(wish)
        elif _WAITING in seen:
            await self._wait(seen)
        else:
            await self._begin(wish)

    async def _begin(self, wish: Wish) -> None:
        if await self._stands_in_slack(wish):
            return
        await self._person.command(wish.query, channel=self._channel)
        await self._person.until(lambda: self._person.view, patience=3)
        await self._wait(self._person.sees())

    async def _fill_in(self, wish: Wish) -> None:
        person = self._person
        if wish.query not in person.sees():
            await person.type("Snowflake query", wish.query)
        wish.draft = self._draft()
        if doing.FLOW not in person.sees():
            await person.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
        assert {} == await person.submit()
        await person.until(lambda: "[Check contacts]" not in person.sees(), patience=3)

    async def _wait(self, seen: str) -> None:
        """Something else is in front; what does not move for long is closed, to begin anew."""
        try:
            # A form is opened by the process that took the command; a check is taken over by another one in time.
            await self._person.until(
                lambda: _WAITING not in self._person.sees(), patience=5 if _OPENING in seen else 20
            )
        except AssertionError:
            await self._person.close_all()

    async def _enroll(self, wish: Wish) -> None:
        if self._draft() != wish.draft:
            await self._person.close_all()
            return
        wish.pressed.append(wish.draft)
        assert {} == await self._person.submit()
        if self._person.view is None:
            wish.enrollment_id = wish.draft

    def _draft(self) -> str:
        """The draft that the view in front belongs to."""
        opened = self._person.view
        return str(opened.view["private_metadata"]) if opened else ""

    async def _stands_in_slack(self, wish: Wish) -> bool:
        """True when a message shows that an unanswered press was heard after all."""
        if not wish.pressed:
            return False
        try:
            found = await self._person.until(lambda: self._book.shown(wish.pressed), patience=20)
        except AssertionError:
            return False
        wish.enrollment_id = str(found)
        return True


async def ask_until(
    enough: Callable[[], bool], askers: Sequence[Asker], wishes: Wishes, book: Book, *, most_open: int
) -> None:
    """The askers went on until it was enough; no wish is left half asked. At most so many are open at a time."""

    async def go_on(asker: Asker) -> None:
        while not enough():
            if len(book.open_among(wishes.confirmed())) >= most_open:
                await asyncio.sleep(0.1)
            else:
                await asker.ask(wishes.next())

    async with asyncio.TaskGroup() as group:
        for asker in askers:
            group.create_task(go_on(asker))
