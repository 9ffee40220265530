"""The page of the sandbox: a workspace in a browser."""

from dataclasses import dataclass
from typing import Literal

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.page.scene import Curtain
from bot.sandbox.slack.workspace import Slack


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, as the app's manifest has it."""

    command: str
    description: str
    usage_hint: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut, as the app's manifest has it."""

    name: str
    callback_id: str
    description: str
    type: Literal["global", "message"]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the app offers in the workspace: its name, its commands and its shortcuts."""

    name: str
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]


def build(slack: Slack, curtain: Curtain, offer: Offer) -> Starlette:
    """The ASGI app of the page."""

    async def show(_: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{offer.name}: {len(slack.world.users)} people. The bot is {curtain.scene().bot}.")

    return Starlette(routes=[Route("/", show)])
