"""The policy as it is asked: with who is behind its user groups now, and with what was started today."""

from collections.abc import Awaitable, Callable, Collection, Sequence

from bot.enrollment import hours, judging
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.people import PeopleUnknown
from bot.enrollment.model.policies import Asked, Judgement, Policy
from bot.store import spent
from bot.store.session import Database

Members = Callable[[Collection[str]], Awaitable[frozenset[str]]]
"""Ids of users and user groups -> the users behind them now. Raises PeopleUnknown when Slack cannot say."""


class Policing:
    """Asks the policy for everybody who needs to know; it is the same for as long as the process lives."""

    def __init__(self, policy: Policy, db: Database, *, members: Members, clock: Clock) -> None:
        self.policy = policy
        self._db = db
        self._members = members
        self._clock = clock

    async def judge(
        self,
        team_id: str,
        requester_id: str,
        *,
        flow: Flow,
        people: int,
        connections: Sequence[tuple[str, str]] = (),
        channel_id: str = "",
        opt_out_known: bool = True,
        enrollment_id: str = "",
    ) -> Judgement:
        """What the policy says of it now. What `enrollment_id` itself has started today is not counted against it.

        When Slack cannot say who is behind a user group, the judgement is `unknown`: neither allowed nor refused for
        the sake of people.
        """
        now = self._clock()
        listed, approvers, unknown = await self._people(requester_id, flow, people)
        asked = Asked(
            requester_id=requester_id,
            flow=flow,
            people=people,
            connections=tuple(connections),
            channel_id=channel_id,
            used_today=await self._used_today(team_id, apart_from=enrollment_id),
            opt_out_known=opt_out_known,
            approvers=approvers,
            listed=listed,
            unknown=unknown,
        )
        return judging.judge(self.policy, asked, now)

    async def approvers(self, rule: str, *, escalated: bool = False) -> frozenset[str]:
        """The users who may give their word under this rule ("approval.large") now; nobody when there is no such rule.

        Raises PeopleUnknown when Slack cannot say who is behind a user group.
        """
        tier = next((tier for tier in self.policy.approvals if tier.rule == rule), None)
        if tier is None:
            return frozenset()
        return await self._members((*tier.approvers, *(tier.escalate_to if escalated else ())))

    async def _people(self, requester_id: str, flow: Flow, people: int) -> tuple[bool, dict[str, frozenset[str]], bool]:
        """Whether the requester may enroll, who may give their word, and whether Slack could not say."""
        tier = judging.tier_for(self.policy, flow, people)
        try:
            listed = requester_id in await self._members(self.policy.enroll)
            approvers = {tier.name: await self._members(tier.approvers)} if tier else {}
        except PeopleUnknown:
            return True, {}, True
        return listed, approvers, False

    async def _used_today(self, team_id: str, *, apart_from: str) -> int:
        if self.policy.day_cap is None:
            return 0
        since = hours.day_began(self.policy.zone, self._clock())
        async with self._db.begin() as s:
            return await spent.contacts(s, team_id, since, apart_from=apart_from)
