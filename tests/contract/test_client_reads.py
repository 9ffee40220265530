"""Our client reads every answer of polytomic-api.md, and so does the official SDK.

The examples lie beside this test in `polytomic_examples`, named for the method that reads them.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from polytomic import AsyncPolytomic
from pydantic import SecretStr

from bot.polytomic import wire
from bot.polytomic.client import PolytomicClient
from tests.contract.test_client_requests import PAIRS, Pair

EXAMPLES = Path(__file__).parent / "polytomic_examples"
URL = "https://polytomic.example"
ORGANIZATION = "d3b2a1c0-1111-4222-8333-444455556666"
SNOWFLAKE, GONG = "248df4b7-aa70-47b8-a036-33ac447e668d", "77f0a9a4-53f7-4a34-9a6c-07b2b1f9d0aa"
MODEL, JOB = "f1a3b5c7-0000-4000-8000-000000000001", "b0000000-0000-4000-8000-000000000001"
QUERY, SYNC = "c0000000-0000-4000-8000-000000000001", "e0000000-0000-4000-8000-000000000001"
FLOW = "7421936500012345678"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

_QUERY_DONE: dict[str, Any] = {"status": "done", "count": 3, "fields": ["CONTACT_ID", "OPTED_OUT"]}
_MODEL: dict[str, Any] = {
    "id": MODEL,
    "name": "Active Users",
    "connection_id": SNOWFLAKE,
    "fields": [{"name": "CONTACT_ID", "label": "Contact Id", "type": "string"}],
}
_SYNC: dict[str, Any] = {
    "id": SYNC,
    "name": "Snowflake to Gong Engage Sync",
    "active": True,
    "mode": "updateOrCreate",
    "target_connection_id": GONG,
    "target_object": FLOW,
}
_SNOWFLAKE: dict[str, Any] = {
    "id": SNOWFLAKE,
    "name": "Snowflake Connection",
    "type": "snowflake",
    "status": "healthy",
    "saved": True,
}
_GONG: dict[str, Any] = {"id": GONG, "name": "My Gong Connection", "type": "gong", "saved": False}
_DONE: dict[str, Any] = {
    "id": "e1000000-0000-4000-8000-000000000001",
    "status": "completed",
    "type": "manual",
    "created_at": "2026-11-23T12:00:00Z",
    "started_at": "2026-11-23T12:00:02.5Z",
    "completed_at": "2026-11-23T12:01:00Z",
    "counts": {"total": 1000, "upserts": 988, "error": 12, "warnings": 1},
}
_GOING: dict[str, Any] = {
    "id": "e1000000-0000-4000-8000-000000000002",
    "status": "processing",
    "type": "scheduled",
    "created_at": "2026-11-23T12:00:00Z",
}


def _events() -> tuple[wire.Event, ...]:
    kinds = ["sync.running", "sync.failed", "sync.canceled", "sync.completed_with_errors", "sync.completed"]
    statuses = ["", "", "canceled", "", "completed"]
    about = {"sync_id": SYNC, "execution_id": _DONE["id"]}
    return tuple(
        wire.Event(
            id=f"ee000000-0000-4000-8000-00000000000{number}",
            type=kind,
            created_at=NOON,
            event=wire.EventBody(status=status, **about),
        )
        for number, (kind, status) in enumerate(zip(kinds, statuses, strict=True), start=1)
    )


EXPECTED: dict[str, Any] = {
    "me": wire.Me(
        id="5f1f0f9e-0a5b-4b0e-8f0e-6a1b2c3d4e5f",
        organization_id=ORGANIZATION,
        organization_name="Example",
        is_user=True,
        email="revops@example.com",
    ),
    "me--organization-key": wire.Me(organization_id=ORGANIZATION, organization_name="Example", is_organization=True),
    "connections": (
        wire.Connection(**_SNOWFLAKE),
        wire.Connection(**_GONG, status_error="authorization pending"),
    ),
    "connections--none": (),
    "connection": wire.Connection(**_SNOWFLAKE),
    "create_connection": wire.Connection(**_SNOWFLAKE),
    "create_connection--oauth": wire.Connection(
        **_GONG, auth_url=SecretStr("https://polytomic.example/oauth/gong?state=one-time")
    ),
    "reconnect": wire.Connection(
        **_GONG | {"saved": True},
        status="healthy",
        auth_url=SecretStr("https://polytomic.example/oauth/gong?state=again"),
    ),
    "connect_session": wire.ConnectSession.model_validate(
        {"redirect_url": "https://polytomic.example/connect?type=snowflake&token=one-time"}
    ),
    "create_model": wire.ModelAnswer.model_validate({"data": _MODEL}),
    "create_model--both": wire.ModelAnswer.model_validate(
        {"data": _MODEL | {"fields": []}, "job": {"job_id": JOB, "type": "createmodel", "status": "running"}}
    ),
    "create_model--job": wire.ModelAnswer.model_validate(
        {"job": {"job_id": JOB, "type": "createmodel", "status": "created"}}
    ),
    "job--running": wire.Job.model_validate({"job_id": JOB, "type": "createmodel", "status": "running"}),
    "job--done": wire.Model.model_validate(_MODEL),
    "job--failed": wire.Job.model_validate(
        {"job_id": JOB, "type": "createmodel", "status": "failed", "error": "SQL compilation error"}
    ),
    "model": wire.Model.model_validate(_MODEL),
    "find_model": wire.Model.model_validate(
        _MODEL | {"id": "f1a3b5c7-0000-4000-8000-000000000002", "name": "Enroll Flow"}
    ),
    "find_model--none": None,
    "run_query": wire.QueryStatus(id=QUERY, status="created"),
    "query_page--running": wire.QueryPage(status="running"),
    "query_page--first": wire.QueryPage.model_validate(
        _QUERY_DONE
        | {
            "results": [
                {"CONTACT_ID": "0035g00000AbCdEAAV", "OPTED_OUT": False},
                {"CONTACT_ID": None, "OPTED_OUT": True},
            ],
            "next_page": "cGFnZTI=",
        }
    ),
    "query_page--last": wire.QueryPage.model_validate(
        _QUERY_DONE | {"results": [{"CONTACT_ID": 9007199254740993, "OPTED_OUT": False}]}
    ),
    "query_page--failed": wire.QueryPage(status="failed", error="SQL compilation error: error line 1 at position 7"),
    "target_objects": (
        wire.TargetObject.model_validate({"id": "crm_contact", "name": "Contact"}),
        wire.TargetObject.model_validate({"id": FLOW, "name": "Q4 Upsell"}),
    ),
    "target_objects--none": (),
    "target_fields": wire.TargetFields(
        id=FLOW,
        name="Q4 Upsell",
        fields=(
            wire.TargetField(
                id="Id",
                name="CRM contact id",
                type="string",
                required=True,
                supports_identity=True,
                identity_functions=(wire.IdentityFunction(id="Equality", label="equals"),),
            ),
            wire.TargetField(id="flowInstanceOwnerEmail", name="Owner email", type="string", required=True),
        ),
        properties=wire.TargetProperties(mappings_not_required=True, does_not_report_operation_counts=True),
    ),
    "create_sync": wire.Sync.model_validate(_SYNC),
    "create_sync--with-problems": wire.Sync.model_validate(
        _SYNC | {"problems": [{"code": "missing_field", "message": "Owner email is required", "path": "fields"}]}
    ),
    "sync": wire.Sync.model_validate(_SYNC | {"active": False}),
    "find_sync": wire.Sync.model_validate(_SYNC | {"name": "Enroll Flow"}),
    "find_sync--light": wire.Sync.model_validate(_SYNC | {"name": "Enroll Flow"}),
    "activate": False,
    "start": wire.Execution.model_validate(
        {"id": _DONE["id"], "status": "created", "created_at": "2026-11-23T12:00:00Z"}
    ),
    "execution": wire.Execution.model_validate(_DONE),
    "execution--failed": wire.Execution.model_validate(
        _DONE | {"status": "failed", "counts": {"total": 5}, "errors": ["token expired"]}
    ),
    "executions": (wire.Execution.model_validate(_GOING), wire.Execution.model_validate(_DONE)),
    "executions--none": (),
    "status": wire.SyncStatus.model_validate({"current_execution": _GOING, "last_execution": _DONE}),
    "status--never-ran": wire.SyncStatus(),
    "cancel": None,
    "log_urls": (SecretStr("https://storage.example/errors.json?signature=one-time"),),
    "log_urls--none": (),
    "events": _events(),
    "events--none": (),
}


def _pair(name: str) -> Pair:
    return next(pair for pair in PAIRS if pair.method == name.partition("--")[0])


def _answering(name: str) -> httpx.MockTransport:
    answer = json.loads((EXAMPLES / f"{name}.json").read_text())
    return httpx.MockTransport(lambda _: httpx.Response(200, json=answer))


def test_every_example_is_read() -> None:
    """An example that lies there unread, or is expected and missing, is noticed here."""
    assert sorted(EXPECTED) == sorted(path.stem for path in EXAMPLES.iterdir())


@pytest.mark.parametrize("name", EXPECTED)
async def test_our_client_reads_the_example(name: str) -> None:
    """The whole value is what we need of the answer, no less."""
    client = PolytomicClient(URL, SecretStr("the-key"), version="2024-02-08", transport=_answering(name))

    read = await _pair(name).ours(client)
    await client.aclose()

    assert EXPECTED[name] == (read.model if name == "job--done" else read)


@pytest.mark.parametrize("name", EXPECTED)
async def test_the_official_sdk_reads_the_example(name: str) -> None:
    """The examples are no invention of ours: the SDK takes each of them for an answer to the same call."""
    async with httpx.AsyncClient(transport=_answering(name)) as http:
        await _pair(name).theirs(AsyncPolytomic(base_url=URL, token="the-key", httpx_client=http, max_retries=0))


async def test_deleting_reads_nothing() -> None:
    """DELETE answers 200 without a documented body, and a thing that is gone already is gone."""
    answers = iter([httpx.Response(200), httpx.Response(404, json={"message": "not found"}), httpx.Response(204)])
    transport = httpx.MockTransport(lambda _: next(answers))
    client = PolytomicClient(URL, SecretStr("the-key"), version="2024-02-08", transport=transport)

    await client.delete_model("m-1")
    await client.delete_model("m-1")
    await client.delete_sync("s-1")
    await client.aclose()

    assert [] == list(answers)
