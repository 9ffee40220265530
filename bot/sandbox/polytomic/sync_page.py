"""Where the link of an enrollment leads: the page of its sync, for people, who have no API key."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.polytomic import pages
from bot.sandbox.polytomic.runs import Run
from bot.sandbox.polytomic.syncs import Syncs


class SyncPage:
    """The page of each sync, as it stands when it is asked for."""

    def __init__(self, syncs: Syncs, clock: Callable[[], datetime]) -> None:
        self._syncs = syncs
        self._clock = clock

    def routes(self) -> list[Route]:
        """The one address, which is no part of the API."""
        return [Route("/syncs/{id}", self._show, methods=["GET"], name="sync_page")]

    async def _show(self, request: Request) -> Response:
        sync = next((one for one in self._syncs.all if one.id == request.path_params["id"]), None)
        if sync is None:
            words = "It was deleted, or it belonged to an earlier sandbox: nothing is kept when a sandbox ends."
            return pages.ended("There is no such sync", words, 404)
        now = self._clock()
        for run in sync.runs:
            run.settle(now)
        facts = (("Active", "Yes" if sync.active else "No"), ("Mode", sync.body.mode), ("As of", _stamp(now)))
        return pages.sync(sync.body.name, facts, [_row(run) for run in reversed(sync.runs)])


def _row(run: Run) -> tuple[str, ...]:
    counts = run.counts()
    told = (counts["total"], counts["insert"] + counts["upserts"], counts["error"]) if counts else None
    numbers = (f"{one:,}" for one in told) if told else ("not yet",) * 3
    return (_stamp(run.created_at), run.status, *numbers)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
