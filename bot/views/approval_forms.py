"""4.3: what an approver types to say no or to ask, and the requester to answer; and what is wrong with it."""

from bot.enrollment.model.approvals import Question
from bot.enrollment.model.enrollments import Enrollment
from bot.views import ids, words
from bot.views.blocks import Block, View, field, quote, rich, text_input
from bot.views.modal import BACK, modal

REASON_MAX = 300
TEXT_MAX = 500
NO_REASON = "Write why: the requester reads it."
NO_QUESTION = "Write a question."
NO_ANSWER = "Write an answer."
SEEN_BY = "The requester sees it, and so does everyone who reads the enrollment's message."


def deny(enrollment: Enrollment) -> View:
    """A no and its reason."""
    reason = _box(ids.REASON, "Reason", REASON_MAX, hint=SEEN_BY)
    return modal(ids.DENY_REQUEST, [reason], draft_id=enrollment.id, title="Deny request", submit="Deny", close=BACK)


def ask(enrollment: Enrollment) -> View:
    """A question to the requester."""
    question = _box(ids.QUESTION, "Question", TEXT_MAX)
    return modal(
        ids.ASK_REQUESTER, [question], draft_id=enrollment.id, title="Ask the requester", submit="Ask", close=BACK
    )


def answer(question: Question) -> View:
    """The requester's answer, below what was asked; the view is about the question."""
    blocks = [rich(quote(words.data(question.text, TEXT_MAX))), _box(ids.REPLY, "Answer", TEXT_MAX)]
    return modal(ids.ANSWER_QUESTION, blocks, draft_id=question.id, title="Answer", submit="Answer", close=BACK)


def _box(block: str, label: str, limit: int, *, hint: str = "") -> Block:
    """Nothing of it is kept before it is submitted, so nobody is told of each character."""
    return field(block, label, text_input(block, multiline=True, limit=limit), hint=hint, dispatch=False)
