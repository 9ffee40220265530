"""What a workspace holds: people, conversations, messages, open views and files, as the sandbox keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.sandbox.slack import elements

Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """A person or a bot, as users.info tells it; `title` is what they are, for people who look at the sandbox."""

    id: str
    name: str
    team_id: str
    is_bot: bool = False
    deleted: bool = False
    is_restricted: bool = False
    is_stranger: bool = False
    tz: str = "Europe/Berlin"
    title: str = ""

    @property
    def real_name(self) -> str:
        """The name as people read it: Enroll Flow, Rina."""
        return self.name.replace("_", " ").title()

    @property
    def direct_id(self) -> str:
        """The id of their direct messages with the bot."""
        return f"D{self.id[1:]}"

    def as_json(self) -> Json:
        """The `user` object."""
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "is_stranger": self.is_stranger,
            "is_admin": False,
            "tz": self.tz,
            "profile": {"display_name": self.real_name},
        }


@dataclass(slots=True)
class Channel:
    """A channel or a direct message; `members` are user ids."""

    id: str
    name: str
    members: set[str]
    is_private: bool = False
    is_archived: bool = False
    is_shared: bool = False
    is_im: bool = False

    @property
    def told_name(self) -> str:
        """The name in what the bot is sent, where private channels have none."""
        return "privategroup" if self.is_private else self.name

    def as_json(self, viewer: str) -> Json:
        """The `channel` object as the viewer sees it."""
        return {
            "id": self.id,
            "name": self.name,
            "is_channel": not self.is_im and not self.is_private,
            "is_group": self.is_private,
            "is_im": self.is_im,
            "is_mpim": False,
            "is_private": self.is_private or self.is_im,
            "is_archived": self.is_archived,
            "is_ext_shared": self.is_shared,
            "is_member": viewer in self.members,
        }


@dataclass(slots=True)
class Message:
    """One message; `edits` counts chat.update, `only_for` makes it ephemeral.

    `by_person` says that it is not the bot's, `subtype` that nobody wrote it: channel_join. `mentions` are those whom
    it notified when it was posted (see `mentions`), which no edit changes. `values` is what each person picked in it.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    thread_ts: str = ""
    only_for: str = ""
    edits: int = 0
    deleted: bool = False
    files: list[str] = field(default_factory=list)
    was: list[str] = field(default_factory=list)
    by_person: bool = False
    subtype: str = ""
    mentions: frozenset[str] = frozenset()
    values: dict[str, dict[tuple[str, str], Json]] = field(default_factory=dict)

    def as_json(self) -> Json:
        """The `message` object."""
        held: Json = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text, "blocks": self.blocks}
        held["team"] = "T0SANDBOX"
        if not self.by_person:
            held |= {"bot_id": "B0SANDBOX", "app_id": "A0SANDBOX"}
        if self.subtype:
            held["subtype"] = self.subtype
        if self.thread_ts:
            held["thread_ts"] = self.thread_ts
        return held

    def hold(self, user: str, block: Json, element: Json, held: Json) -> None:
        """This person's copy of the element holds this now; what holds nothing, as buttons, stays so."""
        if element["type"] in elements.HOLDS:
            kept = self.values.setdefault(user, {})
            kept[(block["block_id"], element["action_id"])] = {"type": element["type"], **held}

    def state(self, user: str) -> Json:
        """block_id -> action_id -> element state, as this person has the message in front of them."""
        return _by_block(elements.values_of({"blocks": self.blocks}, self.values.get(user)))


_VIEW_DEFAULTS: Json = {
    "callback_id": "",
    "private_metadata": "",
    "external_id": "",
    "submit": None,
    "close": None,
    "clear_on_close": False,
    "notify_on_close": False,
}


@dataclass(slots=True)
class OpenView:
    """A view on somebody's screen, with what was typed into it: (block_id, action_id) -> element state."""

    id: str
    user: str
    view: Json
    hash: str
    root_id: str
    previous_id: str = ""
    screen: str = ""
    values: dict[tuple[str, str], Json] = field(default_factory=dict)
    is_open: bool = True

    def as_json(self, team_id: str) -> Json:
        """The `view` object of payloads and answers."""
        return {
            **_VIEW_DEFAULTS,
            **self.view,
            "id": self.id,
            "team_id": team_id,
            "app_id": "A0SANDBOX",
            "bot_id": "B0SANDBOX",
            "app_installed_team_id": team_id,
            "hash": self.hash,
            "root_view_id": self.root_id,
            "previous_view_id": self.previous_id or None,
            "state": {"values": self.state()},
        }

    def state(self) -> Json:
        """block_id -> action_id -> element state."""
        return _by_block(self.values)


def _by_block(values: Mapping[tuple[str, str], Json]) -> Json:
    nested: Json = {}
    for (block_id, action_id), held in values.items():
        nested.setdefault(block_id, {})[action_id] = held
    return nested


@dataclass(slots=True)
class File:
    """A file that somebody uploaded."""

    id: str
    name: str
    content: bytes
    user: str
    title: str = ""
    channel: str = ""
    # What getUploadURLExternal was told; the upload has to have exactly this length.
    announced: int = 0

    def as_json(self, base_url: str) -> Json:
        """The `file` object."""
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": len(self.content),
            "mimetype": "text/plain",
            "filetype": self.name.rpartition(".")[2],
            "user": self.user,
            "url_private": f"{base_url}/files-pri/{self.id}/{self.name}",
            "url_private_download": f"{base_url}/files-pri/{self.id}/download/{self.name}",
        }


@dataclass(slots=True)
class Trigger:
    """A trigger_id: three seconds from when it was sent, for one use."""

    id: str
    user: str
    made_at: datetime
    screen: str
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where a command or a press can be answered: five times within thirty minutes."""

    token: str
    channel: str
    user: str
    made_at: datetime
    message_ts: str = ""
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot as it arrived, and what came of it: Slack's `error`, or `is_cut` when no answer left."""

    method: str
    arguments: Json = field(repr=False)
    at: datetime
    milliseconds: float
    error: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to the bot: `about` is its command, callback, action or event. Status 0: no answer in time."""

    kind: str
    about: str
    status: int
    at: datetime
    milliseconds: float


@dataclass(slots=True)
class Fault:
    """What the next calls of a method meet instead of being done."""

    method: str
    error: str = ""
    retry_after: int = 0
    slow: float = 0.0
    cut: bool = False
    after: bool = False
    times: int = 1


class Refused(Exception):
    """Slack says no: the error code, and where in the arguments."""

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages
