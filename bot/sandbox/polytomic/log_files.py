"""Log files of executions, on a storage host of their own: whoever has the signed link may read, for a while.

As with real object storage, a request that also carries an Authorization header is refused: an API key has no
business there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.clock import Stopwatch
from bot.sandbox.polytomic.answers import Json
from bot.sandbox.polytomic.hosts import Hosts
from bot.sandbox.polytomic.runs import LogLine, Run
from bot.sandbox.polytomic.switches import Switches


@dataclass(frozen=True, slots=True)
class Download:
    """One call to the storage host, without its signature."""

    path: str
    status: int
    at: datetime
    milliseconds: float


class LogFiles:
    """The files of every run that was asked for, and their links."""

    def __init__(
        self, clock: Callable[[], datetime], switches: Switches, hosts: Hosts, heard: Callable[[], None]
    ) -> None:
        self.downloads: list[Download] = []
        self._heard = heard
        self._clock = clock
        self._switches = switches
        self._hosts = hosts
        self._runs: dict[str, Run] = {}

    @property
    def app(self) -> Starlette:
        """The storage host."""
        return Starlette(routes=[Route("/logs/{execution_id}/{type}/{filename}", self._download)])

    def names(self, run: Run, kind: str) -> list[str]:
        """The files that hold this log; none for an empty one."""
        count = -(-len(run.logs[kind]) // self._switches.log_lines_per_file)
        return [f"{kind}-{number:05d}.json" for number in range(1, count + 1)]

    def urls(self, run: Run, kind: str) -> list[str]:
        """A signed link to each of the files."""
        return [self.url(run, kind, name) for name in self.names(run, kind)]

    def url(self, run: Run, kind: str, name: str) -> str:
        """A signed link to one file, good until `expires`."""
        self._runs[run.id] = run
        path = f"/logs/{run.id}/{kind}/{name}"
        expires = int(self.expires().timestamp())
        signature = self._hosts.signature(f"{path}:{expires}")
        return f"{self._hosts.storage_url}{path}?expires={expires}&signature={signature}"

    def expires(self) -> datetime:
        """When a link given out now stops to work."""
        return self._clock() + timedelta(seconds=self._switches.log_url_seconds)

    async def _download(self, request: Request) -> Response:
        watch = Stopwatch(self._clock)
        status, body = self._answer(request)
        self.downloads.append(Download(request.url.path, status, watch.at, watch.milliseconds))
        self._heard()
        return Response(body, status, media_type="application/json" if status == 200 else "application/xml")

    def _answer(self, request: Request) -> tuple[int, str]:
        expires = request.query_params.get("expires", "")
        signature = self._hosts.signature(f"{request.url.path}:{expires}")
        if "authorization" in request.headers:
            return 400, "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed</Message></Error>"
        if not expires.isdigit() or signature != request.query_params.get("signature"):
            return 403, "<Error><Code>SignatureDoesNotMatch</Code></Error>"
        if self._clock() >= datetime.fromtimestamp(int(expires), UTC):
            return 403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
        return 200, self._content(request)

    def _content(self, request: Request) -> str:
        run = self._runs[request.path_params["execution_id"]]
        kind, name = request.path_params["type"], request.path_params["filename"]
        size = self._switches.log_lines_per_file
        start = self.names(run, kind).index(name) * size
        records = [self._record(line) for line in run.logs[kind][start : start + size]]
        if self._switches.log_format == "array":
            return json.dumps(records)
        return "".join(f"{json.dumps(record)}\n" for record in records)

    def _record(self, line: LogLine) -> Json:
        if self._switches.log_shape == "flat":
            return {"identity": line.identity} | ({"message": line.message} if line.message else {})
        return {"record": {"Id": line.identity}, "error": {"message": line.message} if line.message else None}
