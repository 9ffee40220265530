"""Target objects and their fields: what a sync to Gong may write to, as one cached list and one cached schema each."""

from collections.abc import Callable
from datetime import datetime

from bot.sandbox.polytomic.answers import Json, Refusal, not_found, stamp
from bot.sandbox.polytomic.connections import Connections
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.gong import IDENTITY, FlowField, Gong, GongFlow
from bot.sandbox.polytomic.switches import Switches

_FIXED_MODES = ("update", "updateOrCreate")
_LABELS = {"create": "Create", "update": "Update", "updateOrCreate": "Update or create"}


class Targets:
    """What can be synced to, as Polytomic shows it; the schema of an object is read from Gong when asked to."""

    def __init__(self, connections: Connections, gong: Gong, clock: Callable[[], datetime], switches: Switches) -> None:
        self._connections = connections
        self._gong = gong
        self._clock = clock
        self._switches = switches
        self._cached: dict[str, tuple[GongFlow, datetime]] = {}

    def operations(self) -> list[Operation]:
        """Every endpoint of this module."""
        here = "/api/connections/{id}/modelsync"
        return [
            Operation("GET", f"{here}/targetobjects", "target_objects", self._list),
            Operation("POST", f"{here}/targetobjects", "target_objects", self._list_by_post),
            Operation("GET", f"{here}/target/fields", "target_fields", self._fields),
        ]

    def modes(self, target: GongFlow) -> tuple[str, ...]:
        """The sync modes that the object offers."""
        if target.modes is not None:
            return target.modes
        return self._switches.flow_modes if target.is_flow else _FIXED_MODES

    async def _list(self, call: Call) -> Json:
        self._connections.of_type(call.path["id"], "gong")
        return {"data": [self._object(target) for target in self._gong.objects]}

    async def _list_by_post(self, call: Call) -> Json:
        if not self._switches.post_target_objects:
            raise Refusal(405, "method_not_allowed", "Method Not Allowed")
        return await self._list(call)

    def _object(self, target: GongFlow) -> Json:
        modes = [
            {"id": mode, "requires_identity": True, "supports_per_field_mode": False, "supports_target_filters": False}
            for mode in self.modes(target)
        ]
        return {"id": target.id, "name": target.name, "modes": modes}

    async def _fields(self, call: Call) -> Json:
        self._connections.of_type(call.path["id"], "gong")
        target_id = call.query.get("target")
        if not target_id:
            raise Refusal(400, "invalid_request", "target is required")
        found = self._gong.find(target_id)
        if found is None:
            self._cached.pop(target_id, None)
            raise not_found("target object")
        if call.flag("refresh") or target_id not in self._cached:
            self._cached[target_id] = (found, self._clock())
        target, refreshed_at = self._cached[target_id]
        return {
            "data": {
                "id": target.id,
                "name": target.name,
                "refreshed_at": stamp(refreshed_at),
                "fields": [_identity(), *(_field(field) for field in target.fields)],
                "modes": [self._mode(mode) for mode in self.modes(target)],
                "properties": self._properties(target),
            }
        }

    def _mode(self, mode: str) -> Json:
        return {
            "mode": mode,
            "label": _LABELS.get(mode, mode),
            "description": f"{_LABELS.get(mode, mode)} records",
            "requires_identity": True,
            "supports_field_sync_mode": False,
            "supports_target_filters": False,
        }

    def _properties(self, target: GongFlow) -> Json:
        return {
            "mappings_not_required": target.is_flow,
            "optional_target_mappings": True,
            "requires_configuration": False,
            "does_not_report_operation_counts": not self._switches.operation_counts,
            "supports_field_creation": False,
            "supports_target_filters": False,
            "supports_multiple_identities": False,
            "target_creator": False,
        }


def _identity() -> Json:
    return {
        **_field(FlowField(IDENTITY, "CRM contact id", required=True)),
        "description": "The contact's id in the CRM linked to Gong",
        "supports_identity": True,
        "identity_functions": [{"id": "Equality", "label": "Equals"}],
    }


def _field(field: FlowField) -> Json:
    return {
        "id": field.id,
        "name": field.name,
        "type": "string",
        "source_type": field.type,
        "description": "",
        "required": field.required,
        "createable": True,
        "updateable": True,
        "filterable": False,
        "encryptable": False,
        "association": False,
        "supports_identity": False,
        "identity_functions": None,
    }
