"""Who somebody is towards this bot, by Slack ids alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """Where a Slack user stands towards this bot (rule `people`); unknown when Slack cannot say at the moment."""

    ALLOWED = "allowed"
    NOT_LISTED = "not_listed"
    NOBODY_YET = "nobody_yet"
    GUEST = "guest"
    OUTSIDER = "outsider"
    BOT = "bot"
    UNKNOWN = "unknown"


class PeopleUnknown(Exception):
    """Slack cannot say at the moment who is behind a user group."""


@dataclass(frozen=True, slots=True)
class Person:
    """One Slack user, by ids, and what they may do now."""

    team_id: str
    user_id: str
    standing: Standing
    operator: bool = False

    @property
    def may_enroll(self) -> bool:
        return self.standing is Standing.ALLOWED


Rights = Callable[[str, str], Awaitable[Person]]
"""(team_id, user_id) -> what that person may do now."""

Operators = Callable[[], Awaitable[tuple[str, ...]]]
"""The user ids of those who run the bot, as they are now: user groups change."""
