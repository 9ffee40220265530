"""What the door lets in: signed, recent, well-formed deliveries, and nothing else; never a 5xx for a stranger."""

import asyncio
import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette

from bot import web
from bot.health import Health

SECRET = "sandbox-signing-secret"
NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


async def authorize() -> AuthorizeResult:
    """Everything here is delivered to one workspace whose token is never used."""
    return AuthorizeResult(enterprise_id=None, team_id="T0SANDBOX", bot_token="xoxb-sandbox", bot_user_id="U0BOT")


class Door:
    """The bot's web app over a Bolt app that notes what reaches it."""

    def __init__(self) -> None:
        self.typed: list[str] = []
        self.returned: list[str] = []
        self.alive, self.database, self.slack, self.hangs = True, True, True, False
        slack = AsyncApp(
            # Without a logger of ours Bolt gives its own the root's level, for the whole process.
            logger=logging.getLogger("slack_bolt"),
            authorize=authorize,
            process_before_response=True,
        )
        slack.command("/enroll-flow")(self._typed)
        self.app = self._build(slack)

    def _build(self, slack: AsyncApp) -> Starlette:
        async def database() -> bool:
            if self.hangs:
                await asyncio.sleep(60)
            return self.database

        health = Health(
            alive=lambda: self.alive,
            database=database,
            signs={"slack": lambda: self.slack, "jobs": lambda: self.alive},
            within=0.05,
        )
        return web.build(
            slack, signing_secret=SecretStr(SECRET), clock=lambda: NOW, returned=self.returned.append, health=health
        )

    async def _typed(self, ack: Any, command: dict[str, str]) -> None:
        self.typed.append(command["text"])
        await ack()

    async def knock(self, body: bytes, content_type: str = FORM, **headers: str) -> httpx.Response:
        """The answer to one delivery; signed now, unless the headers say otherwise."""
        transport = httpx.ASGITransport(app=self.app)
        sent = {"content-type": content_type, **signature(body), **headers}
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.post(web.SLACK_PATH, content=body, headers=sent)

    async def get(self, path: str) -> httpx.Response:
        """The answer to a browser."""
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            return await client.get(path)


def signature(body: bytes, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    """Slack's two headers for these bytes (docs: Verifying requests from Slack), computed here on its own."""
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


def command(text: str) -> bytes:
    """A slash command with this text, as Slack encodes it."""
    fields = {"command": "/enroll-flow", "user_id": "U0REQUESTER", "team_id": "T0SANDBOX", "text": text}
    return urlencode(fields).encode()


@pytest.fixture
def door() -> Door:
    """A fresh door."""
    return Door()


@pytest.fixture(scope="module")
def one_door() -> Door:
    """One door for many deliveries."""
    return Door()


async def test_a_signed_command_reaches_its_listener(door: Door) -> None:
    """A real delivery passes."""
    answer = await door.knock(command("status"))
    assert (200, b"", ["status"]) == (answer.status_code, answer.content, door.typed)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT payload FROM events",
        'SELECT "payload=1&payload={}" FROM t',
        "{",
        '{"a": 1}',
        "payload",
        "ssl_check=1",
        "SELECT 'é 🙂 %00 \x00 \u202e' -- ;&=+",
        "",
    ],
)
async def test_a_command_may_hold_anything_a_person_can_type(door: Door, text: str) -> None:
    """Words that Bolt's own parser trips over arrive as they were typed."""
    answer = await door.knock(command(text))
    assert (200, [text]) == (answer.status_code, door.typed)


@pytest.mark.parametrize(
    "headers",
    [
        signature(command("status"), at=NOW - timedelta(seconds=301)),
        signature(command("status"), at=NOW + timedelta(seconds=301)),
        signature(command("status"), secret="another"),
        signature(command("help")),
        {"x-slack-signature": "v0="},
        {"x-slack-signature": "é"},
        {"x-slack-signature": ""},
        {"x-slack-request-timestamp": "yesterday"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "9" * 5000},
        {"x-slack-request-timestamp": "-1"},
    ],
)
async def test_forged_or_stale_is_401_with_an_empty_body(door: Door, headers: dict[str, str]) -> None:
    """Nothing that Slack did not sign a moment ago is even parsed."""
    encoded = {name: value.encode("latin-1").decode("latin-1") for name, value in headers.items()}
    answer = await knock_raw(door, command("status"), encoded)
    assert (401, b"", []) == (answer.status_code, answer.content, door.typed)


