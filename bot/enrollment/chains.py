"""An enrollment's receipt becomes the newest entry of its team's chain, in the transaction that ends the enrollment."""

import contextlib
from datetime import datetime

from bot.enrollment import receipts as rules
from bot.enrollment.model.checks import Check
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.receipts import Chain
from bot.errors import ImpossibleRow
from bot.store import approvals, checks, receipts, runs
from bot.store.session import Transaction


async def close(s: Transaction, enrollment: Enrollment, now: datetime) -> None:
    """There is exactly one receipt of this enrollment, which has ended.

    The chain is the last thing that a transaction holds: whoever has it waits for nobody.
    """
    words = await approvals.words(s, enrollment.id)
    about = rules.body(enrollment, await _check(s, enrollment), words, await runs.all(s, enrollment.id))
    ends = await receipts.end(s, Chain(enrollment.team_id, 0, rules.BEFORE_THE_FIRST))
    if await receipts.get(s, enrollment.id) is None:
        await receipts.append(s, rules.entry(ends, about, now))


async def _check(s: Transaction, enrollment: Enrollment) -> Check | None:
    # What ends must end, though the numbers of its check cannot be read any more.
    with contextlib.suppress(ImpossibleRow):
        return await checks.get(s, enrollment.check_id)
    return None
