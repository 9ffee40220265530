"""What the review shows beside its check: what the policy says by now, and where others stand."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from bot.enrollment.confirming import Confirming
from bot.enrollment.model.checks import Check
from bot.enrollment.model.drafts import Draft
from bot.screens import Standing
from bot.views.review_alerts import COLLISIONS_NAMED
from bot.views.review_facts import Facts

Link = Callable[[str], Awaitable[str]]
"""The id of an enrollment -> the link to its message; empty while there is none."""

# Where somebody's enrollment stands is nice to know, and nobody waits for it.
_PATIENCE = 0.8


class Reviewing:
    """Gathers the facts of a review, all of them from the rows or remembered, but for a link that is new."""

    def __init__(self, *, confirming: Confirming, stopped: Standing, link: Link) -> None:
        self._confirming = confirming
        self._stopped = stopped
        self._link = link

    async def facts(self, check: Check, draft: Draft) -> Facts:
        """Everything that decides what the review's button does, as it is now."""
        judgement = await self._confirming.judge(draft, check)
        stop = await self._stopped(draft.team_id)
        return Facts(check=check, draft=draft, policy=self._confirming.policy, judgement=judgement, stop=stop)

    async def links(self, check: Check) -> dict[str, str]:
        """The links to the enrollments that the review names."""
        collisions = check.preflight.collisions[:COLLISIONS_NAMED] if check.preflight is not None else ()
        ids = [one.enrollment_id for one in collisions]
        return dict(zip(ids, await asyncio.gather(*(self.link(one) for one in ids)), strict=True))

    async def link(self, enrollment_id: str) -> str:
        """The link to this enrollment's message; empty when it cannot be had in a moment."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                return await self._link(enrollment_id)
        return ""
