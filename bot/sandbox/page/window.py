"""One window on the workspace: who looks, at what, and with what beside it."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.requests import Request

HOME = "home"
ZONE_COOKIE = "zone"


@dataclass(frozen=True, slots=True)
class Window:
    """`place` is a conversation or the app's home; `thread` the ts of an open thread, `behind` the open curtain.

    `new` is the ts of the first message that was new to the person when they came.
    """

    person: str
    place: str
    zone: ZoneInfo
    thread: str = ""
    behind: bool = False
    new: str = ""

    def to(
        self,
        *,
        person: str | None = None,
        place: str | None = None,
        thread: str | None = None,
        behind: bool | None = None,
    ) -> str:
        """Where one gets by changing this much; another person or place leaves the thread behind."""
        moved = person is not None or place is not None
        there = replace(
            self,
            person=person or self.person,
            place=place or self.place,
            thread=thread if thread is not None else ("" if moved else self.thread),
            behind=self.behind if behind is None else behind,
            new="",
        )
        return _address(there)

    @property
    def live(self) -> str:
        """Where this window hears of changes."""
        return _address(self, "/live")

    def file(self, file_id: str, name: str = "") -> str:
        """A file as this person sees it, or with its name the bytes of it."""
        return f"/as/{self.person}/file/{file_id}" + ("/download" if name else "")


def window_of(request: Request, zone: str) -> Window:
    """The window that this request comes from; `zone` where the browser has not said its own."""
    return Window(
        person=request.path_params["person"],
        place=request.path_params.get("place", HOME),
        zone=_zone(request.cookies.get(ZONE_COOKIE, ""), zone),
        thread=request.query_params.get("thread", ""),
        behind=request.query_params.get("behind") == "1",
        new=request.query_params.get("new", ""),
    )


def _zone(told: str, otherwise: str) -> ZoneInfo:
    """The browser's time zone, as Slack's own apps use the device's."""
    try:
        return ZoneInfo(told.replace("%2F", "/") or otherwise)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(otherwise)


def _address(window: Window, more: str = "") -> str:
    named = {"thread": window.thread, "behind": "1" if window.behind else "", "new": window.new}
    asked = urlencode({name: value for name, value in named.items() if value})
    return f"/as/{window.person}/{window.place}{more}" + (f"?{asked}" if asked else "")
