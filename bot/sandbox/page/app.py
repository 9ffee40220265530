"""The workspace in a browser: pages, the line on which each window hears of changes, and what people do in them.

docs: Starlette, applications and responses. Loopback only: see `guard`.
"""

import contextlib
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.sandbox.page import rooms
from bot.sandbox.page.deeds import Deeds
from bot.sandbox.page.desk import Desk
from bot.sandbox.page.drawing import Drawing
from bot.sandbox.page.files import Files
from bot.sandbox.page.guard import GUARDS
from bot.sandbox.page.live import HEARTBEAT, stream
from bot.sandbox.page.offer import Offer
from bot.sandbox.page.scene import Curtain
from bot.sandbox.page.window import HOME, Window, window_of
from bot.sandbox.slack.interactions import Trouble
from bot.sandbox.slack.workspace import Slack

_STATIC = Path(__file__).parent / "static"
_FIRST = ("U0REQUESTER", "C0REVOPS")
_LOOK_BEHIND_EVERY = 1.0


def build(slack: Slack, curtain: Curtain, offer: Offer) -> Starlette:
    """The page over this workspace, as an ASGI app; it begins with the requester in the first channel."""
    desk = Desk()
    drawing = Drawing(slack, desk, curtain, offer)
    pages = _Pages(slack, drawing, curtain)
    files = Files(slack.world, drawing)
    return Starlette(
        routes=[
            Route("/", _begin),
            Route("/outside", pages.outside),
            Mount("/static", StaticFiles(directory=_STATIC)),
            *Deeds(slack, desk, curtain, offer).routes(),
            *files.routes(),
            Route("/as/{person}/go/{channel}/{ts}", pages.go),
            Route("/as/{person}/{place}", pages.window),
            Route("/as/{person}/{place}/live", pages.live),
        ],
        middleware=list(GUARDS),
    )


async def _begin(_: Request) -> Response:
    person, place = _FIRST
    return RedirectResponse(f"/as/{person}/{place}")


class _Pages:
    def __init__(self, slack: Slack, drawing: Drawing, curtain: Curtain) -> None:
        self._slack = slack
        self._curtain = curtain
        self._world = slack.world
        self._drawing = drawing

    async def window(self, request: Request) -> Response:
        """One window, whole."""
        window = self._of(request)
        if window is None:
            return self._nobody()
        if not self._may_see(window):
            return RedirectResponse(window.to(place=HOME))
        return HTMLResponse(self._drawing.page(window), headers={"Cache-Control": "no-store"})

    async def live(self, request: Request) -> Response:
        """The line of one window; what it shows counts as seen. Who comes to the Home tab is told to the bot."""
        window = self._of(request)
        if window is None or not self._may_see(window):
            return self._nobody()
        there = window

        def regions() -> dict[str, str]:
            self._drawing.seen(there)
            return self._drawing.regions(there)

        look_every = _LOOK_BEHIND_EVERY if window.behind else HEARTBEAT
        beside = partial(self._come_home, window.person) if window.place == HOME else None
        return stream(regions, self._world.watch, look_every=look_every, beside=beside)

    async def _come_home(self, person: str) -> None:
        """The bot knows that the person looks at the Home tab; one that does not run is told once it does."""
        was = ""
        with self._world.watch() as changed:
            while True:
                changed.clear()
                is_news, was = self._curtain.bot != was, self._curtain.bot
                if is_news and was == "running":
                    with contextlib.suppress(Trouble):
                        await self._slack.interactions.home_opened(person)
                        return
                await changed.wait()

    async def go(self, request: Request) -> Response:
        """Where a link to a message leads: its conversation, and its thread if it is in one."""
        window = self._of(request)
        if window is None:
            return self._nobody()
        channel, ts = request.path_params["channel"], request.path_params["ts"]
        found = rooms.find(self._world, channel, ts)
        return RedirectResponse(window.to(place=channel, thread=found.thread_ts if found else ""))

    async def outside(self, request: Request) -> Response:
        """Where a link would leave this machine: it says so instead."""
        words = "In Slack this opens the address below. The sandbox stays on this machine."
        return HTMLResponse(
            self._drawing.apart("This leads outside", words, text=request.query_params.get("to", "")),
            headers={"Cache-Control": "no-store"},
        )

    def _of(self, request: Request) -> Window | None:
        person = next((one for one in self._drawing.people if one.id == request.path_params["person"]), None)
        return window_of(request, person.tz) if person else None

    def _may_see(self, window: Window) -> bool:
        return window.place == HOME or rooms.may_read(self._world, window.person, window.place)

    def _nobody(self) -> Response:
        words = "Nobody of this name is in the workspace, or the conversation is not theirs."
        return HTMLResponse(self._drawing.apart("Not here", words), status_code=404)
