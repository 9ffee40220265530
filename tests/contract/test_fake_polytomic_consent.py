"""Consent and credentials in the sandbox: links that work once, answers that change a connection's health."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.contract.fake_stage import Stage, open_stage

OAUTH = {"auth_method": "oauth"}
BACK = "http://bot.invalid/back?draft=1"


@pytest.fixture(name="stage")
async def _stage() -> AsyncIterator[Stage]:
    async with open_stage(with_gong=False) as stage:
        yield stage


async def _create(stage: Stage, **more: object) -> Any:
    body = {"name": "Gong", "type": "gong", "configuration": OAUTH, **more}
    return await stage.data("POST", "/api/connections", body)


async def _look(stage: Stage, connection_id: str) -> Any:
    return await stage.data("GET", f"/api/connections/{connection_id}")


async def test_the_page_asks_and_says_that_it_is_a_sandbox(stage: Stage) -> None:
    """Two buttons and a notice; looking changes nothing."""
    made = await _create(stage)
    page = (await stage.http.get(made["auth_url"])).text
    assert ("Allow</button>" in page, "Deny</button>" in page) == (True, True)
    assert "Sandbox: no real Slack, Polytomic or Gong." in page
    assert "pending" == (await _look(stage, made["id"]))["status"]


async def test_allowing_heals_and_sends_the_person_back(stage: Stage) -> None:
    """To redirect_url as it was given, with nothing added."""
    made = await _create(stage, redirect_url=BACK)
    answer = await stage.http.post(f"{made['auth_url']}/allow")
    assert (302, BACK) == (answer.status_code, answer.headers["location"])
    seen = await _look(stage, made["id"])
    assert ("healthy", None, True) == (seen["status"], seen["status_error"], seen["saved"])


async def test_without_redirect_url_the_visit_ends_on_a_page(stage: Stage) -> None:
    """It says that the window can be closed."""
    made = await _create(stage)
    assert "You can close this window." in (await stage.http.post(f"{made['auth_url']}/allow")).text


async def test_denying_is_told_in_status_error(stage: Stage) -> None:
    """The connection stays, not healthy, and can be asked for again."""
    made = await _create(stage)
    await stage.http.post(f"{made['auth_url']}/deny")
    seen = await _look(stage, made["id"])
    assert ("unhealthy", "access was not allowed", False) == (seen["status"], seen["status_error"], seen["saved"])
    body = {"name": "Gong", "configuration": OAUTH, "reconnect": True}
    again = await stage.data("PUT", f"/api/connections/{made['id']}", body)
    assert ("pending", None) == (again["status"], again["status_error"])
    await stage.http.post(f"{again['auth_url']}/allow")
    assert "healthy" == (await _look(stage, made["id"]))["status"]


async def test_a_link_works_once_and_not_for_ever(stage: Stage) -> None:
    """Used, replaced and expired links are all dead."""
    made = await _create(stage)
    body = {"name": "Gong", "configuration": OAUTH, "reconnect": True}
    second = (await stage.data("PUT", f"/api/connections/{made['id']}", body))["auth_url"]
    assert 410 == (await stage.http.post(f"{made['auth_url']}/allow")).status_code
    assert 200 == (await stage.http.post(f"{second}/allow")).status_code
    assert 410 == (await stage.http.post(f"{second}/allow")).status_code
    third = (await stage.data("PUT", f"/api/connections/{made['id']}", body))["auth_url"]
    stage.time.passes(3601)
    assert 410 == (await stage.http.get(third)).status_code


async def test_gong_may_withdraw_its_consent(stage: Stage) -> None:
    """Nothing can be listed until a person allows it again."""
    made = await _create(stage)
    await stage.http.post(f"{made['auth_url']}/allow")
    path = f"/api/connections/{made['id']}/modelsync/targetobjects"
    assert 200 == (await stage.call("GET", path)).status_code
    stage.world.revoke_gong()
    assert "Gong: access was revoked" == (await _look(stage, made["id"]))["status_error"]
    assert 400 == (await stage.call("GET", path)).status_code


async def test_names_are_unique(stage: Stage) -> None:
    """A second connection of the same name is refused."""
    await _create(stage)
    answer = await stage.call("POST", "/api/connections", {"name": "Gong", "type": "gong", "configuration": OAUTH})
    assert (422, "name") == (answer.status_code, answer.json()["metadata"]["field"])


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"username": "u", "password": "p", "dbname": "d"}, "account is required"),
        (
            {"account": "a", "username": "u", "password": "wrong", "dbname": "d"},
            "390100 (08004): Incorrect username or password was specified.",
        ),
    ],
)
async def test_bad_snowflake_credentials_make_nothing(
    stage: Stage, configuration: dict[str, str], message: str
) -> None:
    """The warehouse is asked during the call, unless `validate` is false."""
    body = {"name": "New", "type": "snowflake", "configuration": configuration}
    answer = await stage.call("POST", "/api/connections", body)
    assert (422, message) == (answer.status_code, answer.json()["message"])
    assert ["Sandbox Snowflake"] == [connection.name for connection in stage.world.connections]


async def test_unchecked_credentials_make_an_unhealthy_connection(stage: Stage) -> None:
    """`validate: false` only puts the trouble off."""
    configuration = {"account": "a", "username": "u", "password": "wrong", "dbname": "d"}
    body = {"name": "New", "type": "snowflake", "configuration": configuration, "validate": False}
    assert "unhealthy" == (await stage.data("POST", "/api/connections", body))["status"]


async def test_gong_can_be_connected_on_polytomics_own_page(stage: Stage) -> None:
    """The same question, and the person is sent back either way; with no type they choose first."""
    body = {"name": "By form", "redirect_url": BACK}
    page = (await stage.data("POST", "/api/connections/connect/", body))["redirect_url"]
    assert "type=gong" in (await stage.http.get(page)).text
    assert "Allow</button>" in (await stage.http.get(f"{page}&type=gong")).text
    token = page.split("token=")[1]
    answer = await stage.http.post(f"{stage.url}/connect/{token}/allow")
    assert (303, BACK) == (answer.status_code, answer.headers["location"])
    assert [True] == [c.healthy for c in stage.world.connections if c.name == "By form"]
    session = await stage.data("GET", f"/api/connections/connect/session?token={token}")
    assert stage.connection("gong") == session["connection_id"]


async def test_a_connection_in_use_is_not_deleted(stage: Stage) -> None:
    """Unless by force, which takes what depends on it along."""
    await stage.model()
    path = f"/api/connections/{stage.connection('snowflake')}"
    assert "connection in use" == (await stage.call("DELETE", path)).json()["message"]
    assert 200 == (await stage.call("DELETE", f"{path}?force=true")).status_code
    assert () == stage.world.models
