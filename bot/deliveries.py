"""Is this delivery from Slack, recent, and of a shape that listeners may read?

Stands in front of Bolt, which parses a body before it verifies it, answers some malformed ones with 500, and takes
every slash command whose text contains the word `payload` for an empty one. Nothing unsigned is parsed here.
"""

import json
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier

from bot.enrollment.model.clock import Clock

Delivery = dict[str, Any]
"""A verified, well-formed delivery as Bolt takes it."""


class _Loose(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Named(_Loose):
    id: str


class _User(_Named):
    team_id: str | None = None


class _Action(_Loose):
    action_id: str
    block_id: str
    type: str
    value: str | None = None


class _State(_Loose):
    values: dict[str, dict[str, dict[str, Any]]]


class _View(_Loose):
    id: str
    callback_id: str = ""
    private_metadata: str = ""
    app_installed_team_id: str | None = None
    state: _State | None = None


class _Message(_Loose):
    ts: str | None = None
    thread_ts: str | None = None
    user: str | None = None


class _Interaction(_Loose):
    type: str
    user: _User
    team: _Named | None = None
    enterprise: _Named | None = None
    channel: _Named | None = None
    message: _Message | None = None
    container: dict[str, Any] | None = None
    view: _View | None = None
    trigger_id: str | None = None
    response_url: str | None = None
    is_enterprise_install: bool | None = None


class _BlockActions(_Interaction):
    type: Literal["block_actions"]
    actions: Annotated[list[_Action], Field(min_length=1)]


class _Options(_Interaction):
    type: Literal["block_suggestion"]
    action_id: str
    block_id: str
    value: str = ""


class _ViewEnded(_Interaction):
    type: Literal["view_submission", "view_closed"]
    view: _View
    is_cleared: bool = False


class _Shortcut(_Interaction):
    type: Literal["shortcut", "message_action"]
    callback_id: str


class _Authorization(_Loose):
    team_id: str | None = None
    enterprise_id: str | None = None
    user_id: str | None = None


class _Event(_Loose):
    type: str
    user: str | None = None
    channel: str | None = None
    tab: str | None = None
    event_ts: str | None = None


class _Envelope(_Loose):
    type: Literal["event_callback"]
    event: _Event
    team_id: str | None = None
    event_id: str | None = None
    authorizations: list[_Authorization] | None = None


class _Challenge(_Loose):
    type: Literal["url_verification"]
    challenge: str


class _Command(_Loose):
    command: Annotated[str, Field(min_length=1)]
    user_id: Annotated[str, Field(min_length=1)]
    team_id: Annotated[str, Field(min_length=1)]
    text: str = ""
    channel_id: str = ""
    channel_name: str = ""
    trigger_id: str = ""
    response_url: str = ""


_INTERACTION: TypeAdapter[BaseModel] = TypeAdapter(
    Annotated[_BlockActions | _Options | _ViewEnded | _Shortcut, Field(discriminator="type")]
)
_EVENT: TypeAdapter[BaseModel] = TypeAdapter(Annotated[_Envelope | _Challenge, Field(discriminator="type")])
_COMMAND: TypeAdapter[BaseModel] = TypeAdapter(_Command)
_ENVELOPES = {"events_api": _EVENT, "interactive": _INTERACTION, "slash_commands": _COMMAND}


def verifier(signing_secret: str, clock: Clock) -> SignatureVerifier:
    """Slack's own verifier, reading the time from the clock that was passed in."""

    class _Passed(SlackClock):
        def now(self) -> float:
            return clock().timestamp()

    return SignatureVerifier(signing_secret, _Passed())


def signed(verify: SignatureVerifier, body: bytes, timestamp: str, signature: str) -> bool:
    """True when Slack signed exactly these bytes less than five minutes ago; never raises for what a stranger sends."""
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12 and signature.isascii()):
        return False
    try:
        return verify.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False


def read(body: bytes, content_type: str) -> Delivery | None:
    """The delivery as a dictionary of a shape that listeners may read, or None when it is malformed."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip() == "application/json":
            return _checked(json.loads(text), _EVENT)
        fields = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=200))
        if "payload" in fields:
            return _checked(json.loads(fields["payload"]), _INTERACTION)
        return _checked(fields, _COMMAND)
    except (ValueError, RecursionError):
        return None


def enveloped(envelope: dict[str, Any]) -> Delivery | None:
    """The same for what came over Socket Mode, where being on the line is the signature."""
    shapes = _ENVELOPES.get(str(envelope.get("type")))
    try:
        return None if shapes is None else _checked(envelope.get("payload"), shapes)
    except UnicodeEncodeError:
        return None


def _checked(parsed: object, shapes: TypeAdapter[BaseModel]) -> Delivery | None:
    """What was parsed, when it has one of these shapes and every string in it can be stored as UTF-8."""
    try:
        shape = shapes.validate_python(parsed)
    except ValidationError:
        return None
    if not isinstance(parsed, dict):
        return None
    json.dumps(parsed, ensure_ascii=False).encode()
    kept = _declared(shape, parsed)
    if isinstance(shape, _Envelope):
        kept["event"] = _declared(shape.event, parsed["event"])
    return kept


def _declared(shape: BaseModel, parsed: Delivery) -> Delivery:
    """Only what the shape vouches for: Bolt looks into many more keys, and falls over odd values there."""
    return {name: parsed[name] for name in type(shape).model_fields if parsed.get(name) is not None}
