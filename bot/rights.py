"""What a Slack user may do now, by ids alone: membership of the workspace, and whom the policy names.

Answers are remembered for five minutes. When Slack cannot say who somebody is, they may do nothing.
"""

import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot import slack_answers
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.people import PeopleUnknown, Person, Standing

_SLACKBOT = "USLACKBOT"

T = TypeVar("T")

Names = Callable[[Collection[str]], Awaitable[dict[str, str]]]
"""User ids -> display names, as far as Slack tells them."""

OperatorNames = Callable[[], Awaitable[tuple[str, ...]]]
"""The operators by display name."""


@dataclass(frozen=True, slots=True)
class _Remembered(Generic[T]):
    value: T
    until: datetime


class SlackRights:
    """Looks people up at Slack and remembers the answers; `__call__` is the `Rights` of the domain."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        team_id: str,
        enroll: Collection[str],
        operators: Collection[str],
        clock: Clock,
        ttl: float = 300,
    ) -> None:
        self._client = client
        self._team_id = team_id
        self._enroll = frozenset(enroll)
        self._operators = frozenset(operators)
        self._clock = clock
        self._ttl = timedelta(seconds=ttl)
        self._people: dict[str, _Remembered[Person]] = {}
        self._groups: dict[str, _Remembered[frozenset[str]]] = {}
        self._names: dict[str, _Remembered[str]] = {}
        self._log = structlog.get_logger()

    async def __call__(self, team_id: str, user_id: str) -> Person:
        """What this person may do, at most five minutes old."""
        known = self.known(team_id, user_id)
        if known is not None:
            return known
        try:
            person = await self._judge(team_id, user_id, await self._user(user_id))
        except slack_answers.UNANSWERED as error:
            self._log.warning("rights.unknown", user=user_id, cause=type(error).__name__)
            return Person(team_id, user_id, Standing.UNKNOWN)
        self._people[user_id] = _Remembered(person, self._clock() + self._ttl)
        return person

    def known(self, team_id: str, user_id: str) -> Person | None:
        """The remembered answer, or None when Slack would have to be asked."""
        remembered = self._people.get(user_id)
        if remembered is None or remembered.until <= self._clock() or remembered.value.team_id != team_id:
            return None
        return remembered.value

    async def operator_ids(self) -> tuple[str, ...]:
        """The user ids of the operators, groups opened; the order is stable."""
        return await self._behind(self._operators)

    async def members(self, ids: Collection[str]) -> frozenset[str]:
        """The users among these ids and in these user groups, at most five minutes old.

        Raises PeopleUnknown when Slack cannot be asked about a group now.
        """
        users = {one for one in ids if not _is_group(one)}
        try:
            for group in sorted(one for one in ids if _is_group(one)):
                users |= await self._members(group)
        except slack_answers.UNANSWERED as error:
            raise PeopleUnknown from error
        return frozenset(users)

    async def operator_names(self) -> tuple[str, ...]:
        """Their display names, at most three, as far as Slack tells them; remembered like everything here."""
        return await self.owner_names(self._operators)

    async def owner_names(self, ids: Collection[str]) -> tuple[str, ...]:
        """The display names of these users and of those in these user groups, likewise."""
        first = (await self._behind(ids))[:3]
        named = await self.names(first)
        return tuple(named[one] for one in first if one in named)

    async def names(self, user_ids: Collection[str]) -> dict[str, str]:
        """The display names of these users, by id, as far as Slack tells them; a group has none."""
        found = {user_id: await self.name(user_id) for user_id in user_ids if not _is_group(user_id)}
        return {user_id: name for user_id, name in found.items() if name}

    async def name(self, user_id: str) -> str:
        """The user's display name; empty when Slack does not tell it."""
        remembered = self._names.get(user_id)
        if remembered is not None and remembered.until > self._clock():
            return remembered.value
        user: dict[str, Any] = {}
        with contextlib.suppress(*slack_answers.UNANSWERED):
            user = await self._user(user_id)
        profile = user.get("profile", {})
        name = str(profile.get("display_name") or user.get("real_name") or user.get("name") or "")
        self._names[user_id] = _Remembered(name, self._clock() + self._ttl)
        return name

    async def _behind(self, ids: Collection[str]) -> tuple[str, ...]:
        """These users and those in these groups, as far as Slack tells it, in an order that is stable."""
        users = {one for one in ids if not _is_group(one)}
        for group in sorted(one for one in ids if _is_group(one)):
            with contextlib.suppress(*slack_answers.UNANSWERED):
                users |= await self._members(group)
        return tuple(sorted(users))

    async def _user(self, user_id: str) -> dict[str, Any]:
        answer = await self._client.users_info(user=user_id)
        user: dict[str, Any] = answer.get("user", {})
        return user

    async def _judge(self, team_id: str, user_id: str, user: dict[str, Any]) -> Person:
        standing = self._membership(team_id, user_id, user)
        if standing is not None:
            return Person(team_id, user_id, standing)
        operator = await self._listed(user_id, self._operators)
        if not self._enroll:
            return Person(team_id, user_id, Standing.NOBODY_YET, operator)
        listed = await self._listed(user_id, self._enroll)
        return Person(team_id, user_id, Standing.ALLOWED if listed else Standing.NOT_LISTED, operator)

    def _membership(self, team_id: str, user_id: str, user: dict[str, Any]) -> Standing | None:
        """Why this user is not a full member of our workspace, or None when they are."""
        if user.get("is_bot") or user_id == _SLACKBOT:
            return Standing.BOT
        # In an organization a user's own team may be another workspace of it.
        workspaces = {user.get("team_id"), *user.get("enterprise_user", {}).get("teams", ())}
        ours = team_id == self._team_id and self._team_id in workspaces
        if not ours or user.get("is_stranger") or user.get("deleted"):
            return Standing.OUTSIDER
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return Standing.GUEST
        return None

    async def _listed(self, user_id: str, ids: frozenset[str]) -> bool:
        if user_id in ids:
            return True
        for group in sorted(one for one in ids if _is_group(one)):
            if user_id in await self._members(group):
                return True
        return False

    async def _members(self, group_id: str) -> frozenset[str]:
        """Nobody, when Slack refuses to say. Raises slack_answers.UNANSWERED when it cannot be asked now."""
        remembered = self._groups.get(group_id)
        if remembered is not None and remembered.until > self._clock():
            return remembered.value
        try:
            answer = await self._client.usergroups_users_list(usergroup=group_id)
        except slack_answers.UNANSWERED as error:
            self._log.warning("rights.group_unknown", group=group_id, cause=type(error).__name__)
            if slack_answers.code(error) in slack_answers.PASSING:
                raise  # Slack will say it later; any other refusal is about the group itself.
            return frozenset()
        users: list[str] = answer.get("users", [])
        members = frozenset(users)
        self._groups[group_id] = _Remembered(members, self._clock() + self._ttl)
        return members


def _is_group(one: str) -> bool:
    return one.startswith("S")
