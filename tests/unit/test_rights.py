"""Who may do what: by ids, remembered for five minutes, and nobody when Slack cannot say."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.enrollment.model.people import PeopleUnknown, Person, Standing
from bot.rights import SlackRights
from tests.unit.web_api import WebApi, web_api

TEAM = "T0SANDBOX"
REQUESTER = "U0REQUESTER"


class Watch:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def api() -> AsyncIterator[WebApi]:
    """A Web API where everybody is a full member."""
    async with web_api() as running:
        running.answers["users.info"] = member()
        yield running


def member(**flags: Any) -> dict[str, Any]:
    """users.info's answer for a member of the workspace."""
    return {"ok": True, "user": {"id": REQUESTER, "team_id": TEAM, **flags}}


def rights(api: WebApi, watch: Watch, *, users: tuple[str, ...] = (), operators: tuple[str, ...] = ()) -> SlackRights:
    """Rights under these settings."""
    return SlackRights(api.client, team_id=TEAM, enroll=users, operators=operators, clock=watch)


@pytest.mark.parametrize(
    ("flags", "standing"),
    [
        ({}, Standing.ALLOWED),
        ({"is_bot": True}, Standing.BOT),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_ultra_restricted": True, "is_restricted": True}, Standing.GUEST),
        ({"is_stranger": True}, Standing.OUTSIDER),
        ({"team_id": "T0OTHER"}, Standing.OUTSIDER),
        ({"team_id": "T0OTHER", "enterprise_user": {"teams": [TEAM]}}, Standing.ALLOWED),
        ({"deleted": True}, Standing.OUTSIDER),
    ],
)
async def test_only_full_members_of_this_workspace(api: WebApi, flags: dict[str, Any], standing: Standing) -> None:
    """Being listed does not help guests, bots, strangers and the departed."""
    api.answers["users.info"] = member(**flags)
    assert Person(TEAM, REQUESTER, standing) == await rights(api, Watch(), users=(REQUESTER,))(TEAM, REQUESTER)


async def test_unset_means_nobody(api: WebApi) -> None:
    """Without ENROLL_USERS nobody may enroll, and the reason is told apart."""
    assert Person(TEAM, REQUESTER, Standing.NOBODY_YET) == await rights(api, Watch())(TEAM, REQUESTER)


async def test_not_on_the_list(api: WebApi) -> None:
    """A member who is not listed may not enroll; a listed operator who is not either, still operates."""
    ours = rights(api, Watch(), users=("U0OTHER",), operators=(REQUESTER,))
    assert Person(TEAM, REQUESTER, Standing.NOT_LISTED, operator=True) == await ours(TEAM, REQUESTER)


async def test_by_user_group(api: WebApi) -> None:
    """A user group stands for its members, in both settings."""
    api.answers["usergroups.users.list"] = {"ok": True, "users": [REQUESTER]}
    ours = rights(api, Watch(), users=("S0REVOPS",), operators=("S0OPS",))
    assert Person(TEAM, REQUESTER, Standing.ALLOWED, operator=True) == await ours(TEAM, REQUESTER)


async def test_a_group_that_slack_refuses_to_show_is_empty(api: WebApi) -> None:
    """No answer is never a yes."""
    api.answers["usergroups.users.list"] = {"ok": False, "error": "plan_upgrade_required"}
    assert Standing.NOT_LISTED == (await rights(api, Watch(), users=("S0REVOPS",))(TEAM, REQUESTER)).standing


@pytest.mark.parametrize("answer", [{"ok": False, "error": "internal_error"}, 500, 429])
async def test_a_group_that_cannot_be_read_now_is_no_lost_right(api: WebApi, answer: dict[str, Any] | int) -> None:
    """Nobody may do anything on the strength of it, nothing of it is remembered, and nothing under way fails by it."""
    ours = rights(api, Watch(), users=("S0REVOPS",), operators=("S0OPS",))
    api.answers["usergroups.users.list"] = answer
    assert (Standing.UNKNOWN, ()) == ((await ours(TEAM, REQUESTER)).standing, await ours.operator_ids())
    api.answers["usergroups.users.list"] = {"ok": True, "users": [REQUESTER]}
    assert Standing.ALLOWED == (await ours(TEAM, REQUESTER)).standing


