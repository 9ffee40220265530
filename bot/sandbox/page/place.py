"""Who reads and where: everything that a drawing of blocks depends on besides the blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

Json = dict[str, Any]
Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads. `now` is aware; people and channels have a name by id, user groups a handle."""

    id: str
    zone: ZoneInfo
    now: datetime
    people: Mapping[str, str]
    channels: Mapping[str, str]
    groups: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What can be chosen where a conversation is asked for; without any mark it is a public channel."""

    id: str
    name: str
    is_private: bool = False
    is_shared: bool = False
    is_im: bool = False
    is_mpim: bool = False
    with_bot: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where blocks stand. `prefix` is unique on the page; `values` is what each element holds, by block and action
    id, as `bot.sandbox.slack.elements` keeps it; `errors` has the words under an input block, by its id."""

    surface: Surface
    prefix: str
    values: Mapping[tuple[str, str], Json] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    conversations: Sequence[Conversation] = ()
