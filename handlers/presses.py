"""What every press of a message's button has in common: answered at once, safe twice, late, and by anyone."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Person
from bot.enrollment.rules import demand_mine
from bot.errors import NotAllowed
from bot.views import answers, sentences
from handlers import errors, payloads
from handlers.dependencies import Dependencies
from handlers.payloads import Press

Work = Callable[[Dependencies, Press], Awaitable[None]]


def later(work: Work) -> Callable[[Dependencies, AsyncAck, dict[str, Any]], Awaitable[None]]:
    """A listener that answers Slack at once and does the work afterwards."""

    async def listener(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        press = payloads.press(body)

        async def run() -> None:
            await work(deps, press)

        deps.background.start(run(), on_error=errors.teller(deps, errors.place(body)))

    return listener


async def mine(deps: Dependencies, press: Press, deed: str = "cancel") -> tuple[Enrollment, Person] | None:
    """The enrollment of this button, when the person may press it; else they are told, and nothing changes."""
    person = await deps.rights(press.who.team_id, press.who.user_id)
    enrollment = await deps.service.get(press.value)
    if enrollment is None or enrollment.team_id != person.team_id:
        await say(deps, press, answers.say(sentences.LOST_ENROLLMENT))
        return None
    try:
        demand_mine(enrollment, person)
    except NotAllowed:
        await say(deps, press, answers.say(sentences.not_yours(enrollment, deed)))
        return None
    return enrollment, person


async def old_button(deps: Dependencies, press: Press, enrollment: Enrollment) -> None:
    """The person is told that nothing changed, and how it stands now."""
    link = await deps.notifications.link(enrollment.id)
    await say(deps, press, answers.say(sentences.old_button(enrollment, link)))


async def say(deps: Dependencies, press: Press, content: dict[str, Any]) -> None:
    """Only the person who pressed reads it."""
    if not await deps.messages.answer(press.response_url, content):
        await deps.messages.post(press.who.user_id, content)
