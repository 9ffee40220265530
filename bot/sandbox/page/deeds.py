"""What a person does in a window: each a POST that reaches the workspace, and through it the bot.

The answer carries `trouble` when the bot gave Slack nothing it can use, in words; what changed comes over the line.
"""

import asyncio
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.page.desk import Desk
from bot.sandbox.page.offer import Offer
from bot.sandbox.page.rooms import may_read
from bot.sandbox.page.scene import Curtain
from bot.sandbox.page.window import window_of
from bot.sandbox.slack import choosing, composer, elements
from bot.sandbox.slack.interactions import Trouble
from bot.sandbox.slack.things import Json, Message, OpenView, Refused
from bot.sandbox.slack.workspace import Slack

_GONE = "This is from an earlier state. Look again."
_NO_ANSWER = "We had some trouble connecting. Try again?"
_NOT_ASKED = "This is nothing that the page asks for."
_LARGEST_FILE = 1_000_000
_MESSAGE = "message:"


class Asked(BaseModel):
    """What a window sends: `where` and the ids of an element with what was `chosen` there, or the words of a deed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: str = ""
    block: str = ""
    action: str = ""
    chosen: tuple[str, ...] = ()
    entered: bool = False
    words: str = ""
    channel: str = ""
    thread: str = ""
    text: str = ""
    callback: str = ""
    everything: bool = False
    deed: str = ""
    fields: dict[str, str] = {}


class Gone(Exception):
    """What the person acted on is no longer there."""


Deed = Callable[[str, Asked, ZoneInfo], Awaitable[Json]]


class Deeds:
    """Everything that a window can ask for."""

    def __init__(self, slack: Slack, desk: Desk, curtain: Curtain, offer: Offer) -> None:
        self._slack = slack
        self._desk = desk
        self._curtain = curtain
        self._commands = tuple(one.command for one in offer.commands)

    def routes(self) -> list[Route]:
        """One address for each deed."""
        deeds = {
            "say": self.say,
            "shortcut": self.shortcut,
            "message-shortcut": self.message_shortcut,
            "press": self.press,
            "change": self.change,
            "options": self.options,
            "submit": self.submit,
            "close": self.close,
            "behind": self.behind,
        }
        return [
            *(Route(f"/as/{{person}}/{name}", self._answering(deed), methods=["POST"]) for name, deed in deeds.items()),
            Route("/as/{person}/attach", self.attach, methods=["POST"]),
        ]

    # -- in the composer and the menus

    async def say(self, person: str, asked: Asked, _: ZoneInfo) -> Json:
        """A command is given or a message posted, in a conversation or one of its threads."""
        await composer.enter(
            self._slack, person, asked.channel, asked.text, commands=self._commands, thread_ts=asked.thread
        )
        return {}

    async def shortcut(self, person: str, asked: Asked, _: ZoneInfo) -> Json:
        """A global shortcut is chosen."""
        await self._slack.interactions.shortcut(person, asked.callback)
        return {}

    async def message_shortcut(self, person: str, asked: Asked, _: ZoneInfo) -> Json:
        """A shortcut is chosen on a message."""
        message = self._message(person, asked.where)
        await self._slack.interactions.message_shortcut(person, message, asked.callback)
        return {}

    # -- on elements

    async def press(self, person: str, asked: Asked, zone: ZoneInfo) -> Json:
        """A button is pressed or an option of a menu chosen, in a view, the Home tab or a message."""
        if asked.where.startswith(_MESSAGE):
            message = self._message(person, asked.where)
            block, element = _found(message.blocks, asked)
            held = _held(element, asked, zone, [])
            await self._slack.interactions.message_action(person, message, block, element, held)
            return {}
        opened = self._view(person, asked.where)
        block, element = _found(opened.view["blocks"], asked)
        held = _held(element, asked, zone, self._desk.offered(opened, asked.block, asked.action))
        await self._slack.interactions.view_action(opened, block, element, held)
        return {}

    async def change(self, person: str, asked: Asked, zone: ZoneInfo) -> Json:
        """Something is typed or chosen in a view: kept, and told to the bot where its block says so."""
        if asked.where.startswith(_MESSAGE):
            return await self.press(person, asked, zone)
        opened = self._view(person, asked.where)
        block, element = _found(opened.view["blocks"], asked)
        held = _held(element, asked, zone, self._desk.offered(opened, asked.block, asked.action))
        await self._slack.interactions.change(opened, block, element, held, entered=asked.entered)
        return {}

    async def options(self, person: str, asked: Asked, _: ZoneInfo) -> Json:
        """What the bot offers for these words, in groups; without any it is one group without a label."""
        opened = self._view(person, asked.where)
        block, element = _found(opened.view["blocks"], asked)
        body = await self._slack.interactions.options(opened, block, element, asked.words)
        self._desk.offer(opened, asked.block, asked.action, elements.options_of(body))
        groups = body.get("option_groups") or [{"options": body.get("options", [])}]
        return {"groups": [_group(one) for one in groups]}

    async def attach(self, request: Request) -> Response:
        """Files are chosen for a file input; they are uploaded at once, as Slack does."""
        person = request.path_params["person"]
        async with request.form(max_files=10, max_part_size=_LARGEST_FILE) as form:
            asked = Asked.model_validate({name: form.get(name) for name in ("where", "block", "action")})
            uploads = [one for one in form.getlist("file") if not isinstance(one, str)]
            files = [(one.filename or "file", await one.read(_LARGEST_FILE + 1)) for one in uploads]

        async def attached() -> Json:
            too_large = [name for name, content in files if len(content) > _LARGEST_FILE]
            if too_large:
                raise ValueError(f"{too_large[0]} is larger than 1 MB")
            opened = self._view(person, asked.where)
            await self._slack.interactions.attach(opened, *_found(opened.view["blocks"], asked), files)
            self._slack.world.touch()
            return {}

        return await _told(attached())

    # -- on a view as a whole

    async def submit(self, person: str, asked: Asked, _: ZoneInfo) -> Json:
        """The submit button: words under fields stand there until the next try; `wrong` is the first such block."""
        opened = self._view(person, asked.where)
        blocks = opened.view["blocks"]
        try:
            under = elements.asked_for(blocks, opened.values) or await self._slack.interactions.submit(opened)
            self._desk.say(opened, under=under)
        except Trouble:
            self._desk.say(opened, above=_NO_ANSWER)
            raise
        finally:
            self._slack.world.touch()
        return {"wrong": next((one["block_id"] for one in blocks if one["block_id"] in under), "")}

    async def close(self, person: str, asked: Asked, _: ZoneInfo) -> Json:
        """One view back, or all of them closed."""
        if asked.everything:
            await self._slack.interactions.out(person)
        else:
            await self._slack.interactions.back(person)
        return {}

    async def behind(self, _: str, asked: Asked, __: ZoneInfo) -> Json:
        """Something is done behind the curtain."""
        try:
            words = await self._curtain.do(asked.deed, asked.fields)
        except ValueError as error:
            return {"trouble": str(error)}
        return {"done": words}

    # -- how

    def _answering(self, deed: Deed) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            window = window_of(request, "UTC")
            if window.person not in self._slack.world.users:
                return JSONResponse({"trouble": _GONE}, status_code=404)
            try:
                asked = Asked.model_validate_json(await request.body())
            except ValidationError:
                return JSONResponse({"trouble": _NOT_ASKED}, status_code=400)
            return await _told(deed(window.person, asked, window.zone))

        return answer

    def _view(self, person: str, where: str) -> OpenView:
        world = self._slack.world
        kind, _, view_id = where.partition(":")
        found = world.screens.homes.get(person) if kind == "home" else world.screens.views.get(view_id)
        if found is None or found.id != view_id or found.user != person or not found.is_open:
            raise Gone
        return found

    def _message(self, person: str, where: str) -> Message:
        channel, _, ts = where.removeprefix(_MESSAGE).partition(":")
        try:
            found = self._slack.world.find_message(channel, ts)
        except Refused:
            raise Gone from None
        if found.only_for not in {"", person} or not may_read(self._slack.world, person, channel):
            raise Gone
        return found


async def _told(doing: Awaitable[Json]) -> Response:
    # What a person began goes on when they close the window in the middle of it, as in Slack.
    begun = asyncio.ensure_future(doing)
    begun.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    try:
        return JSONResponse(await asyncio.shield(begun))
    except Trouble as trouble:
        return JSONResponse({"trouble": _NO_ANSWER, "why": str(trouble)})
    except Refused as refused:
        return JSONResponse({"trouble": f"Slack refused this: {refused.error}. Nothing was done."})
    except Gone:
        return JSONResponse({"trouble": _GONE})
    except ValueError as error:
        return JSONResponse({"trouble": f"This cannot be done: {error}."})


def _group(group: Json) -> Json:
    options = [
        {
            "value": one["value"],
            "text": one["text"]["text"],
            "description": (one.get("description") or {}).get("text", ""),
        }
        for one in group["options"]
    ]
    return {"label": group.get("label", {}).get("text", ""), "options": options}


def _found(blocks: list[Json], asked: Asked) -> tuple[Json, Json]:
    found = elements.find(blocks, asked.block, asked.action)
    if found is None:
        raise Gone
    return found


def _held(element: Json, asked: Asked, zone: ZoneInfo, offered: list[Json]) -> Json:
    if element["type"] == "button":
        return {}
    return choosing.held(element, asked.chosen, zone, offered)
