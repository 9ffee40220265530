"""The endpoints of connections: types, create, list, get, test, change, delete."""

from typing import Any

from pydantic import BaseModel, Field

from bot.sandbox.polytomic import schemas
from bot.sandbox.polytomic.answers import Json, Refusal, not_found
from bot.sandbox.polytomic.connections import (
    Connection,
    Connections,
    check_configuration,
    described,
    wrong_credentials,
)
from bot.sandbox.polytomic.consent import Consents
from bot.sandbox.polytomic.gate import Call, Operation
from bot.sandbox.polytomic.models import Models
from bot.sandbox.polytomic.switches import Switches
from bot.sandbox.polytomic.syncs import Syncs


class _Create(BaseModel):
    name: str = Field(min_length=1)
    type: str
    configuration: dict[str, Any]
    validate_: bool = Field(True, alias="validate")
    redirect_url: str | None = None
    healthcheck_interval: str | None = None
    organization_id: str | None = None
    policies: list[str] | None = None


class _Update(BaseModel):
    name: str = Field(min_length=1)
    configuration: dict[str, Any]
    type: str | None = None
    validate_: bool = Field(True, alias="validate")
    reconnect: bool = False
    healthcheck_interval: str | None = None
    organization_id: str | None = None
    policies: list[str] | None = None


class _Test(BaseModel):
    type: str
    configuration: dict[str, Any]
    connection_id: str | None = None


class ConnectionCalls:
    """The operations on connections."""

    def __init__(
        self, connections: Connections, consents: Consents, models: Models, syncs: Syncs, switches: Switches
    ) -> None:
        self._connections = connections
        self._consents = consents
        self._models = models
        self._syncs = syncs
        self._switches = switches

    def operations(self) -> list[Operation]:
        """Every endpoint of this module."""
        one = "/api/connections/{id}"
        return [
            Operation("GET", "/api/connection_types", "connection_types", self._types),
            Operation("GET", "/api/connection_types/{id}", "connection_type", self._type),
            Operation("GET", "/api/connections", "connections", self._list),
            Operation("POST", "/api/connections", "create_connection", self._create),
            Operation("POST", "/api/connections/test", "test_connection", self._test),
            Operation("GET", one, "connection", self._get),
            Operation("PUT", one, "reconnect", self._update),
            Operation("DELETE", one, "delete_connection", self._delete),
        ]

    async def _types(self, _: Call) -> Json:
        return {"data": [{**described(kind), **schemas.CAPABILITIES[kind]} for kind in schemas.CONFIGURATION]}

    async def _type(self, call: Call) -> Json:
        try:
            return schemas.CONFIGURATION[call.path["id"]]
        except KeyError:
            raise not_found("connection type") from None

    async def _list(self, _: Call) -> Json:
        kept = self._connections.all
        if not self._switches.list_unsaved:
            kept = tuple(connection for connection in kept if connection.saved)
        return {"data": [connection.shown() for connection in kept]}

    async def _create(self, call: Call) -> Json:
        body = call.read(_Create)
        check_configuration(body.type, body.configuration)
        self._connections.check_name(body.name)
        oauth = _by_oauth(body.type, body.configuration)
        trouble = None if oauth else wrong_credentials(body.type, body.configuration)
        if trouble and body.validate_:
            raise Refusal(self._switches.bad_credentials_status, "connection_failed", trouble)
        made = self._connections.add(body.name, body.type, body.configuration, body.redirect_url)
        if oauth:
            return self._with_url(made, self._consents.auth_url(made))
        self._connections.heal(made)
        if trouble:
            self._connections.mark(made, "unhealthy", trouble)
        return self._with_url(made, None)

    async def _test(self, call: Call) -> Json:
        body = call.read(_Test)
        saved = self._connections.get(body.connection_id).configuration if body.connection_id else {}
        merged = {**saved, **body.configuration}
        check_configuration(body.type, merged)
        if trouble := wrong_credentials(body.type, merged):
            raise Refusal(400, "connection_failed", trouble)
        return {}

    async def _get(self, call: Call) -> Json:
        return {"data": self._connections.get(call.path["id"]).shown()}

    async def _update(self, call: Call) -> Json:
        connection = self._connections.get(call.path["id"])
        body = call.read(_Update)
        if body.type not in (None, connection.type):
            raise Refusal(422, "type_fixed", "The type of a connection cannot change", {"field": "type"})
        check_configuration(connection.type, body.configuration)
        self._connections.check_name(body.name, apart_from=connection.id)
        oauth = _by_oauth(connection.type, body.configuration)
        trouble = None if oauth else wrong_credentials(connection.type, body.configuration)
        if trouble and body.validate_:
            raise Refusal(self._switches.bad_credentials_status, "connection_failed", trouble)
        connection.name, connection.configuration = body.name, body.configuration
        if not oauth:
            self._connections.heal(connection)
        elif body.reconnect:
            return self._with_url(connection, self._consents.auth_url(connection))
        return self._with_url(connection, None)

    async def _delete(self, call: Call) -> Json:
        connection = self._connections.get(call.path["id"])
        models = [model for model in self._models.all if model.connection_id == connection.id]
        syncs = [sync for sync in self._syncs.all if sync.uses(connection.id, {model.id for model in models})]
        if (models or syncs) and not call.flag("force"):
            raise Refusal(422, "connection_in_use", "connection in use")
        for sync in syncs:
            self._syncs.remove(sync)
        for model in models:
            self._models.remove(model.id)
        self._connections.remove(connection.id)
        return {}

    def _with_url(self, connection: Connection, auth_url: str | None) -> Json:
        shown = {**connection.shown(), "healthcheck_interval": None}
        return {"data": {**shown, "auth_url": auth_url} if auth_url else shown}


def _by_oauth(kind: str, configuration: dict[str, Any]) -> bool:
    return kind == "gong" and configuration.get("auth_method") == "oauth" and "client_id" not in configuration
