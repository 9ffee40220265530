"""People who press whatever is in front of them, in any order: what each sees, and the next thing each may do."""

from dataclasses import dataclass
from typing import Literal

from bot.sandbox.person import Person
from bot.sandbox.slack import elements
from bot.sandbox.slack.interactions import Trouble
from bot.sandbox.slack.things import Json, Message
from bot.sandbox.town import Town
from tests.scenario import doing

Word = Literal["stop too many complaints", "resume", "cancel", "status", "help", ""]
Deed = Literal["ask", "press", "submit", "close", "type"]

CHANNELS = ("C0REVOPS",)


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that one person does.

    `choice` picks among what is there whose words begin with `label`; `word` is typed after the command.
    """

    who: str
    deed: Deed
    choice: int = 0
    label: str = ""
    word: Word = ""


class Anybody:
    """One person, who does not know what is allowed."""

    def __init__(self, town: Town, user_id: str, query: str) -> None:
        self._town = town
        self._person: Person = town.person(user_id)
        self._query = query

    async def do(self, move: Move) -> None:
        """The move was made; where there was nothing to do, nothing was done."""
        try:
            await self._do(move)
        except (AssertionError, Trouble):
            return  # What was looked for has gone meanwhile, or Slack showed its own trouble: a person shrugs.

    async def _do(self, move: Move) -> None:
        match move.deed:
            case "ask":
                await self._ask()
            case "press":
                await self._press(move.label, move.choice)
            case "submit":
                await self._submit()
            case "close":
                await self._person.close()
            case "type":
                await self._person.command(move.word)

    async def _ask(self) -> None:
        """From the command to the review."""
        await self._person.command(self._query)
        await self._person.until_sees("Check contacts", patience=3)
        await self._person.pick_found("Gong Engage flow", doing.FLOW, doing.FLOW)
        await self._person.submit()
        await self._person.until(lambda: "Check contacts" not in self._person.sees(), patience=3)
        if "Check anyway" in self._person.sees():
            await self._person.submit()
        await self._person.until_sees("will be enrolled", patience=5)

    async def _submit(self) -> None:
        opened = self._person.view
        assert opened is not None
        for block in opened.view["blocks"]:
            if block["type"] == "input" and block["element"]["type"] == "plain_text_input":
                await self._person.type(block["label"]["text"], self._typed(block["label"]["text"]))
        await self._person.submit()

    def _typed(self, label: str) -> str:
        """What they write into a box: the number where one is asked for, else whatever."""
        digits = "".join(char for char in label if char.isdigit())
        return digits if label.startswith("Type ") else "because"

    async def _press(self, label: str, choice: int) -> None:
        """One of all the buttons in sight: in the view in front, in messages, on the Home tab.

        Whoever looks for certain words waits a moment for them.
        """
        if label:
            sees = self._person.reads
            await self._person.until(lambda: f"[{label}" in sees(self._messages()), patience=5)

        def buttons(blocks: list[Json]) -> list[str]:
            return [one for one in _buttons(blocks) if one.startswith(label)]

        in_view = buttons(self._person.view.view["blocks"]) if self._person.view else []
        in_messages = [(message, one) for message in self._messages() for one in buttons(message.blocks)]
        held = self._town.slack.world.screens.homes.get(self._person.id)
        at_home = buttons(held.view["blocks"]) if held else []
        total = len(in_view) + len(in_messages) + len(at_home)
        if not total:
            return
        place = choice % total
        if place < len(in_view):
            await self._person.press(in_view[place])
        elif place < len(in_view) + len(in_messages):
            message, words = in_messages[place - len(in_view)]
            await self._person.press_in(message, words)
        else:
            await self._person.press_home(at_home[place - len(in_view) - len(in_messages)])

    def _messages(self) -> list[Message]:
        found = [one for channel in (*CHANNELS, self._person.id) for one in self._person.messages(channel)]
        return [*found, *self._person.whispers()]


def _buttons(blocks: list[Json]) -> list[str]:
    return [
        str(element.get("accessibility_label") or element["text"]["text"])
        for _, element in elements.all_of(blocks)
        if element["type"] == "button" and "url" not in element
    ]
