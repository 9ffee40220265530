"""Which calls are made of Polytomic, and with what: pure values, nothing is sent from here.

Paths, queries and bodies are those of the official SDK (tests/contract/test_client_requests.py keeps them equal).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from bot.polytomic.call import Call

LogKind = Literal["records", "errors", "warnings", "inserts", "updates", "deletes"]
"""The kinds of log files that an execution keeps."""


@dataclass(frozen=True, slots=True)
class SyncSpec:
    """What an enrollment's sync is made of.

    `source_field` is the model's column that holds the contact id, `identity_target` and `identity_function` are
    what the target's fields offer for it. `fields` are (target field, model column), `override_fields` are (target
    field, one value for everyone).
    """

    name: str
    model_id: str
    source_field: str
    target_connection_id: str
    target_object: str
    identity_target: str = "Id"
    identity_function: str = "Equality"
    fields: tuple[tuple[str, str], ...] = ()
    override_fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)


# ----------------------------------------------------------------------------------------- connections


def me() -> Call:
    """Who the key belongs to."""
    return Call("GET", "/api/me")


def connections() -> Call:
    """Every connection of the organization."""
    return Call("GET", "/api/connections")


def connection(connection_id: str) -> Call:
    """One connection; it never brings auth_url back."""
    return Call("GET", "/api/connections/{id}", (connection_id,))


def create_connection(
    name: str, kind: str, configuration: Mapping[str, object], *, key: str, redirect_url: str | None
) -> Call:
    """Steps 1 and 2 of the how-to."""
    body = {"name": name, "type": kind, "configuration": configuration, "redirect_url": redirect_url}
    return Call("POST", "/api/connections", body=_given(body), key=key)


def reconnect(connection_id: str, name: str, configuration: Mapping[str, object], *, redirect_url: str | None) -> Call:
    """A new auth_url for a connection that exists. PUT replaces: the configuration has to be whole."""
    body = {"name": name, "configuration": configuration, "reconnect": True, "redirect_url": redirect_url}
    return Call("PUT", "/api/connections/{id}", (connection_id,), body=_given(body))


def connect_session(name: str, redirect_url: str, *, kind: str | None, connection: str | None, key: str) -> Call:
    """A page of Polytomic's own on which a person makes or mends one connection.

    The slash at the end is part of the path: without it a redirect could turn POST into GET.
    """
    body = {"name": name, "redirect_url": redirect_url, "type": kind, "connection": connection}
    return Call("POST", "/api/connections/connect/", body=_given(body), key=key, conflicts=True)


# ------------------------------------------------------------------------------------- models, queries


def create_model(name: str, connection_id: str, sql: str, *, key: str) -> Call:
    """Step 3: the model over the requester's query."""
    body = {"name": name, "connection_id": connection_id, "configuration": {"query": sql}}
    return Call("POST", "/api/models", body=body, key=key)


def job(kind: str, job_id: str) -> Call:
    """How far work that Polytomic does in the background has come."""
    return Call("GET", "/api/jobs/{type}/{id}", (kind, job_id))


def model(model_id: str) -> Call:
    """One model with its fields."""
    return Call("GET", "/api/models/{id}", (model_id,))


def models() -> Call:
    """Every model of the organization, by pages where there are pages."""
    return Call("GET", "/api/models")


def delete_model(model_id: str) -> Call:
    """The model goes; syncs that use it break, so they go first."""
    return Call("DELETE", "/api/models/{id}", (model_id,))


def run_query(connection_id: str, sql: str, *, key: str) -> Call:
    """A read of the query by the query runner, which takes the SQL in the URL."""
    return Call(
        "POST",
        "/api/connections/{id}/query",
        (connection_id,),
        params={"query": sql},
        body={},
        key=key,
        conflicts=True,
    )


def query_page(query_id: str, page: str | None) -> Call:
    """How far a read has come, and one page of its rows."""
    return Call("GET", "/api/queries/{id}", (query_id,), params={} if page is None else {"page": page})


# --------------------------------------------------------------------------------------------- targets


def target_objects(connection_id: str) -> Call:
    """Step 4. The how-to says POST; the reference, the specification and the SDK say GET."""
    return Call("GET", "/api/connections/{id}/modelsync/targetobjects", (connection_id,))


