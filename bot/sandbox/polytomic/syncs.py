"""Model syncs: what one is made of, which ones are refused, and what is remembered of records already sent."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import BaseModel, Field

from bot.sandbox.polytomic.answers import Json, Refusal, not_found, stamp
from bot.sandbox.polytomic.connections import ORGANIZATION, Connections, Ids
from bot.sandbox.polytomic.gong import IDENTITY, Gong, GongFlow
from bot.sandbox.polytomic.models import Models
from bot.sandbox.polytomic.runs import Run
from bot.sandbox.polytomic.switches import LATEST, Switches
from bot.sandbox.polytomic.targets import Targets

Mode = Literal["create", "update", "updateOrCreate", "replace", "append", "remove", "snapshot"]
MODES: tuple[Mode, ...] = get_args(Mode)
_FUNCTIONS = ("Equality", "ISubstring", "OneOf", "DomainMatch", "HostnameMatch")


class Source(BaseModel):
    """A column of a model."""

    model_id: str
    field: str


class _Identity(BaseModel):
    source: Source
    target: str
    function: str
    new_field: bool | None = None
    remote_field_type_id: str | None = None


class _Identities(BaseModel):
    mappings: list[_Identity]
    strategy: Literal["priority", "and"] | None = None


class _Target(BaseModel):
    connection_id: str
    object: str | None = None
    create: dict[str, str] | None = None
    configuration: dict[str, Any] | None = None
    new_name: str | None = None
    filter_logic: str | None = None
    search_values: dict[str, Any] | None = None


class _Mapping(BaseModel):
    target: str
    source: Source | None = None
    override_value: str | None = None
    sync_mode: str | None = None
    new: bool | None = None
    encryption_enabled: bool | None = None


class _Schedule(BaseModel):
    frequency: Literal[
        "manual", "continuous", "hourly", "daily", "weekly", "custom", "builder", "runafter", "multi", "dbtcloud"
    ]
    hour: str | None = None
    minute: str | None = None
    month: str | None = None
    day_of_month: str | None = None
    day_of_week: str | None = None
    connection_id: str | None = None
    job_id: int | None = None
    run_after: dict[str, Any] | None = None
    run_after_success_only: bool | None = None


class SyncBody(BaseModel):
    """The body that makes a sync, or replaces one."""

    name: str = Field(min_length=1)
    mode: Mode
    schedule: _Schedule
    target: _Target
    fields: list[_Mapping] | None = None
    identity: _Identity | None = None
    identities: _Identities | None = None
    override_fields: list[_Mapping] | None = None
    overrides: list[dict[str, Any]] | None = None
    filters: list[dict[str, Any]] | None = None
    filter_logic: str | None = None
    model_filters: dict[str, Any] | None = None
    target_filters: dict[str, Any] | None = None
    active: bool | None = None
    sync_all_records: bool | None = None
    skip_initial_backfill: bool | None = None
    only_enrich_updates: bool | None = None
    encryption_passphrase: str | None = None
    policies: list[str] | None = None
    organization_id: str | None = None

    @property
    def identified_by(self) -> _Identity | None:
        """The one identity, in whichever of the two ways it was given."""
        if self.identity or not self.identities or len(self.identities.mappings) != 1:
            return self.identity
        return self.identities.mappings[0]


@dataclass(slots=True)
class Sync:
    """One sync. `sent` maps an identity value to what was last sent for it; `runs` has the oldest first."""

    id: str
    body: SyncBody
    active: bool
    created_at: datetime
    updated_at: datetime
    problems: list[Json]
    sent: dict[str, str] = field(default_factory=dict, repr=False)
    runs: list[Run] = field(default_factory=list)
    starting: bool = False

    @property
    def current(self) -> Run | None:
        """The run that has not ended."""
        return next((run for run in reversed(self.runs) if not run.ended), None)

    def uses(self, connection_id: str, model_ids: set[str]) -> bool:
        """Whether the sync writes to this connection or reads one of these models."""
        identity = self.body.identified_by
        read = {identity.source.model_id} if identity else set()
        return self.body.target.connection_id == connection_id or bool(read & model_ids)

    def shown(self, version: str) -> Json:
        """What GET answers."""
        body = self.body.model_dump(exclude_none=True)
        identity = self.body.identified_by
        shown = {
            **body,
            "fields": body.get("fields", []),
            "override_fields": body.get("override_fields", []),
            "id": self.id,
            "active": self.active,
            "model_ids": [identity.source.model_id] if identity else [],
            "organization_id": ORGANIZATION["id"],
            "policies": body.get("policies", []),
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.updated_at),
        }
        return {**shown, "problems": self.problems} if version >= LATEST else shown

    def listed(self, version: str) -> Json:
        """What the list has of it: everything in 2024-02-08, the light form since."""
        shown = self.shown(version)
        if version < LATEST:
            return shown
        kept = ("id", "name", "active", "mode", "model_ids", "organization_id", "schedule", "created_at", "updated_at")
        light = {name: shown[name] for name in kept}
        target = self.body.target
        return {**light, "target_connection_id": target.connection_id, "target_object": target.object}


class Syncs:
    """All syncs, and the rules that a new one has to keep."""

    def __init__(
        self,
        connections: Connections,
        models: Models,
        targets: Targets,
        gong: Gong,
        *,
        clock: Callable[[], datetime],
        switches: Switches,
        ids: Ids,
    ) -> None:
        self._connections = connections
        self._models = models
        self._targets = targets
        self._gong = gong
        self._clock = clock
        self._switches = switches
        self._ids = ids
        self._kept: dict[str, Sync] = {}
        self.past_runs: list[Run] = []

    @property
    def all(self) -> tuple[Sync, ...]:
        """Every sync, oldest first."""
        return tuple(self._kept.values())

    def get(self, sync_id: str) -> Sync:
        """The sync of this id; 404 when there is none."""
        try:
            return self._kept[sync_id]
        except KeyError:
            raise not_found("sync") from None

    def add(self, body: SyncBody, version: str) -> Sync:
        """A new sync, if it keeps the rules. Raises a 4xx that names the field otherwise."""
        problems = self.check(body, version)
        now = self._clock()
        active = self._switches.default_active if body.active is None else body.active
        made = Sync(self._ids.new("sync"), body, active, now, now, problems)
        self._kept[made.id] = made
        return made

    def remove(self, sync: Sync) -> None:
        """The sync is gone; its run was canceled first."""
        now = self._clock()
        for run in sync.runs:
            run.cancel(now)
        self.past_runs += sync.runs
        del self._kept[sync.id]

    def check(self, body: SyncBody, version: str) -> list[Json]:
        """The problems that do not prevent making it. Raises a 4xx for those that do."""
        if body.fields is None and self._switches.fields_required:
            raise _wrong("fields", "fields is required")
        target = self._target(body)
        if body.mode not in self._targets.modes(target):
            raise _wrong("mode", f"mode {body.mode} is not offered by {target.name}")
        self._check_identity(body, version)
        offered = {IDENTITY, *(known.id for known in target.fields)}
        mapped = [*(body.fields or []), *(body.override_fields or [])]
        for mapping in mapped:
            if mapping.target not in offered:
                raise _wrong("fields.target", f"{target.name} has no field {mapping.target}")
            if mapping.source:
                self._check_source(mapping.source, "fields.source.field")
        filled = {mapping.target for mapping in mapped}
        missing = [known for known in target.fields if known.required and known.id not in filled]
        return self._missing(missing[0].id, version) if missing else []

    def _missing(self, name: str, version: str) -> list[Json]:
        words = f"required target field {name} is not mapped"
        if self._switches.report_problems == "refuse" or version < LATEST:
            raise _wrong(f"fields.{name}", words)
        return [{"code": "required_field", "message": words, "path": f"fields.{name}", "severity": "error"}]

    def _target(self, body: SyncBody) -> GongFlow:
        connection = self._connections.get(body.target.connection_id)
        if connection.type != "gong":
            raise _wrong("target.connection_id", "This connection is no destination")
        found = self._gong.find(body.target.object or "")
        if found is None:
            raise _wrong("target.object", f"Target object {body.target.object!r} does not exist")
        return found

    def _check_identity(self, body: SyncBody, version: str) -> None:
        if body.identities and (version < LATEST or body.identity):
            raise _wrong("identities", "identities is not known to this version, or given beside identity")
        identity = body.identified_by
        if identity is None:
            raise _wrong("identity", "identity is required")
        if identity.target != IDENTITY:
            raise _wrong("identity.target", f"{identity.target} does not support identity")
        names = [*_FUNCTIONS]
        if self._switches.function_case == "any":
            names += [name.lower() for name in _FUNCTIONS]
        if identity.function not in names:
            raise _wrong("identity.function", f"Unknown identity function {identity.function!r}")
        if identity.function.lower() != "equality":
            raise _wrong("identity.function", f"{identity.function} is not offered for {IDENTITY}")
        self._check_source(identity.source, "identity.source.field")

    def _check_source(self, source: Source, place: str) -> None:
        model = self._models.find(source.model_id)
        if model is None:
            raise _wrong(place, f"Model {source.model_id!r} does not exist")
        columns = model.columns
        if self._switches.source_case == "any" and source.field.upper() in columns:
            source.field = source.field.upper()
        if source.field not in columns:
            raise _wrong(place, f"Field {source.field!r} does not exist in model {model.name!r}")


def _wrong(place: str, words: str) -> Refusal:
    return Refusal(422, "invalid_sync", words, {"field": place})
