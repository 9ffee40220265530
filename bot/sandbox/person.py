"""Acts as a person in the sandbox's Slack: types, picks, presses and reads, and knows nothing of the bot.

Whatever the person looks for and does not find is an AssertionError that says what is there instead.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from bot.sandbox.slack import elements, reading
from bot.sandbox.slack.first_day import BOT
from bot.sandbox.slack.things import Json, Message, OpenView
from bot.sandbox.slack.workspace import Slack

_PATIENCE = 10.0


class Person:
    """One user of the workspace; `device` names a second screen of theirs, with views of its own."""

    def __init__(self, slack: Slack, user_id: str, *, device: str = "") -> None:
        self._slack = slack
        self.id = user_id
        self._screen = f"{user_id} {device}".strip()

    # -- what a person does anywhere

    async def command(self, text: str = "", *, channel: str = "C0REVOPS", name: str = "/enroll-flow") -> None:
        """Types a slash command."""
        await self._slack.interactions.command(self.id, channel, name, text, screen=self._screen)

    async def shortcut(self, callback_id: str) -> None:
        """Picks a global shortcut."""
        await self._slack.interactions.shortcut(self.id, callback_id, screen=self._screen)

    async def open_home(self) -> None:
        """Looks at the app's Home tab."""
        await self._slack.interactions.home_opened(self.id)

    def invite_bot(self, channel: str) -> None:
        """Types `/invite @Enroll Flow` in a channel."""
        self._slack.world.invite(self.id, channel, BOT)

    # -- in a view

    @property
    def view(self) -> OpenView | None:
        """What is in front of the person."""
        return self._slack.world.screens.top(self._screen)

    async def type(self, label: str, text: str) -> None:
        """Types into the input with this label; each pause is told to the bot if the input asks for it."""
        opened, block, element = self._input(label)
        most = element.get("max_length", 3000)
        assert len(text) <= most, f"{label!r} takes {most} characters, not {len(text)}"
        await self._slack.interactions.change(opened, block, element, {"value": text or None})

    async def pick(self, label: str, option: str) -> None:
        """Picks an option of a select or radio by its words."""
        opened, block, element = self._input(label)
        found = next((one for one in elements.options_of(element) if one["text"]["text"] == option), None)
        offered = [one["text"]["text"] for one in elements.options_of(element)]
        assert found is not None, f"{option!r} is not offered under {label!r}: {offered}"
        await self._slack.interactions.change(opened, block, element, {"selected_option": found})

    async def tick(self, label: str, *ticked: str) -> None:
        """Ticks these checkboxes and no others."""
        opened, block, element = self._input(label)
        found = [one for one in elements.options_of(element) if one["text"]["text"] in ticked]
        offered = [one["text"]["text"] for one in elements.options_of(element)]
        assert len(found) == len(ticked), f"{ticked!r} are not all offered under {label!r}: {offered}"
        await self._slack.interactions.change(opened, block, element, {"selected_options": found})

    async def pick_channel(self, label: str, channel: str) -> None:
        """Picks a conversation."""
        opened, block, element = self._input(label)
        await self._slack.interactions.change(opened, block, element, {"selected_conversation": channel})

    async def search(self, label: str, words: str = "") -> list[str]:
        """Types into a select that asks the bot for its options; returns what is offered."""
        opened, block, element = self._input(label)
        offered = await self._slack.interactions.options(opened, block, element, words)
        return [one["text"]["text"] for one in elements.options_of(offered)]

    async def pick_found(self, label: str, words: str, option: str = "", *, nth: int = 0) -> None:
        """Types words and picks the option with these words, or the nth of those that come."""
        opened, block, element = self._input(label)
        found = elements.options_of(await self._slack.interactions.options(opened, block, element, words))
        chosen = [one for one in found if not option or one["text"]["text"] == option]
        assert len(chosen) > nth, f"{option or words!r} is not among {[one['text']['text'] for one in found]}"
        await self._slack.interactions.change(opened, block, element, {"selected_option": chosen[nth]})

    async def attach(self, label: str, name: str, content: bytes) -> None:
        """Attaches a file."""
        await self._slack.interactions.attach(*self._input(label), [(name, content)])

    async def submit(self, *, anyway: bool = False) -> dict[str, str]:
        """Presses the submit button; returns the errors under fields, by the label of each field.

        Slack itself asks for required fields before it sends anything; `anyway` sends as if it did not.
        """
        opened = self._opened()
        assert opened.view.get("submit"), f"nothing to submit in:\n{self.sees()}"
        errors = {} if anyway else elements.asked_for(opened.view["blocks"], opened.values)
        errors = errors or await self._slack.interactions.submit(opened)
        return {self._label_of(opened, block_id): words for block_id, words in errors.items()}

    async def close(self) -> None:
        """Presses the close button: one view back, or out."""
        await self._slack.interactions.back(self._opened().screen)

    async def close_all(self) -> None:
        """Presses the x: the whole stack is gone."""
        await self._slack.interactions.out(self._opened().screen)

    def sees(self) -> str:
        """The words of the view in front, with what stands in its inputs."""
        opened = self.view
        if opened is None:
            return ""
        held = [str(value) for state in opened.values.values() if (value := _shown(state))]
        return "\n".join([reading.view(opened.view), *held])

    def home(self) -> str:
        """The words of the Home tab."""
        held = self._slack.world.screens.homes.get(self.id)
        return reading.view(held.view) if held else ""

    # -- buttons, wherever they stand

    async def press(self, label: str, *, dismiss: bool = False) -> str:
        """Presses the button in the view in front; returns its address if it is a link.

        A button is known by its words or by what a screen reader says. A dialog is confirmed, unless `dismiss`.
        """
        opened = self._opened()
        block, element = self._button(opened.view["blocks"], label, self.sees())
        if not (dismiss and "confirm" in element):
            await self._slack.interactions.view_action(opened, block, element, {})
        return str(element.get("url", ""))

    async def press_in(self, message: Message, label: str, *, dismiss: bool = False) -> str:
        """Presses a button of a message; returns its address if it is a link."""
        block, element = self._button(message.blocks, label, self.read(message))
        if not (dismiss and "confirm" in element):
            await self._slack.interactions.message_action(self.id, message, block, element, {}, screen=self._screen)
        return str(element.get("url", ""))

    async def press_home(self, label: str) -> None:
        """Presses a button of the Home tab."""
        opened = self._slack.world.screens.homes[self.id]
        block, element = self._button(opened.view["blocks"], label, self.home())
        await self._slack.interactions.view_action(opened, block, element, {})

    # -- messages

    def messages(self, channel: str) -> list[Message]:
        """Everything this person can read in a conversation, threads included; a user id means direct messages."""
        place = f"D{channel[1:]}" if channel in self._slack.world.users else channel
        found = [one for one in self._slack.world.messages if one.channel == place and not one.deleted]
        return [one for one in found if one.only_for in ("", self.id)]

    def dms(self) -> list[Message]:
        """The bot's direct messages to this person."""
        return self.messages(self.id)

    def whispers(self) -> list[Message]:
        """What only this person sees."""
        return [one for one in self._slack.world.messages if one.only_for == self.id and not one.deleted]

    def read(self, message: Message) -> str:
        """The words of a message, with the names of its files."""
        names = [self._slack.world.files[one].name for one in message.files]
        return "\n".join([reading.message(message.text, message.blocks), *names])

    def reads(self, messages: Sequence[Message]) -> str:
        """The words of several messages."""
        return "\n---\n".join(self.read(one) for one in messages)

    def download(self, name: str) -> bytes:
        """The newest file with this name that somebody sent to this person."""
        place = f"D{self.id[1:]}"
        found = [one for one in self._slack.world.files.values() if one.name == name and one.channel == place]
        assert found, f"no file {name!r}; there are {[one.name for one in self._slack.world.files.values()]}"
        return found[-1].content

    # -- waiting

    async def until(self, told: Callable[[], Any], *, patience: float = _PATIENCE) -> Any:
        """What `told` returns once it is true; what is on the screen when it never is."""
        try:
            with self._slack.world.watch() as changed:
                async with asyncio.timeout(patience):
                    while not (found := told()):
                        changed.clear()
                        try:
                            async with asyncio.timeout(0.05):
                                await changed.wait()
                        except TimeoutError:
                            continue
        except TimeoutError:
            said = self.reads([one for one in self._slack.world.messages if one.only_for in ("", self.id)][-4:])
            raise AssertionError(f"it never came. View:\n{self.sees()}\nMessages:\n{said}") from None
        return found

    async def until_sees(self, words: str, *, patience: float = _PATIENCE) -> None:
        """The view in front has these words."""
        await self.until(lambda: words in self.sees(), patience=patience)

    async def until_reads(self, channel: str, words: str, *, patience: float = _PATIENCE) -> Message:
        """The newest message of the conversation that has these words."""

        def found() -> Message | None:
            return next((one for one in reversed(self.messages(channel)) if words in self.read(one)), None)

        message: Message = await self.until(found, patience=patience)
        return message

    async def until_whispered(self, words: str, *, patience: float = _PATIENCE) -> Message:
        """The newest message for this person alone that has these words."""

        def found() -> Message | None:
            return next((one for one in reversed(self.whispers()) if words in self.read(one)), None)

        message: Message = await self.until(found, patience=patience)
        return message

    # -- how

    def _opened(self) -> OpenView:
        assert self.view is not None, "no view is open"
        return self.view

    def _button(self, blocks: Sequence[Json], label: str, screen: str) -> tuple[Json, Json]:
        for block, element in elements.all_of(blocks):
            if element["type"] == "button" and label in (reading.label(element), element.get("accessibility_label")):
                return block, element
        raise AssertionError(f"no button {label!r} in:\n{screen}")

    def _input(self, label: str) -> tuple[OpenView, Json, Json]:
        opened = self._opened()
        for block, element in elements.all_of(opened.view["blocks"]):
            if element["type"] != "button" and label in (_name(block), block["block_id"].partition(":")[0]):
                return opened, block, element
        raise AssertionError(f"no input {label!r} in:\n{self.sees()}")

    def _label_of(self, opened: OpenView, block_id: str) -> str:
        return next(_name(block) for block in opened.view["blocks"] if block.get("block_id") == block_id)


def _name(block: Json) -> str:
    held: Json = block.get("label") or block.get("text") or {}
    return str(held.get("text", ""))


def _shown(state: Json) -> str:
    option = state.get("selected_option")
    if option:
        return str(option["text"]["text"])
    return str(state.get("value") or "")
