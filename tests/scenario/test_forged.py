"""Deliveries that Slack did not send, sent too long ago, or mangled; and hostile text wherever a person can type."""

import copy
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.person import Person
from bot.sandbox.slack.first_day import TEAM
from bot.sandbox.town import Town
from tests.scenario import doing

FORM = "application/x-www-form-urlencoded"
COMMAND = urlencode(
    {"command": "/enroll-flow", "text": "help", "user_id": "U0REQUESTER", "team_id": TEAM, "channel_id": "C0REVOPS"}
)

# Everything but half characters, which no UTF-8 holds.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
HOSTILE = st.one_of(
    ANY_TEXT,
    st.sampled_from(
        [
            "<!channel> <@U0REQUESTER> <https://evil.example|Allow>",
            "payload=1&command=x",
            "\u202eevil\u202c\x00\x07",
            "SELECT '" + "🏴" * 60 + "'",
            "{{7*7}} ${x} %s %(x)s {0}",
            "(" * 180,
            "E-7K2M9Q'; DROP TABLE drafts; --",
        ]
    ),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
BOUNDED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("signature", ["", "v0=", "v0=" + "0" * 64, "v1=é", "nonsense"])
async def test_what_slack_did_not_sign_is_turned_away(town: Town, signature: str) -> None:
    """401 with an empty body, and nobody hears of it."""
    answer = await town.slack.deliveries.post(COMMAND, FORM, more={"x-slack-signature": signature.encode("latin-1")})  # type: ignore[dict-item]
    assert (401, "") == (answer.status, answer.text)
    assert [] == town.person("U0REQUESTER").whispers()


@pytest.mark.parametrize("age", [301, -301, 10**9])
async def test_what_was_signed_at_another_time_is_turned_away(town: Town, age: int) -> None:
    """A delivery that was recorded cannot be played again later."""
    answer = await town.slack.deliveries.post(COMMAND, FORM, timestamp=str(int(time.time()) - age))
    assert (401, "") == (answer.status, answer.text)


@pytest.mark.parametrize("timestamp", ["soon", "-1", "1e9", "9" * 400])
async def test_an_odd_time_is_no_time(town: Town, timestamp: str) -> None:
    """A timestamp that is no number is as good as none."""
    assert 401 == (await town.slack.deliveries.post(COMMAND, FORM, timestamp=timestamp)).status


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("payload=", FORM),
        ("payload={", FORM),
        ("payload=[]", FORM),
        ("payload=null", FORM),
        ('payload={"type":"block_actions"}', FORM),
        ('payload={"type":"block_actions","user":{"id":"U1"},"actions":[]}', FORM),
        ('payload={"type":"view_submission","user":{"id":"U1"}}', FORM),
        ('payload={"type":"party"}', FORM),
        ("command=%2Fenroll-flow", FORM),
        ("[" * 5000, "application/json"),
        ('{"type":"event_callback"}', "application/json"),
        ("%FF%FE=%00", FORM),
    ],
)
async def test_what_is_signed_and_mangled_is_a_bad_request(town: Town, body: str, content_type: str) -> None:
    """400: nothing in it is acted on, and the bot is none the worse."""
    assert 400 == (await town.slack.deliveries.post(body, content_type)).status
    await _is_well(town)


async def _is_well(town: Town) -> None:
    rina = town.person("U0REQUESTER")
    await rina.command("help")
    await rina.until_whispered("start, or go on with your draft")


@BOUNDED
@given(text=HOSTILE)
async def test_whatever_is_typed_after_the_command_is_answered(town: Town, text: str) -> None:
    """Never an error of ours: words, or a form."""
    await town.person("U0COLLEAGUE").command(text)


@pytest.mark.slow
@BOUNDED
@given(text=HOSTILE)
async def test_whatever_is_typed_into_the_form_is_kept_or_refused(town: Town, text: str) -> None:
    """The query, the words of the flow picker, and the submission each have an answer that Slack can show."""
    rina = await _form(town)
    await rina.type("Snowflake query", text)
    await rina.search("Gong Engage flow", text)
    errors = await rina.submit(anyway=True)
    assert {"Snowflake query", "Gong Engage flow"} >= errors.keys()


async def _form(town: Town) -> Person:
    rina = town.person("U0REQUESTER")
    if rina.view is None:
        await rina.command()
        await rina.until_sees("Check contacts")
    return rina


@pytest.mark.slow
@BOUNDED
@given(text=HOSTILE)
async def test_whatever_is_typed_for_everyone_is_judged_as_an_address(town: Town, text: str) -> None:
    """A value that is no e-mail address starts nothing."""
    rina = town.person("U0REQUESTER")
    if rina.view is None:
        await doing.review(rina, flow="Owner's Personal Touch")
        await rina.pick("Flow instance owner e-mail (this flow needs it)", "Type a value…")
        await rina.until_sees("for everyone")
    await rina.type("Flow instance owner e-mail for everyone", text)
    assert ["Flow instance owner e-mail for everyone"] == list(await rina.submit(anyway=True))
    assert () == town.polytomic.models


@pytest.mark.slow
@BOUNDED
@given(data=st.data())
async def test_a_payload_with_one_odd_part_never_breaks_the_bot(town: Town, data: st.DataObject) -> None:
    """Whatever stands in one place of a signed payload: 200, 400, or 404 for an id that nobody listens to."""
    rina = await _form(town)
    assert rina.view is not None
    who = {"user": {"id": rina.id, "team_id": TEAM}, "team": {"id": TEAM}}
    view = rina.view.as_json(TEAM)
    typed = {"type": "plain_text_input", "action_id": "type_sql", "block_id": "sql:1", "value": "x"}
    payloads: list[dict[str, Any]] = [
        {"type": "view_submission", "view": view},
        {"type": "view_closed", "view": view, "is_cleared": True},
        {"type": "block_actions", "view": view, "actions": [typed | {"action_ts": "1.2"}], "trigger_id": "1.2"},
        {"type": "block_suggestion", "view": view, "action_id": "search_flow", "block_id": "flow:1"},
        {"type": "shortcut", "callback_id": "enroll_contacts", "trigger_id": "1.2"},
    ]
    mangled = _mangled(data.draw(st.sampled_from(payloads)) | who, data)
    body = urlencode({"payload": json.dumps(mangled)})
    assert (await town.slack.deliveries.post(body, FORM)).status in (200, 400, 404)


def _mangled(payload: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    """A copy with another value somewhere, up to four levels deep."""
    whole: dict[str, Any] = copy.deepcopy(payload)
    here: Any = whole
    for _ in range(data.draw(st.integers(0, 3))):
        keys = [key for key in (here if isinstance(here, dict) else range(len(here))) if _deeper(here[key])]
        if not keys:
            break
        here = here[data.draw(st.sampled_from(keys))]
    keys = list(here) if isinstance(here, dict) else list(range(len(here)))
    here[data.draw(st.sampled_from(keys))] = data.draw(JSON)
    return whole


def _deeper(value: object) -> bool:
    return isinstance(value, dict | list) and bool(value)
