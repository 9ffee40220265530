"""What Slack, the bot and Polytomic have said to each other: the newest exchanges, whichever way they went.

An exchange is made only of what cannot hold a secret: the kind and ids of a delivery, the name of a method, a path
without its query, a status, an error code, an Idempotency-Key. No body is read for it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Generic, TypeVar

from bot.sandbox.page.scene import Exchange
from bot.sandbox.polytomic.gate import Requested
from bot.sandbox.polytomic.log_files import Download
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.slack.things import Call, Delivery
from bot.sandbox.slack.workspace import Slack

MOST = 200
_SLACK, _BOT, _POLYTOMIC = "Slack", "bot", "Polytomic"
_CUT = "cut off"

Noted = TypeVar("Noted")


class Traffic:
    """The newest exchanges of one world; each is read from its log once."""

    def __init__(self, slack: Slack, polytomic: PolytomicWorld) -> None:
        self._tails = (
            _Tail(lambda: slack.deliveries.log, _delivery),
            _Tail(lambda: slack.world.calls, _call),
            _Tail(lambda: polytomic.requests, _request),
            _Tail(lambda: polytomic.downloads, _download),
        )
        self._count = 0
        self._kept: tuple[Exchange, ...] = ()

    def newest(self) -> tuple[Exchange, ...]:
        """At most MOST exchanges, the one that began last first. Numbers are given in the order of ending."""
        fresh = sorted((one for tail in self._tails for one in tail.fresh()), key=lambda one: one.at)
        if fresh:
            numbered = [replace(one, number=self._count + place) for place, one in enumerate(fresh, 1)]
            self._count += len(fresh)
            self._kept = tuple(sorted([*numbered, *self._kept], key=lambda one: (one.at, one.number))[: -MOST - 1 : -1])
        return self._kept


class _Tail(Generic[Noted]):
    """What was added to a log since the last look, the newest at least."""

    def __init__(self, log: Callable[[], Sequence[Noted]], shown: Callable[[Noted], Exchange]) -> None:
        self._log = log
        self._shown = shown
        self._seen = 0

    def fresh(self) -> Iterable[Exchange]:
        log = self._log()
        added = log[max(self._seen, len(log) - MOST) :]
        self._seen = len(log)
        return map(self._shown, added)


def _delivery(one: Delivery) -> Exchange:
    answer = str(one.status) if one.status else "no answer"
    what = f"{one.kind} {one.about}".strip()
    return Exchange(0, one.at, _SLACK, _BOT, what, answer, one.status != HTTPStatus.OK, one.milliseconds)


def _call(one: Call) -> Exchange:
    answer = _CUT if one.is_cut else one.error or "ok"
    return Exchange(0, one.at, _BOT, _SLACK, one.method, answer, answer != "ok", one.milliseconds)


def _request(one: Requested) -> Exchange:
    what = f"{one.operation} {one.method} {one.path}"
    return replace(_to_polytomic(what, one.status, one.milliseconds, one), key=one.key or "")


def _download(one: Download) -> Exchange:
    return _to_polytomic(f"log_file GET {one.path}", one.status, one.milliseconds, one)


def _to_polytomic(what: str, status: int, milliseconds: float, one: Requested | Download) -> Exchange:
    answer = f"{status} {HTTPStatus(status).phrase}" if status else _CUT
    went_wrong = not status or status >= HTTPStatus.BAD_REQUEST
    return Exchange(0, one.at, _BOT, _POLYTOMIC, what, answer, went_wrong, milliseconds)
