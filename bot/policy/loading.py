"""The policy of this process: the file that POLICY_FILE names, with Slack's user groups; without one, defaults."""

import asyncio
from pathlib import Path
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot import slack_answers
from bot.config import PolicySettings
from bot.enrollment.model.policies import Policy
from bot.errors import Misconfigured
from bot.policy import reading
from bot.policy.problems import Problem
from bot.policy.reading import Groups, Read

SETTING = "POLICY_FILE"
_NOTHING = " Nothing was started."


async def load(settings: PolicySettings, client: AsyncWebClient) -> Policy:
    """The policy, ready to judge; a Slack that is away is waited for.

    Raises Misconfigured with a line for every mistake.
    """
    read = await asyncio.to_thread(read_file, settings)
    if read is None:
        return by_default(settings)
    groups = await _patiently(client) if read.groups_named() else {}
    wrong = read.with_groups(groups)
    if wrong:
        raise Misconfigured(SETTING, "\n".join(told(read, wrong)) + _NOTHING)
    return reading.policy_of(read, groups, enroll=settings.enroll_users, operators=settings.operators)


def by_default(settings: PolicySettings) -> Policy:
    """What holds without a file: those of ENROLL_USERS may enroll, anywhere and as many as they like."""
    return Policy(enroll=settings.enroll_users, operators=settings.operators, owner=settings.operators)


def read_file(settings: PolicySettings) -> Read | None:
    """What the file says, right or wrong; None when there is none and none was asked for."""
    name = settings.policy_file
    if not name:
        return None
    path = Path(name)
    if not path.exists():
        if SETTING.lower() in settings.model_fields_set:
            raise Misconfigured(SETTING, f"{SETTING} names {name}, and there is no such file.{_NOTHING}")
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Misconfigured(SETTING, f"{name} is not UTF-8 text.{_NOTHING}") from None
    except OSError as error:
        raise Misconfigured(SETTING, f"{name} cannot be read: {error.strerror}.{_NOTHING}") from None
    return reading.read(text, name, query_bytes=settings.query_bytes)


def told(read: Read, wrong: tuple[Problem, ...]) -> list[str]:
    """A line for each mistake: file, line, words."""
    return [f"{read.name}:{one.line}: {one.words}" for one in wrong]


async def user_groups(client: AsyncWebClient) -> Groups:
    """The workspace's user groups, asked for once. Raises Misconfigured when Slack refuses to list them."""
    try:
        answer = await client.usergroups_list()
    except slack_answers.UNANSWERED as error:
        code = slack_answers.code(error)
        if code in slack_answers.PASSING:
            raise
        words = f"The policy names user groups, and Slack does not list them ({code})."
        raise Misconfigured(SETTING, f"{words} Is the scope usergroups:read granted?{_NOTHING}") from None
    found: list[dict[str, Any]] = answer.get("usergroups") or []
    return {str(group["id"]): str(group.get("handle") or "") for group in found}


async def _patiently(client: AsyncWebClient) -> Groups:
    while True:
        try:
            return await user_groups(client)
        except slack_answers.UNANSWERED as error:
            structlog.get_logger().warning("slack.away", slack_error=slack_answers.code(error))
            await asyncio.sleep(slack_answers.retry_after(error))
