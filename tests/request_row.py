"""A request for approval as the review of a large list leaves it, written beside a running bot."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.enrollment import making, wanted, wanted_approval
from bot.enrollment.making import Review
from bot.enrollment.model.approvals import Terms
from bot.enrollment.model.drafts import DraftStatus, PostTo
from bot.enrollment.model.enrollments import State
from bot.sandbox.town import Town
from bot.store import checks, drafts, enrollments, messages
from bot.store.session import Database

FINGERPRINT = "9f2c41d0" * 8


def terms(now: datetime, **changes: object) -> Terms:
    """One word of ada or olga, within a day."""
    made = Terms(
        rule="approval.large",
        above=100,
        needed=1,
        approvers=("U0APPROVER", "U0OPERATOR"),
        expires_at=now + timedelta(hours=24),
        remind_at=now + timedelta(hours=12),
        escalate_at=now + timedelta(hours=18),
        owner=("U0OPERATOR",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def confirmed(town: Town, user_id: str, now: datetime, **changes: object) -> str:
    """The person's draft is confirmed as it was checked, and waits for a word; its id."""
    db = Database(town.settings().database_url)
    try:
        async with db.begin() as s:
            draft = await drafts.open_draft(s, "T0SANDBOX", user_id)
            assert draft is not None
            check = await checks.get(s, draft.check_id)
            assert check is not None
            assert check.preflight is not None
            review = Review(mappings=(), post_to=PostTo.HERE, channel_id="C0REVOPS")
            made = making.enrollment(draft, check, check.preflight, review, now, batch_size=1000)
            wants = terms(now, **changes)
            made = replace(
                made, state=State.AWAITING_APPROVAL, terms=wants, fingerprint=FINGERPRINT, due_at=wants.remind_at
            )
            await drafts.close(s, draft.id, DraftStatus.CONFIRMED, now)
            await enrollments.add(s, made)
            for message in (wanted.living(made, now), *wanted_approval.approval_cards(made, now)):
                await messages.want(s, message)
    finally:
        await db.close()
    return made.id
