"""What approvers said of an enrollment, and what they asked. The first word of each of them counts."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.approvals import Question, Word
from bot.enrollment.model.enrollments import Enrollment, State
from bot.store import rows
from bot.store.guard_tables import approval_words as table
from bot.store.guard_tables import questions
from bot.store.tables import enrollments


async def say(s: AsyncConnection, word: Word) -> bool:
    """The word is kept; False, and nothing is changed, when this person has said something of it before."""
    return await rows.added(s, table, rows.values(word))


async def words(s: AsyncConnection, enrollment_id: str) -> list[Word]:
    """Everything that was said of this enrollment, in the order in which it was said."""
    of_it = rows.selected(table, Word).where(table.c.enrollment_id == enrollment_id)
    return await rows.every(s, of_it.order_by(table.c.at, table.c.user_id), Word)


async def ask(s: AsyncConnection, question: Question) -> bool:
    """The question is kept; False when it was asked before under this id."""
    return await rows.added(s, questions, rows.values(question))


async def question(s: AsyncConnection, question_id: str) -> Question | None:
    """The question with this id."""
    return await rows.one_by(s, questions, "id", question_id, Question)


async def answer(s: AsyncConnection, question_id: str, text: str, by: str, now: datetime) -> bool:
    """The question has this answer; False, and nothing is changed, when it had one before."""
    open_still = update(questions).where(questions.c.id == question_id, questions.c.answered_at.is_(None))
    return await rows.changed(s, open_still.values(answer=text, answered_by=by, answered_at=now)) == 1


async def waiting(s: AsyncConnection, team_id: str, user_id: str) -> list[Enrollment]:
    """Enrollments that wait for somebody's word and have none of this person's, the oldest first."""
    spoken = select(table.c.enrollment_id).where(table.c.user_id == user_id)
    statement = (
        rows.selected(enrollments, Enrollment)
        .where(
            enrollments.c.team_id == team_id,
            enrollments.c.state == State.AWAITING_APPROVAL,
            enrollments.c.id.not_in(spoken),
        )
        .order_by(enrollments.c.created_at, enrollments.c.id)
    )
    return await rows.readable(s, statement, Enrollment)
