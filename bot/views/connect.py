"""V2 and V3: connecting Gong or Snowflake, as blocks inside the form or as views of their own.

The link of a consent is shown to the one person it was made for, and to nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.enrollment.model.connections import Connection, Consent, ConsentState, Service
from bot.views import ids, words
from bot.views.blocks import Block, View, actions, alert, button, context, section
from bot.views.modal import modal

ASKED = "Asked. I will write to you when {service} is connected. Your draft is kept."
ASKED_APART = "Asked. Whatever waits for {service} goes on by itself once it is connected."
NAMES = {Service.GONG: "Gong", Service.SNOWFLAKE: "Snowflake"}
_OPEN = (ConsentState.ASKED, ConsentState.WAITING)


@dataclass(frozen=True, slots=True)
class Facts:
    """What one person may know about connecting one service.

    `connections` are those of the service; `broken_since` is when a consent stopped being accepted, if known;
    `asked_operator` is true once this person asked an operator from here; `composing` while a draft of theirs waits.
    """

    viewer_id: str
    connections: tuple[Connection, ...] = ()
    consent: Consent | None = None
    may_connect: bool = True
    operators: tuple[str, ...] = ()
    broken_since: datetime | None = None
    asked_operator: bool = False
    composing: bool = True

    @property
    def connected(self) -> bool:
        """True when one of the connections works."""
        return any(connection.healthy for connection in self.connections)


def gong_blocks(facts: Facts) -> list[Block]:
    """V2, for as long as Gong is not connected."""
    consent = facts.consent
    if consent is not None and consent.state in _OPEN:
        return _gong_waiting(facts, consent)
    if not facts.may_connect:
        return _not_you(facts, Service.GONG)
    if consent is not None and consent.state is not ConsentState.CONNECTED:
        return [
            alert("warning", gong_refused(consent)),
            actions(button("Try again", ids.CONNECT_GONG, style="primary")),
        ]
    return _gong_start(facts)


def gong_refused(consent: Consent) -> str:
    """Plain text: why Gong was not connected."""
    kept = "Your query is kept."
    match consent.state:
        case ConsentState.DENIED:
            return f"Gong was not connected: access was not allowed there. {kept}"
        case ConsentState.EXPIRED:
            waited = words.minutes((consent.expires_at - consent.created_at).total_seconds())
            return f"Gong was not connected: nobody allowed it within {waited}. {kept}"
        case _:
            return f"Gong was not connected. {_says(consent.status_error, 90)}{kept}"


def _says(status_error: str, limit: int) -> str:
    said = words.data(status_error, limit).rstrip(".")
    return f"Polytomic says: {said}. " if said else ""


def _gong_start(facts: Facts) -> list[Block]:
    if facts.connections:
        since = f" {words.date(facts.broken_since)}" if facts.broken_since else ""
        said = f"*Gong needs consent again.* It stopped accepting the old one{since}."
        press = button("Reconnect Gong", ids.CONNECT_GONG, style="primary")
    else:
        said = "*Gong is not connected.* One person allows it once, for everyone who uses this bot."
        press = button("Connect Gong", ids.CONNECT_GONG, style="primary")
    lends = (
        "Whoever allows it lends the bot their view: the list shows the company's flows and that person's own,"
        " and Gong may send in their name."
    )
    return [section(said), context(lends), actions(press)]


def _gong_waiting(facts: Facts, consent: Consent) -> list[Block]:
    if consent.user_id != facts.viewer_id:
        other = words.mention(consent.user_id)
        said = f"{other} was asked to connect Gong {words.date(consent.created_at)}. I will go on when it is done."
        itself = [actions(button("Connect it myself", ids.CONNECT_GONG))] if facts.may_connect else []
        return [section(said), *itself]
    if consent.state is ConsentState.ASKED or not consent.url:
        return [section(":hourglass_flowing_sand: Asking Polytomic for Gong's page…")]
    steps = (
        "*Waiting for you in Gong.*\n1. Press *Open Gong*.\n2. Choose *Allow* there.\n"
        "3. Come back: this form goes on by itself."
    )
    alone = (
        "This link is for you alone: whoever opens it connects their own Gong account."
        f" I wait until {words.date(consent.expires_at)}. You may close this form; I will write to you."
    )
    return [
        section(steps),
        actions(
            button("Open Gong", ids.OPEN_GONG, url=consent.url, style="primary"),
            button("Check now", ids.CHECK_GONG),
        ),
        context(alone),
    ]


def _not_you(facts: Facts, service: Service) -> list[Block]:
    name = NAMES[service]
    if facts.asked_operator:
        return [
            section(f"*{name} is not connected.*"),
            section((ASKED if facts.composing else ASKED_APART).format(service=name)),
        ]
    owner = words.operators(facts.operators)
    said = f"*{name} is not connected.* {owner[0].upper()}{owner[1:]} can connect it."
    ask = actions(button(f"Ask {_plain_operator(facts.operators)}", ids.ASK_OPERATOR, value=service.value))
    return [section(said), ask]


def _plain_operator(operators: Sequence[str]) -> str:
    # A button's text is plain and cannot hold a mention.
    return "an operator" if operators else "your operator"


def gong_view(facts: Facts, draft_id: str = "") -> View:
    """V2 as a view of its own."""
    if facts.connected and (facts.consent is None or facts.consent.state is ConsentState.CONNECTED):
        blocks = [section("Gong is connected."), actions(button("Enroll contacts", ids.START, style="primary"))]
    else:
        blocks = gong_blocks(facts)
    return modal(ids.CONNECT_GONG, blocks, draft_id=draft_id, title="Connect Gong")


def snowflake_blocks(facts: Facts) -> list[Block]:
    """V3, for as long as Snowflake is not connected."""
    consent = facts.consent
    if not facts.may_connect:
        return _not_you(facts, Service.SNOWFLAKE)
    if consent is not None and consent.state in _OPEN and consent.user_id == facts.viewer_id:
        return _secure_form(consent)
    refused: list[Block] = []
    if consent is not None and consent.state not in (*_OPEN, ConsentState.CONNECTED):
        refused = [alert("error", snowflake_refused(consent))]
    return [*refused, *_snowflake_start()]


def snowflake_refused(consent: Consent) -> str:
    """Plain text: why Snowflake was not connected."""
    if consent.state is ConsentState.EXPIRED:
        waited = words.minutes((consent.expires_at - consent.created_at).total_seconds())
        return f"Snowflake was not connected: the form was not sent within {waited}. Nothing was saved."
    said = words.data(consent.status_error, 120).rstrip(".")
    return f"Snowflake was not connected{': ' + said if said else ''}. Nothing was saved."


def _snowflake_start() -> list[Block]:
    return [
        section("*Snowflake is not connected.* Credentials never pass through Slack. Choose one:"),
        actions(button("Connect Snowflake", ids.CONNECT_SNOWFLAKE, style="primary")),
        section("or run this where the bot runs:\n```python -m bot connect snowflake```"),
    ]


def _secure_form(consent: Consent) -> list[Block]:
    if not consent.url:
        return [section(":hourglass_flowing_sand: Asking Polytomic for the secure form…")]
    once = (
        f"The form's link works once, for you alone, until {words.date(consent.expires_at)}."
        " Snowflake must accept Polytomic's addresses (IP allowlist)."
    )
    return [
        section("*Snowflake is not connected.* Credentials never pass through Slack. Choose one:"),
        actions(button("Open the secure form", ids.OPEN_SNOWFLAKE_FORM, url=consent.url, style="primary")),
        section("or run this where the bot runs:\n```python -m bot connect snowflake```"),
        context(once),
    ]


def snowflake_view(facts: Facts, draft_id: str = "") -> View:
    """V3 as a view of its own."""
    healthy = next((connection for connection in facts.connections if connection.healthy), None)
    if healthy is not None and (facts.consent is None or facts.consent.state is ConsentState.CONNECTED):
        blocks = [alert("success", snowflake_connected(healthy.name))]
    else:
        blocks = snowflake_blocks(facts)
    return modal(ids.CONNECT_SNOWFLAKE, blocks, draft_id=draft_id, title="Connect Snowflake")


def snowflake_connected(name: str) -> str:
    """Plain text: Snowflake is connected."""
    return f"Snowflake is connected: {words.data(name, words.FLOW_MAX)}."