@pytest.mark.parametrize("answer", [{"ok": False, "error": "user_not_found"}, 500, 429])
async def test_a_person_who_cannot_be_looked_up_may_nothing_now(api: WebApi, answer: dict[str, Any] | int) -> None:
    """And is looked up again the next time."""
    ours = rights(api, Watch(), users=(REQUESTER,))
    api.answers["users.info"] = answer
    assert Standing.UNKNOWN == (await ours(TEAM, REQUESTER)).standing
    api.answers["users.info"] = member()
    assert Standing.ALLOWED == (await ours(TEAM, REQUESTER)).standing


async def test_an_answer_is_five_minutes_old_at_most(api: WebApi) -> None:
    """Asked once in five minutes; `known` says what is remembered without asking."""
    watch = Watch()
    ours = rights(api, watch, users=(REQUESTER,))
    assert ours.known(TEAM, REQUESTER) is None
    allowed = await ours(TEAM, REQUESTER)
    watch.now += timedelta(seconds=299)
    assert (allowed, allowed) == (ours.known(TEAM, REQUESTER), await ours(TEAM, REQUESTER))
    assert 1 == len(api.called("users.info"))
    watch.now += timedelta(seconds=1)
    assert ours.known(TEAM, REQUESTER) is None
    api.answers["users.info"] = member(is_restricted=True)
    assert Standing.GUEST == (await ours(TEAM, REQUESTER)).standing


async def test_another_workspace_is_outside(api: WebApi) -> None:
    """A payload from another team gains nothing by a known user's id."""
    ours = rights(api, Watch(), users=(REQUESTER,))
    await ours(TEAM, REQUESTER)
    assert Standing.OUTSIDER == (await ours("T0OTHER", REQUESTER)).standing


async def test_operators_are_people(api: WebApi) -> None:
    """Groups among OPERATORS are opened, each person once."""
    api.answers["usergroups.users.list"] = {"ok": True, "users": ["U2", "U1"]}
    assert ("U1", "U2", "U3") == await rights(api, Watch(), operators=("U3", "S0OPS", "U1")).operator_ids()


async def test_members_are_the_users_behind_ids(api: WebApi) -> None:
    """Users stand for themselves, groups for whoever is in them; each group is asked about once in five minutes."""
    api.answers["usergroups.users.list"] = {"ok": True, "users": ["U2", "U1"]}
    ours = rights(api, Watch())
    assert {"U1", "U2", "U3"} == await ours.members(("U3", "S0OPS")) == await ours.members(("S0OPS", "U3"))
    assert 1 == len(api.called("usergroups.users.list"))


async def test_members_that_slack_does_not_tell_now_are_unknown(api: WebApi) -> None:
    """Nobody is taken for nobody because Slack is away; a group that is gone has nobody."""
    api.answers["usergroups.users.list"] = 503
    with pytest.raises(PeopleUnknown):
        await rights(api, Watch()).members(("S0OPS",))
    api.answers["usergroups.users.list"] = {"ok": False, "error": "no_such_subteam"}
    assert frozenset() == await rights(api, Watch()).members(("S0OPS",))


async def test_names_are_those_that_people_show(api: WebApi) -> None:
    """By id, remembered; a group has none, and neither has somebody of whom Slack does not tell."""
    api.answers["users.info"] = member(profile={"display_name": "rina"})
    known = rights(api, Watch())
    for _ in range(2):
        assert {REQUESTER: "rina"} == await known.names([REQUESTER, "S0REVOPS"])
    assert 1 == len(api.called("users.info"))
    api.answers["users.info"] = {"ok": False, "error": "user_not_found"}
    assert {} == await known.names(["U0NOBODY"])


async def test_owners_are_named_whether_they_are_users_or_a_group(api: WebApi) -> None:
    """A group stands for its members, three at most; one that Slack does not open now names nobody else."""
    api.answers["users.info"] = member(profile={"display_name": "rina"})
    api.answers["usergroups.users.list"] = {"ok": True, "users": ["U1", "U2", "U3", "U4"]}
    assert ("rina",) * 3 == await rights(api, Watch(), operators=("U9",)).owner_names(("S0OPS",))
    api.answers["usergroups.users.list"] = 503
    assert () == await rights(api, Watch(), operators=("U9",)).owner_names(("S0OPS",))
