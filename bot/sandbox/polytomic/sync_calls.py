"""The endpoints of syncs: create, list, get, change, delete, activate."""

from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel

from bot.sandbox.polytomic.answers import Json, Refusal
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.switches import LATEST, Switches
from bot.sandbox.polytomic.syncs import Sync, SyncBody, Syncs


class _Activate(BaseModel):
    active: bool


class SyncCalls:
    """The operations on syncs."""

    def __init__(self, syncs: Syncs, clock: Callable[[], datetime], switches: Switches) -> None:
        self._syncs = syncs
        self._clock = clock
        self._switches = switches

    def operations(self) -> list[Operation]:
        """Every endpoint of this module."""
        one = "/api/syncs/{id}"
        return [
            Operation("POST", "/api/syncs", "create_sync", self._create),
            Operation("GET", "/api/syncs", "syncs", self._list),
            Operation("GET", "/api/syncs/schedules", "schedules", self._schedules),
            Operation("GET", one, "sync", self._get),
            Operation("PUT", one, "update_sync", self._update),
            Operation("DELETE", one, "delete_sync", self._delete),
            Operation("POST", f"{one}/activate", "activate", self._activate),
        ]

    async def _create(self, call: Call) -> Json:
        return {"data": self._syncs.add(call.read(SyncBody), call.version).shown(call.version)}

    async def _list(self, call: Call) -> Json:
        found = sorted(self._syncs.all, key=lambda sync: (sync.updated_at, sync.id), reverse=True)
        found = [sync for sync in found if _wanted(sync, call)]
        if call.version < LATEST:
            return {"data": [sync.listed(call.version) for sync in found]}
        size = self._page_size(call.query.get("limit"))
        token = call.query.get("page_token")
        ids = [sync.id for sync in found]
        if token is not None and token not in ids:
            raise Refusal(400, "invalid_page_token", "page_token is not valid")
        start = ids.index(token) + 1 if token is not None else 0
        page = found[start : start + size]
        after = page[-1].id if start + size < len(found) else None
        return {"data": [sync.listed(call.version) for sync in page], "pagination": {"next_page_token": after}}

    def _page_size(self, asked: str | None) -> int:
        most = self._switches.sync_page_size
        if asked is None or not asked.lstrip("-").isdigit() or int(asked) <= 0:
            return most
        return min(most, int(asked))

    async def _schedules(self, _: Call) -> Json:
        manual = {"frequency": "manual", "label": "Manual", "description": "Runs when started", "configuration": {}}
        return {"data": {"schedule_options": [manual]}}

    async def _get(self, call: Call) -> Json:
        return {"data": self._syncs.get(call.path["id"]).shown(call.version)}

    async def _update(self, call: Call) -> Json:
        sync = self._syncs.get(call.path["id"])
        body = call.read(SyncBody)
        sync.problems = self._syncs.check(body, call.version)
        sync.body = body
        sync.active = self._switches.default_active if body.active is None else body.active
        sync.updated_at = self._clock()
        return {"data": sync.shown(call.version)}

    async def _delete(self, call: Call) -> Json:
        self._syncs.remove(self._syncs.get(call.path["id"]))
        return {}

    async def _activate(self, call: Call) -> Json:
        sync = self._syncs.get(call.path["id"])
        sync.active = call.read(_Activate).active
        sync.updated_at = self._clock()
        return {"data": {"id": sync.id, "active": sync.active}}


def _wanted(sync: Sync, call: Call) -> bool:
    target = call.query.get("target_connection_id")
    if target is not None and sync.body.target.connection_id != target:
        return False
    mode = call.query.get("mode")
    if mode is not None and sync.body.mode != mode:
        return False
    return "active" not in call.query or sync.active == call.flag("active")