def target_fields(connection_id: str, target: str, *, refresh: bool) -> Call:
    """Step 5. `refresh` reads the fields from Gong again instead of from Polytomic's copy."""
    params = {"target": target} | ({"refresh": "true"} if refresh else {})
    return Call("GET", "/api/connections/{id}/modelsync/target/fields", (connection_id,), params=params)


# ----------------------------------------------------------------------------------------------- syncs


def create_sync(spec: SyncSpec, *, key: str) -> Call:
    """Step 6. The schedule is manual, so nobody moves before a run is started; only active syncs run at all."""
    body: dict[str, object] = {
        "name": spec.name,
        "mode": "updateOrCreate",
        "schedule": {"frequency": "manual"},
        "active": True,
        "target": {"connection_id": spec.target_connection_id, "object": spec.target_object},
        "identity": {
            "source": {"model_id": spec.model_id, "field": spec.source_field},
            "target": spec.identity_target,
            "function": spec.identity_function,
        },
        "fields": [
            {"target": target, "source": {"model_id": spec.model_id, "field": column}} for target, column in spec.fields
        ],
    }
    if spec.override_fields:
        body["override_fields"] = [
            {"target": target, "override_value": value} for target, value in spec.override_fields
        ]
    return Call("POST", "/api/syncs", body=body, key=key)


def sync(sync_id: str) -> Call:
    """One sync, with whatever keeps it from running."""
    return Call("GET", "/api/syncs/{id}", (sync_id,))


def syncs() -> Call:
    """Every sync of the organization, by pages where there are pages."""
    return Call("GET", "/api/syncs")


def activate(sync_id: str, active: bool, *, key: str) -> Call:
    """The sync may run, or may not; a run that goes is not stopped by this."""
    return Call("POST", "/api/syncs/{id}/activate", (sync_id,), body={"active": active}, key=key)


def delete_sync(sync_id: str) -> Call:
    """The sync goes, and its run with it."""
    return Call("DELETE", "/api/syncs/{id}", (sync_id,))


# ------------------------------------------------------------------------------------------------ runs


def start(sync_id: str, identities: Sequence[str], *, key: str) -> Call:
    """Step 7: a run for exactly these source values.

    Without identities a run moves everybody the query returns, so an empty list is a mistake of the caller.
    """
    if not identities or isinstance(identities, str):
        raise ValueError("a run needs the source values of its batch")
    body = {"identities": list(identities)}
    return Call("POST", "/api/syncs/{id}/executions", (sync_id,), body=body, key=key, conflicts=True)


def execution(sync_id: str, execution_id: str) -> Call:
    """One run and its counts."""
    return Call("GET", "/api/syncs/{id}/executions/{execution_id}", (sync_id, execution_id))


def executions(sync_id: str) -> Call:
    """The runs of a sync, newest first, by pages."""
    return Call("GET", "/api/syncs/{id}/executions", (sync_id,))


def status(sync_id: str) -> Call:
    """The run that goes and the run before it."""
    return Call("GET", "/api/syncs/{id}/status", (sync_id,))


def cancel(sync_id: str, *, key: str) -> Call:
    """Polytomic is asked to stop the run that goes; it ends some time later."""
    return Call("POST", "/api/syncs/{id}/cancel", (sync_id,), key=key)


def log_urls(sync_id: str, execution_id: str, kind: LogKind) -> Call:
    """Signed links to the log files of one kind; they expire soon."""
    return Call("GET", "/api/syncs/{id}/executions/{execution_id}/{type}", (sync_id, execution_id, kind))


def events(*, starting_after: datetime | None, ending_before: datetime | None, kind: str | None, limit: int) -> Call:
    """What happened to syncs within 48 hours. Both bounds are exclusive, and there are no pages."""
    params = {"type": kind} if kind else {}
    if starting_after:
        params["starting_after"] = _rfc3339(starting_after)
    if ending_before:
        params["ending_before"] = _rfc3339(ending_before)
    return Call("GET", "/api/events", params=params | {"limit": str(limit)})


# -------------------------------------------------------------------------------------------- spelling


def _given(body: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in body.items() if value is not None}


def _rfc3339(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