async def knock_raw(door: Door, body: bytes, headers: dict[str, str]) -> httpx.Response:
    """A delivery whose headers may hold bytes beyond ASCII."""
    sent = {"content-type": FORM, **signature(body), **headers}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    transport = httpx.ASGITransport(app=door.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        return await client.post(web.SLACK_PATH, content=body, headers=raw)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"payload=", FORM),
        (b"payload=%7B", FORM),
        (b"payload=[]", FORM),
        (b"payload=null", FORM),
        (b'payload={"type":"block_actions"}', FORM),
        (b'payload={"type":"block_actions","user":"U1"}', FORM),
        (b'payload={"type":"block_actions","user":{"id":"U1"},"actions":[]}', FORM),
        (b'payload={"type":"block_actions","user":{"id":"U1"},"actions":[7]}', FORM),
        (b'payload={"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","state":{"values":[]}}}', FORM),
        (b'payload={"type":"block_actions","user":{"id":"\\ud800"}}', FORM),
        (b"payload=" + b"[" * 100_000, FORM),
        (b"command=%2Fenroll-flow", FORM),
        (b"{}", JSON),
        (b"[]", JSON),
        (b'"x"', JSON),
        (b"nonsense", JSON),
        (b'{"type":"event_callback","event":[]}', JSON),
        (b'{"type":7}', JSON),
        (b"{" * 100_000, JSON),
    ],
)
async def test_signed_but_malformed_is_400(door: Door, body: bytes, content_type: str) -> None:
    """A garbled delivery is refused before Bolt can fall over it."""
    answer = await door.knock(body, content_type)
    assert (400, b"") == (answer.status_code, answer.content)


async def test_bytes_that_are_not_text_are_refused(door: Door) -> None:
    """What is not UTF-8 cannot be Slack's."""
    assert 401 == (await door.knock(b"\xff\xfe")).status_code


async def test_a_body_larger_than_any_view_is_413(door: Door) -> None:
    """The body is capped while it is read."""
    assert 413 == (await door.knock(b"a" * 2_000_001)).status_code


async def test_the_challenge_of_the_events_api_is_answered(door: Door) -> None:
    """Slack's check of the request URL passes."""
    answer = await door.knock(json.dumps({"type": "url_verification", "challenge": "3eZ"}).encode(), JSON)
    assert (200, {"challenge": "3eZ"}) == (answer.status_code, answer.json())


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = """type user team team_id event view actions channel container message enterprise authorizations
    response_urls response_url function_data callback_id action_id block_id is_enterprise_install item user_id value
    is_ext_shared_channel bot_access_token assistant_thread previous_message state thread_ts enterprise_id channel_id
    function_execution_id"""
KINDS = """block_actions view_submission view_closed block_suggestion shortcut message_action event_callback
    url_verification app_rate_limited workflow_step_edit dialog_submission"""
names = st.sampled_from(NAMES.split())
kinds = st.sampled_from(KINDS.split())
odd = st.builds(
    lambda kind, fields: {"type": kind, "user": {"id": "U1"}, "team": {"id": "T1"}, **fields},
    kinds,
    st.dictionaries(names, anything, max_size=5),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(odd, st.booleans())
async def test_no_signed_oddity_is_ever_a_5xx(one_door: Door, delivery: dict[str, Any], event: bool) -> None:
    """Whatever shape a signed delivery has, the answer is below 500."""
    text = json.dumps(delivery)
    body, kind = (text.encode(), JSON) if event else (urlencode({"payload": text}).encode(), FORM)
    assert 500 > (await one_door.knock(body, kind)).status_code


async def test_gongs_page_returns_with_our_own_state(door: Door) -> None:
    """The consent that came back is named, and the person is sent back to Slack."""
    answer = await door.get("/gong/return?state=c0ffee&code=x")
    assert (200, ["c0ffee"]) == (answer.status_code, door.returned)
    assert "Gong answered. Go back to Slack." in answer.text
    assert "no-store" == answer.headers["cache-control"]


@pytest.mark.parametrize(("alive", "status"), [(True, 200), (False, 503)])
async def test_healthz_says_whether_the_process_lives(door: Door, alive: bool, status: int) -> None:
    """A host restarts the bot by this answer: a database or a Slack that is away is no reason."""
    door.alive, door.database, door.slack = alive, False, False
    answer = await door.get("/healthz")
    assert (status, {"ok": alive}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("broken", [None, "database", "slack"])
async def test_readyz_names_what_does_not_work(door: Door, broken: str | None) -> None:
    """Ready is the whole: one part that is away makes 503, and the answer says which."""
    if broken:
        setattr(door, broken, False)
    answer = await door.get("/readyz")
    parts = {name: name != broken for name in ("database", "slack", "jobs")}
    assert (503 if broken else 200, {"ready": not broken, **parts}) == (answer.status_code, answer.json())


async def test_readyz_does_not_wait_for_a_database_that_hangs(door: Door) -> None:
    """Whoever asks has an answer in time, and asking often asks the database once."""
    door.hangs = True
    before = len(asyncio.all_tasks())
    answers = [await door.get("/readyz") for _ in range(3)]
    assert [(503, False)] * 3 == [(answer.status_code, answer.json()["database"]) for answer in answers]
    assert 1 == len(asyncio.all_tasks()) - before
