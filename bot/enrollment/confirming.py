"""Confirming what was reviewed: what the policy says of it by now, and the enrollment that it becomes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.enrollment import chores, judging, making, rules, starting, wanted, wanted_approval
from bot.enrollment.chores import Nudge
from bot.enrollment.limits import Limits
from bot.enrollment.making import Review
from bot.enrollment.model.checks import Check
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.drafts import Draft, DraftStatus, PostTo
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.messages import Message
from bot.enrollment.model.people import PeopleUnknown, Person, Standing
from bot.enrollment.model.policies import Judgement, Policy
from bot.enrollment.policing import Policing
from bot.enrollment.stopping import demand_not_stopped
from bot.errors import AlreadyRunning, FlowNotFound, NotAllowed
from bot.store import checks, drafts, enrollments, messages
from bot.store.session import Database, Transaction

# User groups are nearly always remembered; when they are not, Slack's three seconds still leave room to ask.
_ASK = 2.0

Named = Callable[[Sequence[str]], Awaitable[tuple[tuple[str, str], ...]]]
"""Ids of connections -> (id, name) of those that are known."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The enrollment of a draft; `again` when an earlier submit had made it already."""

    enrollment: Enrollment
    again: bool = False


class Confirming:
    """What is asked before a list may go, and the one transaction by which it goes."""

    def __init__(
        self,
        db: Database,
        *,
        clock: Clock,
        limits: Limits,
        nudge: Nudge,
        flow_gone: Callable[[str, str, datetime], bool],
        policing: Policing,
        named: Named,
    ) -> None:
        self._db = db
        self._clock = clock
        self._limits = limits
        self._nudge = nudge
        self._flow_gone = flow_gone
        self._policing = policing
        self._named = named

    @property
    def policy(self) -> Policy:
        """The policy that is asked."""
        return self._policing.policy

    async def judge(self, draft: Draft, check: Check, channel_id: str = "") -> Judgement:
        """What the policy says of the checked list; `unknown` when Slack does not say in time who is in a group.

        `channel_id` is where progress would be posted; without any, where the command was typed counts.
        """
        preflight = check.preflight
        people = preflight.funnel.will_enroll if preflight is not None else 0
        try:
            async with asyncio.timeout(_ASK):
                return await self._policing.judge(
                    draft.team_id,
                    draft.user_id,
                    flow=check.flow,
                    people=people,
                    connections=await self._used(check.snowflake_id, check.gong_id),
                    channel_id=channel_id or draft.origin_channel_id,
                    opt_out_known=preflight is not None and bool(preflight.opt_out_column or preflight.suppressed),
                )
        except TimeoutError:
            return Judgement(tier=judging.tier_for(self.policy, check.flow, people), unknown=True)

    async def _used(self, *connection_ids: str) -> tuple[tuple[str, str], ...]:
        """These connections by id and name; a name that nobody knows is empty, and the id still counts."""
        names = dict(await self._named(connection_ids))
        return tuple((one, names.get(one, "")) for one in connection_ids if one)

    async def confirm(self, draft_id: str, check_id: str, person: Person, review: Review) -> Confirmed:
        """The enrollment of exactly the list that was seen, written before anybody is told so.

        The second confirm of one draft, from whatever device, gives the first one's enrollment. Raises NotAllowed,
        CheckTooOld, FlowNotFound, DraftExpired, EnrollingStopped, and AlreadyRunning when this person has the same
        query open into the same flow. No network call is made in the transaction: Slack waits 3 seconds.
        """
        rules.demand(person)
        judgement = await self._judged(draft_id, check_id, review)
        escalate_to = await self._escalate_to(judgement, person)
        now = self._clock()
        async with self._db.begin() as s:
            # Whoever confirms the same draft elsewhere has finished, or waits until this is.
            found = await drafts.current(s, draft_id)
            earlier = await enrollments.get(s, draft_id)
            if earlier is not None:
                return Confirmed(earlier, again=True)
            draft = rules.still_open(draft_id, found)
            rules.demand_own(draft, person)
            check, preflight = rules.current(draft, await checks.get(s, check_id), now, valid=self._limits.check_valid)
            await self._demand_startable(s, check, judgement, person)
            policy, people = self.policy, preflight.funnel.will_enroll
            enrollment = making.enrollment(
                draft,
                check,
                preflight,
                review,
                now,
                batch_size=self._limits.batch_size,
                canary=starting.first(policy.canary, people, judgement, review.canary),
                terms=starting.terms(
                    judgement, now, owner=policy.owner or policy.operators, escalate_to=escalate_to, note=review.note
                ),
            )
            await drafts.close(s, draft_id, DraftStatus.CONFIRMED, now)
            await enrollments.add(s, enrollment)
            await messages.want_all(s, _told_of(enrollment, review, now))
        self._nudge(chores.ENROLLMENT, enrollment.id)
        return Confirmed(enrollment)

    async def _demand_startable(self, s: Transaction, check: Check, judgement: Judgement, person: Person) -> None:
        """Raises what keeps this list from starting now."""
        if self._flow_gone(check.gong_id, check.flow.id, check.created_at):
            raise FlowNotFound(check.flow.name)
        await demand_not_stopped(s, person.team_id)
        rules.demand_allowed(judgement, person)
        twin = await enrollments.open_with(s, person.team_id, person.user_id, check.flow.id, check.sql)
        if twin is not None:
            raise AlreadyRunning(twin.id)

    async def _judged(self, draft_id: str, check_id: str, review: Review) -> Judgement:
        """What the policy says of it; of what is not there any more, only that it is not known."""
        async with self._db.begin() as s:
            draft, check = await drafts.get(s, draft_id), await checks.get(s, check_id)
        if draft is None or check is None:
            return Judgement(unknown=True)
        return await self.judge(draft, check, review.channel_id)

    async def _escalate_to(self, judgement: Judgement, person: Person) -> tuple[str, ...]:
        """The users who are asked as well when nobody decides; those who are asked anyway are not among them."""
        tier = judgement.tier
        if tier is None or not tier.escalate_to or judgement.unknown:
            return ()
        try:
            async with asyncio.timeout(_ASK):
                everybody = await self._policing.approvers(tier.rule, escalated=True)
        except (PeopleUnknown, TimeoutError) as error:
            raise NotAllowed("people", Standing.UNKNOWN) from error
        return tuple(sorted(everybody - {*judgement.approvers, person.user_id}))


def _told_of(enrollment: Enrollment, review: Review, now: datetime) -> list[Message]:
    """The messages that an enrollment begins with: its own, the way to it, and the cards of those who are asked."""
    elsewhere = [wanted.started(enrollment, now)] if review.post_to is not PostTo.HERE else []
    return [wanted.living(enrollment, now), *elsewhere, *wanted_approval.approval_cards(enrollment, now)]
