"""`policy check` and `policy explain`: the policy file, read and judged without starting anything."""

from collections.abc import Mapping
from datetime import UTC, datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot import config, slack_answers
from bot.cli.explained import Question, explain
from bot.config import PolicyAlone
from bot.enrollment import judging
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.people import PeopleUnknown, Standing
from bot.enrollment.model.policies import Asked, Policy
from bot.errors import Misconfigured
from bot.policy import loading, reading
from bot.policy.reading import Groups
from bot.rights import SlackRights

_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105  # the setting's name


def settings_of(file: str | None) -> PolicyAlone:
    """The settings, with this file in the place of POLICY_FILE."""
    settings = config.load_for_policy()
    return settings if file is None else settings.model_copy(update={"policy_file": file})


async def check(settings: PolicyAlone) -> int:
    """Every mistake is told, a line each; 0 when there is none, else 2."""
    read = loading.read_file(settings)
    if read is None:
        print(f"ok: there is no {settings.policy_file}; ENROLL_USERS and OPERATORS alone hold")
        return 0
    looked_up = settings.slack_bot_token is not None and read.groups_named()
    wrong = read.with_groups(await _groups(settings)) if looked_up else read.problems
    if wrong:
        print("\n".join(loading.told(read, wrong)))
        return 2
    unseen = read.groups_named() and not looked_up
    print(f"ok, but its user groups were not looked up: {_TOKEN} is not set" if unseen else "ok")
    return 0


async def explain_to(settings: PolicyAlone, user_id: str, flow: str, people: int, *, as_json: bool) -> int:
    """What the policy says of this person's request now; 0 allowed, 3 with approval, 1 refused."""
    policy, groups = await _policy(settings)
    question = await _question(settings, policy, groups, Asked(user_id, Flow(flow, flow), people))
    explained = explain(question)
    print(explained.as_json() if as_json else explained.text())
    return explained.exit_code


async def _policy(settings: PolicyAlone) -> tuple[Policy, Groups]:
    read = loading.read_file(settings)
    if read is None:
        policy = loading.by_default(settings)
        return policy, await _groups(settings) if settings.slack_bot_token and _has_groups(policy) else {}
    groups = await _groups(settings) if read.groups_named() or _has_groups(loading.by_default(settings)) else {}
    wrong = read.with_groups(groups)
    if wrong:
        raise Misconfigured(loading.SETTING, "\n".join(loading.told(read, wrong)))
    return reading.policy_of(read, groups, enroll=settings.enroll_users, operators=settings.operators), groups


def _has_groups(policy: Policy) -> bool:
    return any(one.startswith("S") for one in (*policy.enroll, *policy.operators))


async def _groups(settings: PolicyAlone) -> Groups:
    try:
        return await loading.user_groups(_client(settings))
    except slack_answers.UNANSWERED as error:
        raise _no_answer(error) from None


async def _question(settings: PolicyAlone, policy: Policy, groups: Groups, asked: Asked) -> Question:
    """The request with everything that Slack knows of it; without a token only users who are named can be judged."""
    tier = judging.tier_for(policy, asked.flow, asked.people)
    named = (*policy.enroll, *(tier.approvers if tier else ()))
    rights = await _rights(settings, policy) if settings.slack_bot_token else None
    if rights is None and any(one.startswith("S") for one in named):
        raise Misconfigured(_TOKEN, f"{_TOKEN} is not set, so nobody can tell who is in a user group.")
    try:
        standing, member_of = await _standing(rights, policy, asked.requester_id)
        behind = {tier.name: await _members(rights, tier.approvers)} if tier else {}
    except PeopleUnknown as error:
        raise _no_answer(error) from None
    listed = standing is Standing.ALLOWED
    whole = Asked(asked.requester_id, asked.flow, asked.people, approvers=behind, listed=listed)
    judgement = judging.judge(policy, whole, datetime.now(UTC))
    return Question(policy, whole, judgement, standing, member_of, await _names(rights, groups, policy))


async def _standing(rights: tuple[SlackRights, str] | None, policy: Policy, user_id: str) -> tuple[Standing, str]:
    """Whether this person may enroll, and what names them: their own id, or a group's."""
    standing = Standing.ALLOWED
    if rights is not None:
        person = await rights[0](rights[1], user_id)
        standing = person.standing
        if standing is Standing.UNKNOWN:
            raise PeopleUnknown
    for one in sorted(policy.enroll, key=lambda one: one != user_id):
        if user_id in await _members(rights, (one,)):
            return standing, one
    return (Standing.NOT_LISTED if standing is Standing.ALLOWED else standing), ""


async def _members(rights: tuple[SlackRights, str] | None, ids: tuple[str, ...]) -> frozenset[str]:
    return frozenset(ids) if rights is None else await rights[0].members(ids)


async def _rights(settings: PolicyAlone, policy: Policy) -> tuple[SlackRights, str]:
    """Rights as the bot itself has them, and the workspace that they are in."""
    client = _client(settings)
    try:
        team_id = str((await client.auth_test())["team_id"])
    except slack_answers.UNANSWERED as error:
        raise _no_answer(error) from None

    def now() -> datetime:
        return datetime.now(UTC)

    return SlackRights(client, team_id=team_id, enroll=policy.enroll, operators=policy.operators, clock=now), team_id


async def _names(rights: tuple[SlackRights, str] | None, groups: Groups, policy: Policy) -> Mapping[str, str]:
    """What people and groups are called, as far as Slack tells it."""
    names = {group: f"@{handle}" for group, handle in groups.items()}
    if rights is not None:
        for owner in (one for one in policy.owner[:1] if not one.startswith("S")):
            names[owner] = f"@{await rights[0].name(owner) or owner}"
    return names


def _client(settings: PolicyAlone) -> AsyncWebClient:
    if settings.slack_bot_token is None:
        raise Misconfigured(_TOKEN, f"{_TOKEN} is not set, so user groups cannot be looked up.")
    return AsyncWebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=10)


def _no_answer(error: Exception) -> Misconfigured:
    code = slack_answers.code(error.__cause__ or error)
    return Misconfigured(
        _TOKEN, f"Slack does not say who is who ({code}). Try again; `python -m bot doctor` looks at it."
    )
