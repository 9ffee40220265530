"""`connect`, `doctor` and `migrate` as an operator meets them, against the sandbox's Polytomic and Slack over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot import config
from bot.__main__ import dispatch
from bot.cli import connect, doctor
from bot.config import Settings
from bot.sandbox.polytomic.world import PolytomicWorld
from bot.sandbox.serve import serve
from bot.sandbox.slack.workspace import Slack
from bot.sandbox.warehouse import Warehouse

CREDENTIALS = {"account": "uc193736182", "username": "reader", "dbname": "CRM", "password": "s3cret"}


@pytest.fixture
async def world() -> AsyncIterator[PolytomicWorld]:
    """A Polytomic with neither Snowflake nor Gong."""
    made = PolytomicWorld(Warehouse(), with_snowflake=False)
    async with made.serve():
        yield made


@pytest.fixture
def settings(world: PolytomicWorld, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An operator's settings for it; nobody waits two seconds between looks."""
    monkeypatch.setattr(connect, "LOOK_EVERY", 0.01)
    return config.given(
        slack_bot_token="xoxb-sandbox",
        slack_signing_secret="sandbox-signing-secret",
        polytomic_api_key="sandbox",
        polytomic_url=world.hosts.base_url,
        consent_deadline=60,
    )


async def answer(capsys: pytest.CaptureFixture[str], printed: list[str], button: str) -> None:
    """A person opens the link that the terminal shows, and presses a button of Gong's page."""
    while not (link := next((line.strip() for line in printed if "http" in line), "")):
        await asyncio.sleep(0.01)
        printed += capsys.readouterr().out.splitlines()
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        assert 200 == (await browser.get(link)).status_code
        assert 200 == (await browser.post(f"{link}/{button}")).status_code


@pytest.mark.parametrize(
    ("button", "code", "last"),
    [
        ("allow", 0, 'Gong is connected: "Gong Connection", {flows} flows.'),
        ("deny", 1, "Gong was not connected: access was not allowed."),
    ],
)
async def test_gong_is_connected_by_whoever_opens_the_link(
    settings: Settings, world: PolytomicWorld, capsys: pytest.CaptureFixture[str], button: str, code: int, last: str
) -> None:
    """The link is printed, the answer waited for, and the terminal says which it was."""
    printed: list[str] = []
    connecting = asyncio.create_task(connect.connect_gong(settings, "Gong Connection", again=False))
    await answer(capsys, printed, button)
    assert code == await connecting
    printed += capsys.readouterr().out.splitlines()
    assert [
        "Gong asks a person to allow access. Open this link yourself; whoever opens it connects their own account:",
        last.format(flows=len(world.gong.flows)),
    ] == [printed[0], printed[-1]]


async def test_gong_that_is_connected_is_left_alone(
    settings: Settings, world: PolytomicWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked twice, it asks nobody twice: there is one connection and no second link."""
    printed: list[str] = []
    connecting = asyncio.create_task(connect.connect_gong(settings, "Gong Connection", again=False))
    await answer(capsys, printed, "allow")
    await connecting
    capsys.readouterr()
    assert 0 == await connect.connect_gong(settings, "Gong Connection", again=False)
    assert "http" not in capsys.readouterr().out
    assert 1 == len(world.connections)


async def test_nobody_answers_in_time(
    settings: Settings, world: PolytomicWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wait ends in words; the next attempt mends the same connection."""
    hasty = settings.model_copy(update={"consent_deadline": 0.05})
    assert 1 == await connect.connect_gong(hasty, "Gong Connection", again=False)
    assert capsys.readouterr().out.endswith("Gong was not connected: nobody allowed it in time.\n")
    assert 1 == await connect.connect_gong(hasty, "Gong Connection", again=False)
    assert ["gong"] == [connection.type for connection in world.connections]


async def test_snowflake_is_connected(
    settings: Settings, world: PolytomicWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run again, it mends the connection that is there instead of making a second."""
    for _ in range(2):
        assert 0 == await connect.connect_snowflake(settings, "Snowflake Connection", CREDENTIALS)
        assert "Snowflake is connected: Snowflake Connection.\n" == capsys.readouterr().out
    assert ["snowflake"] == [connection.type for connection in world.connections]


async def test_snowflake_refuses_the_password(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Snowflake's own words, and nothing was saved; the password is in none of it."""
    wrong = CREDENTIALS | {"password": "wrong"}
    assert 1 == await connect.connect_snowflake(settings, "Snowflake Connection", wrong)
    assert (
        "Snowflake was not connected: 390100 (08004): Incorrect username or password was specified. "
        "Nothing was saved.\n"
    ) == capsys.readouterr().out


async def test_doctor_sees_a_whole_installation(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings, Slack, Polytomic, both connections, people and the database: each has its line."""
    await connect.connect_snowflake(settings, "Snowflake Connection", CREDENTIALS)
    slack = Slack()
    async with serve(slack.app) as served:
        slack.world.base_url = served.url
        _environment(monkeypatch, tmp_path, settings, f"{served.url}/api/")
        capsys.readouterr()
        assert 0 == await doctor.examine(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert [
        ("ok", "SLACK_SIGNING_SECRET"),
        ("ok", "Slack"),
        ("ok", "Polytomic"),
        ("ok", "Snowflake"),
        ("warn", "Gong"),
        ("ok", "Policy"),
        ("ok", "ENROLL_USERS"),
        ("warn", "OPERATORS"),
        ("ok", "DATABASE_URL"),
    ] == [(finding["level"], finding["name"]) for finding in told["findings"] if finding["name"] != "Slack scopes"]
    polytomic = next(finding for finding in told["findings"] if finding["name"] == "Polytomic")
    assert 'key works, organization "Sandbox", version 2024-02-08' == polytomic["words"]


async def test_doctor_sees_wrong_keys(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A token that Slack refuses and a key that Polytomic refuses are failures, with what to do."""
    slack = Slack()
    async with serve(slack.app) as served:
        slack.world.base_url = served.url
        _environment(monkeypatch, tmp_path, settings, f"{served.url}/api/")
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-another")
        monkeypatch.setenv("POLYTOMIC_API_KEY", "another")
        assert 1 == await doctor.examine(as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("FAIL  Slack                 auth.test: invalid_auth     -> ") for line in lines)
    assert any(line.startswith("FAIL  Polytomic             Polytomic refuses the key (401).") for line in lines)


def test_migrate_is_safe_twice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first makes the tables, the second finds nothing to do."""
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
        "POLYTOMIC_API_KEY": "sandbox",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/new/bot.db",
    }.items():
        monkeypatch.setenv(name, value)
    assert [0, 0] == [dispatch(["migrate"]), dispatch(["migrate"])]
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("The database was migrated to ")
    assert second.startswith("The database is up to date (")


def _environment(monkeypatch: pytest.MonkeyPatch, folder: Path, settings: Settings, slack_api_url: str) -> None:
    monkeypatch.chdir(folder)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_SIGNING_SECRET": "sandbox-signing-secret",
        "SLACK_API_URL": slack_api_url,
        "POLYTOMIC_API_KEY": "sandbox",
        "POLYTOMIC_URL": settings.polytomic_url,
        "ENROLL_USERS": "U0REQUESTER",
    }.items():
        monkeypatch.setenv(name, value)
