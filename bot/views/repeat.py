"""V4b: the same query went into the same flow a short while ago, said before anything is read."""

from datetime import datetime

from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.enrollments import Enrollment
from bot.views import ids, words
from bot.views.blocks import View, section
from bot.views.modal import Notice, alerts, closing, leading_back, modal


def view(
    draft: Draft,
    before: Enrollment,
    until: datetime,
    days: int,
    *,
    link: str = "",
    external_id: str = "",
    root: bool = False,
) -> View:
    """Who enrolled by it, when, and until when those people are left out; submitting it checks all the same."""
    at = before.started_at or before.created_at
    people = before.tally.enrolled or before.tally.total
    facts = f"{at:%b} {at.day} ({before.id}, {words.count(people, 'contact')})"
    see = f", {words.link(link, 'see it')}" if link else ""
    who = "you" if before.requester_id == draft.user_id else words.mention(before.requester_id)
    return modal(
        ids.REPEAT,
        [
            *leading_back(root),
            *alerts([Notice("warning", f"The same query went into this flow on {facts}.")]),
            section(
                f"By {who}{see}. People enrolled then are left out until"
                f" {words.date(until)} (cool-off {words.count(days, 'day')})."
            ),
        ],
        draft_id=draft.id,
        title="Asked before",
        submit="Check anyway",
        close=closing(root),
        external_id=external_id,
    )
