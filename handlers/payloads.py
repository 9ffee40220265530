"""Reads of Slack's payloads: who did it, on what, and where an answer can go. Only ids in them are trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.check_screens import Standing

Body = Mapping[str, Any]
State = Mapping[str, Mapping[str, Any]]

_ABOVE = ":above"


@dataclass(frozen=True, slots=True)
class Who:
    """The ids of the person behind a payload."""

    team_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Press:
    """One block action: a button pressed, an option picked, text typed."""

    who: Who
    action_id: str
    block_id: str
    at: str
    value: str = field(repr=False)
    text: str = field(repr=False)
    channel_id: str
    response_url: str = field(repr=False)
    trigger_id: str
    view: Mapping[str, Any] | None = field(repr=False)

    @property
    def draft_id(self) -> str:
        """The draft that the view is about; empty outside views."""
        return draft_id(self.view or {})

    @property
    def stands(self) -> Standing:
        """How the view that was pressed in stands."""
        return standing(self.view or {})

    @property
    def in_modal(self) -> bool:
        """True for a press in a view that lies in front; a message and Home are none."""
        return (self.view or {}).get("type") == "modal"

    @property
    def view_id(self) -> str:
        return str((self.view or {}).get("id", ""))

    @property
    def callback_id(self) -> str:
        return str((self.view or {}).get("callback_id", ""))

    @property
    def state(self) -> State:
        return state(self.view or {})


def who(body: Body) -> Who:
    """The person: Slack nests the ids in interactions and events, and not in commands."""
    event = body.get("event") or {}
    user = body.get("user") or event.get("user") or body.get("user_id") or ""
    team = body.get("team") or body.get("team_id") or ""
    if isinstance(user, Mapping):
        team = team or user.get("team_id") or ""
        user = user.get("id") or ""
    if isinstance(team, Mapping):
        team = team.get("id") or ""
    return Who(str(team), str(user))


def press(body: Body) -> Press:
    """The first action of a block_actions payload; Slack never sends a second one."""
    action = body["actions"][0]
    value, text = _value(action)
    container = body.get("container") or {}
    return Press(
        who=who(body),
        action_id=action["action_id"],
        block_id=action["block_id"],
        at=str(action.get("action_ts") or ""),
        value=value,
        text=text,
        channel_id=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        response_url=str(body.get("response_url") or ""),
        trigger_id=str(body.get("trigger_id") or ""),
        view=body.get("view"),
    )


def draft_id(view: Mapping[str, Any]) -> str:
    """The draft's id, which is all that private_metadata holds."""
    return str(view.get("private_metadata") or "")


def state(view: Mapping[str, Any]) -> State:
    """block_id -> action_id -> element, as the view stood when it was sent."""
    values: State = (view.get("state") or {}).get("values") or {}
    return values


def root(view: Mapping[str, Any]) -> bool:
    """True when no form lies beneath this view."""
    return view.get("root_view_id") in (None, view.get("id"))


def standing(view: Mapping[str, Any]) -> Standing:
    """How this view stands: every payload says so, whichever process opened it."""
    return Standing(str(view.get("id") or ""), str(view.get("external_id") or ""), root(view))


def above(beneath: Standing) -> str:
    """The address of the view that is pushed on top of this one, from which `beneath` finds back."""
    return f"{beneath.address}{_ABOVE}"


def beneath(view: Mapping[str, Any]) -> Standing:
    """How the view beneath a pushed one stands, which Slack tells only in part."""
    previous = str(view.get("previous_view_id") or "")
    address = str(view.get("external_id") or "").removesuffix(_ABOVE)
    return Standing(previous, address, view.get("root_view_id") == previous)


def _value(action: Mapping[str, Any]) -> tuple[str, str]:
    """What the element now holds, and the words that stand for it."""
    chosen = action.get("selected_option")
    if isinstance(chosen, Mapping):
        return str(chosen.get("value") or ""), str((chosen.get("text") or {}).get("text") or "")
    held = action.get("selected_conversation") or action.get("selected_channel") or action.get("value") or ""
    return str(held), ""
