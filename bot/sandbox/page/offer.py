"""What the app in the workspace offers people to start from, as its manifest says."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command."""

    command: str
    description: str
    usage_hint: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut, offered anywhere or on each message."""

    name: str
    callback_id: str
    description: str
    type: Literal["global", "message"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One app: its name, its commands and its shortcuts."""

    name: str
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
