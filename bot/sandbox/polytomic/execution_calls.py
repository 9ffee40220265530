"""The endpoints of executions: start, list, get, cancel, status, and the links to log files."""

from collections.abc import Callable
from datetime import datetime

from bot.sandbox.polytomic.answers import Answer, Json, Refusal, not_found, stamp
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.log_files import LogFiles
from bot.sandbox.polytomic.runs import Run
from bot.sandbox.polytomic.starting import StartBody, Starter
from bot.sandbox.polytomic.switches import LATEST
from bot.sandbox.polytomic.syncs import Sync, Syncs

_PAGE = 50


class ExecutionCalls:
    """The operations on executions."""

    def __init__(self, syncs: Syncs, starter: Starter, logs: LogFiles, clock: Callable[[], datetime]) -> None:
        self._syncs = syncs
        self._starter = starter
        self._logs = logs
        self._clock = clock

    def operations(self) -> list[Operation]:
        """Every endpoint of this module; the fixed words come before the log types."""
        sync = "/api/syncs/{id}"
        run = f"{sync}/executions/{{execution_id}}"
        return [
            Operation("POST", f"{sync}/executions", "start", self._start),
            Operation("GET", f"{sync}/executions", "executions", self._list),
            Operation("POST", f"{sync}/cancel", "cancel", self._cancel_current),
            Operation("GET", f"{sync}/status", "status", self._status),
            Operation("GET", run, "execution", self._get),
            Operation("POST", f"{run}/cancel", "cancel_execution", self._cancel, since=LATEST),
            Operation("GET", f"{run}/logs", "logs_index", self._index, since=LATEST),
            Operation("GET", f"{run}/{{type}}", "log_urls", self._log_urls),
            Operation("GET", f"{run}/{{type}}/{{filename}}", "log_url", self._log_url),
        ]

    async def _start(self, call: Call) -> Json:
        sync = self._settled(call)
        body = call.read(StartBody)
        if body.source_identities is not None and call.version < LATEST:
            raise Refusal(422, "invalid_request", "source_identities is not known to this version")
        run = await self._starter.start(sync, body)
        return {"data": {"id": run.id, "status": run.status, "created_at": stamp(run.created_at)}}

    async def _list(self, call: Call) -> Json:
        runs = list(reversed(self._settled(call).runs))
        if call.flag("ascending"):
            runs.reverse()
        if call.flag("only_completed"):
            runs = [run for run in runs if run.ended]
        token = call.query.get("page_token", "0")
        if not token.isdigit():
            raise Refusal(400, "invalid_page_token", "page_token is not valid")
        start = int(token)
        after = str(start + _PAGE) if start + _PAGE < len(runs) else None
        page = [run.shown() for run in runs[start : start + _PAGE]]
        return {"data": page, "pagination": {"next_page_token": after}}

    async def _get(self, call: Call) -> Json:
        return {"data": self._run(call).shown()}

    async def _status(self, call: Call) -> Json:
        sync = self._settled(call)
        ended = [run for run in sync.runs if run.ended]
        return {
            "data": {
                "current_execution": sync.current.shown() if sync.current else None,
                "last_execution": ended[-1].shown() if ended else None,
                "next_execution_time": None,
            }
        }

    async def _cancel_current(self, call: Call) -> Json:
        run = self._settled(call).current
        if run is None:
            raise not_found("running execution")
        run.cancel(self._clock())
        return {"data": {"message": "Cancellation requested"}}

    async def _cancel(self, call: Call) -> Json:
        if not self._run(call).cancel(self._clock()):
            raise Refusal(400, "execution_ended", "The execution has ended")
        return {"data": {"message": "Cancellation requested"}}

    async def _index(self, call: Call) -> Json:
        run = self._run(call)
        here = f"/api/syncs/{run.sync_id}/executions/{run.id}"
        return {"data": {kind: {"count": len(lines), "url": f"{here}/{kind}"} for kind, lines in run.logs.items()}}

    async def _log_urls(self, call: Call) -> Json:
        run, kind = self._log(call)
        urls = self._logs.urls(run, kind)
        return {"data": {"urls": urls or None, "expires": stamp(self._logs.expires()) if urls else None}}

    async def _log_url(self, call: Call) -> Answer:
        run, kind = self._log(call)
        name = call.path["filename"]
        if name not in self._logs.names(run, kind):
            raise not_found("log file")
        return Answer(302, b"", {"Location": self._logs.url(run, kind, name)})

    def _log(self, call: Call) -> tuple[Run, str]:
        run, kind = self._run(call), call.path["type"]
        if kind not in run.logs:
            raise Refusal(400, "invalid_log_type", "Unknown log type")
        return run, kind

    def _settled(self, call: Call) -> Sync:
        sync = self._syncs.get(call.path["id"])
        now = self._clock()
        for run in sync.runs:
            run.settle(now)
        return sync

    def _run(self, call: Call) -> Run:
        for run in self._settled(call).runs:
            if run.id == call.path["execution_id"]:
                return run
        raise not_found("execution")
