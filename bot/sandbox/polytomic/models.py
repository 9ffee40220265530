"""Models: a query over the warehouse, whose columns are found when it is made; and the jobs that may make them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from bot.sandbox.polytomic.answers import Json, Refusal, not_found, stamp
from bot.sandbox.polytomic.connections import ORGANIZATION, Connections, Ids
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.warehouse import Refused, Warehouse

Row = dict[str, object]
_JOB_TYPES = ("createmodel", "updatemodel", "previewmodel", "samplemodel", "exportlogs", "connectionproxy")


class _Configuration(BaseModel):
    query: str = ""
    table: str = ""


class _Create(BaseModel):
    name: str = Field(min_length=1)
    connection_id: str
    configuration: _Configuration
    identifier: str | None = None
    tracking_columns: list[str] | None = None
    fields: list[str] | None = None
    additional_fields: list[dict[str, Any]] | None = None
    relations: list[dict[str, Any]] | None = None
    enricher: dict[str, Any] | None = None
    labels: list[str] | None = None
    policies: list[str] | None = None
    organization_id: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model. Until `ready_at` only its job knows of it."""

    id: str
    name: str
    connection_id: str
    configuration: Json = field(repr=False)
    sql: str = field(repr=False)
    fields: tuple[Json, ...] = field(repr=False)
    identifier: str | None
    created_at: datetime
    ready_at: datetime

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(str(column["name"]) for column in self.fields)

    def shown(self) -> Json:
        """What GET answers."""
        return {
            "id": self.id,
            "name": self.name,
            "type": "snowflake",
            "version": 1,
            "connection_id": self.connection_id,
            "configuration": self.configuration,
            "identifier": self.identifier,
            "fields": list(self.fields),
            "relations": [],
            "tracking_columns": [],
            "labels": [],
            "enricher": None,
            "policies": [],
            "organization_id": ORGANIZATION["id"],
            "created_at": stamp(self.created_at),
            "updated_at": stamp(self.created_at),
        }


@dataclass(frozen=True, slots=True)
class _Job:
    id: str
    type: str
    created_at: datetime
    done_at: datetime
    model: Model | None
    error: str | None

    def shown(self, now: datetime) -> Json:
        middle = self.created_at + (self.done_at - self.created_at) / 2
        early: Json = {"job_id": self.id, "type": self.type, "status": "created" if now < middle else "running"}
        if now < self.done_at:
            return early
        if self.error:
            return {**early, "status": "failed", "error": self.error}
        return {**early, "status": "done", "result": self.model.shown() if self.model else None}


class Models:
    """All models, and the query of each on the warehouse."""

    def __init__(
        self,
        connections: Connections,
        warehouse: Warehouse,
        *,
        clock: Callable[[], datetime],
        switches: Switches,
        ids: Ids,
    ) -> None:
        self._connections = connections
        self._warehouse = warehouse
        self._clock = clock
        self._switches = switches
        self._ids = ids
        self._kept: dict[str, Model] = {}
        self._jobs: dict[str, _Job] = {}

    def operations(self) -> list[Operation]:
        """Every endpoint of this module."""
        return [
            Operation("POST", "/api/models", "create_model", self._create),
            Operation("GET", "/api/models", "models", self._list),
            Operation("GET", "/api/models/{id}", "model", self._get),
            Operation("DELETE", "/api/models/{id}", "delete_model", self._delete),
            Operation("GET", "/api/jobs/{type}/{id}", "job", self._job),
        ]

    @property
    def all(self) -> tuple[Model, ...]:
        """Every finished model, oldest first."""
        now = self._clock()
        return tuple(model for model in self._kept.values() if model.ready_at <= now)

    def find(self, model_id: str) -> Model | None:
        """The finished model of this id."""
        return next((model for model in self.all if model.id == model_id), None)

    def remove(self, model_id: str) -> None:
        """The model is gone; syncs that read it break when they run."""
        del self._kept[model_id]

    async def rows(self, model: Model) -> list[Row]:
        """The rows of the model's query, read now. Raises the warehouse's Refused."""
        return (await asyncio.to_thread(self._warehouse.query, model.sql))[1]

    async def _create(self, call: Call) -> Json:
        body = call.read(_Create)
        connection = self._connections.of_type(body.connection_id, "snowflake")
        configuration = body.configuration.model_dump(exclude_defaults=True)
        sql = body.configuration.query or f"SELECT * FROM {body.configuration.table}"
        if len(configuration) != 1:
            raise Refusal(400, "invalid_configuration", "configuration needs a query or a table")
        as_job = call.flag("async") or self._switches.models_as_jobs
        now = self._clock()
        ready_at = now + timedelta(seconds=self._switches.job_seconds if as_job else 0)
        try:
            columns, rows = await asyncio.to_thread(self._warehouse.query, sql)
        except Refused as refused:
            if as_job:
                return {"data": None, "job": self._new_job(now, ready_at, None, str(refused))}
            raise Refusal(400, "query_failed", str(refused)) from None
        fields = self._fields(columns, rows, now)
        model = Model(
            self._ids.new("model"), body.name, connection.id, configuration, sql, fields, body.identifier, now, ready_at
        )
        self._kept[model.id] = model
        if as_job:
            return {"data": None, "job": self._new_job(now, ready_at, model, None)}
        return {"data": model.shown(), "job": None}

    def _fields(self, columns: tuple[str, ...], rows: list[Row], now: datetime) -> tuple[Json, ...]:
        return tuple(
            {
                "id": self._ids.new("field"),
                "name": name,
                "label": name.replace("_", " ").capitalize(),
                "type": kind(next((row[name] for row in rows if row[name] is not None), "")),
                "remote_type": "TEXT",
                "example": None,
                "description": "",
                "unique": False,
                "user_added": False,
                "created_at": stamp(now),
                "updated_at": stamp(now),
            }
            for name in columns
        )

    def _new_job(self, now: datetime, done_at: datetime, model: Model | None, error: str | None) -> Json:
        job = _Job(self._ids.new("job"), "createmodel", now, done_at, model, error)
        self._jobs[job.id] = job
        return job.shown(now)

    async def _list(self, call: Call) -> Json:
        models = [model.shown() for model in self.all]
        size = self._switches.models_page_size
        if size is None:
            return {"data": models}
        start = int(call.query.get("page_token") or 0)
        after = str(start + size) if start + size < len(models) else None
        return {"data": models[start : start + size], "pagination": {"next_page_token": after}}

    async def _get(self, call: Call) -> Json:
        model = self.find(call.path["id"])
        if model is None:
            raise not_found("model")
        return {"data": model.shown(), "job": None}

    async def _delete(self, call: Call) -> Json:
        if self.find(call.path["id"]) is None:
            raise not_found("model")
        self.remove(call.path["id"])
        return {}

    async def _job(self, call: Call) -> Json:
        if call.path["type"] not in _JOB_TYPES:
            raise Refusal(400, "invalid_job_type", "Unknown job type")
        job = self._jobs.get(call.path["id"])
        if job is None or job.type != call.path["type"]:
            raise not_found("job")
        return {"data": job.shown(self._clock())}


def kind(value: object) -> str:
    """Polytomic's normalized type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float | Decimal):
        return "number"
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, date):
        return "date"
    return "json" if isinstance(value, list | dict) else "string"
