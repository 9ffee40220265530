"""Draws the regions of a window as HTML: the rail, the room, a thread, the view in front, and what is behind."""

from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.sandbox.page import pieces, rooms
from bot.sandbox.page.conversations import MOST, Conversations
from bot.sandbox.page.desk import Desk
from bot.sandbox.page.offer import Offer
from bot.sandbox.page.pen import Pen
from bot.sandbox.page.place import Conversation, Place, Reader, Surface
from bot.sandbox.page.scene import Curtain
from bot.sandbox.page.window import HOME, Window
from bot.sandbox.slack.first_day import BOT
from bot.sandbox.slack.things import OpenView, User
from bot.sandbox.slack.workspace import Slack

_TEMPLATES = Path(__file__).parent / "templates"
_CLOSE = "Close"
_STATES = {
    "starting": "The bot is starting: a moment.",
    "killed": "The bot was killed. Start it behind the curtain.",
    "stopped": "The bot is not running. Start it behind the curtain.",
}


class Drawing:
    """Reads the workspace whenever it is asked. It changes nothing but what was seen."""

    def __init__(self, slack: Slack, desk: Desk, curtain: Curtain, offer: Offer) -> None:
        self._world = slack.world
        self._desk = desk
        self._curtain = curtain
        self._offer = offer
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["offer"] = offer
        self._pen = Pen(_TEMPLATES)
        self._conversations = Conversations(slack.world, desk.marks, self._pen)

    @property
    def people(self) -> list[User]:
        """Those as whom one can act."""
        return [one for one in self._world.users.values() if not one.is_bot and not one.deleted]

    def page(self, window: Window) -> str:
        """The whole document, with a line above what is new to the person who comes."""
        if window.place != HOME:
            window = replace(window, new=self._conversations.first_new(window))
        listed = rooms.sidebar(self._world, self._desk.marks, window.person)
        title = next((one.name for one in listed if one.id == window.place), self._offer.name)
        return self._render("page.html", window=window, regions=self.regions(window), title=title)

    def regions(self, window: Window) -> dict[str, str]:
        """The HTML of each region that this window has."""
        reader = self._reader(window)
        listed = rooms.sidebar(self._world, self._desk.marks, window.person)
        room = next((one for one in listed if one.id == window.place), None)
        drawn = {
            "state": _STATES.get(self._curtain.bot, ""),
            "rail": self._rail(window, listed),
            "room": self._room(window, room, reader) if room else self._home(window, reader),
            "view": self._view(window, reader),
        }
        if room and window.thread:
            drawn["thread"] = self._thread(window, room, reader)
        if window.behind:
            drawn["curtain"] = self._render("curtain.html", window=window, scene=self._curtain.scene())
        return drawn

    def seen(self, window: Window) -> None:
        """What stands in this window was seen by its person."""
        if window.place != HOME:
            self._conversations.seen(window)

    def apart(
        self, title: str, *words: str, rows: list[list[str]] | None = None, text: str = "", link: str = ""
    ) -> str:
        """A page of its own, with words, a table or a text."""
        return self._render("apart.html", title=title, words=words, rows=rows, text=text, link=link)

    # -- regions

    def _rail(self, window: Window, listed: list[rooms.Room]) -> str:
        me = self._world.users[window.person]
        return self._render("rail.html", window=window, rooms=listed, people=self.people, me=me)

    def _room(self, window: Window, room: rooms.Room, reader: Reader) -> str:
        lines = self._conversations.lines(window, reader)
        return self._said("room.html", window, room, lines=lines, replying="", is_cut=len(lines) == MOST)

    def _thread(self, window: Window, room: rooms.Room, reader: Reader) -> str:
        lines = self._conversations.replies(window, reader)
        return self._said("thread.html", window, room, lines=lines, replying=window.thread)

    def _said(self, template: str, window: Window, room: rooms.Room, **given: object) -> str:
        commands = [
            {"value": one.command, "text": f"{one.command} {one.usage_hint}", "description": one.description}
            for one in self._offer.commands
        ]
        return self._render(template, window=window, room=room, commands=commands, **given)

    def _home(self, window: Window, reader: Reader) -> str:
        opened = self._world.screens.homes.get(window.person)
        return self._render(
            "home.html",
            window=window,
            direct=self._world.users[window.person].direct_id,
            view_id=opened.id if opened else "",
            body=self._blocks(opened, "home", reader) if opened else "",
        )

    def _view(self, window: Window, reader: Reader) -> str:
        opened = self._world.screens.top(window.person)
        if opened is None:
            return ""
        words = {name: (opened.view.get(name) or {}).get("text", "") for name in ("title", "close", "submit")}
        return self._render(
            "view.html",
            opened=opened,
            depth=len(self._world.screens.stacks[window.person]),
            title=pieces.plain(words["title"]),
            body=self._blocks(opened, "modal", reader),
            close=pieces.plain(words["close"] or _CLOSE),
            submit=pieces.plain(words["submit"]),
            trouble=self._desk.said(opened).above,
        )

    # -- how

    def _blocks(self, opened: OpenView, surface: Surface, reader: Reader) -> Markup:
        place = Place(
            surface=surface,
            prefix=opened.id,
            values=opened.values,
            errors=self._desk.said(opened).under,
            conversations=self._offered_to(reader.id),
        )
        return self._pen.blocks(opened.view["blocks"], place, reader)

    def _offered_to(self, person: str) -> list[Conversation]:
        """What this person can choose where a conversation is asked for (docs: conversations list, filter)."""
        return [
            Conversation(
                one.id,
                self._world.users[BOT].real_name if one.is_im else one.name,
                is_private=one.is_private,
                is_shared=one.is_shared,
                is_im=one.is_im,
                with_bot=one.is_im,
            )
            for one in self._world.channels.values()
            if person in one.members and not one.is_archived
        ]

    def _reader(self, window: Window) -> Reader:
        world = self._world
        return Reader(
            id=window.person,
            zone=window.zone,
            now=world.clock(),
            people={one.id: one.real_name for one in world.users.values()},
            channels={one.id: one.name for one in world.channels.values() if not one.is_im},
            groups={group: group.removeprefix("S0").lower() for group in world.groups},
        )

    def _render(self, template: str, **given: object) -> str:
        return self._templates.get_template(template).render(**given)
