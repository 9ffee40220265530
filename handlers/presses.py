"""What every press of a message's button has in common: answered at once, safe twice, late, and by anyone."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Person
from bot.enrollment.rules import demand_mine
from bot.errors import NotAllowed
from bot.views import answers, sentences
from handlers import errors, payloads
from handlers.dependencies import Dependencies
from handlers.payloads import Body, Press

Listener = Callable[[Dependencies, AsyncAck, dict[str, Any]], Awaitable[None]]
Work = Callable[[Dependencies, Press], Coroutine[Any, Any, None]]


def later(work: Work, *, place: Callable[[Body], errors.Place] = errors.place) -> Listener:
    """A listener that answers Slack at once and does the work afterwards; `place` is where an error is told."""

    async def listener(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        deps.background.start(work(deps, payloads.press(body)), on_error=errors.teller(deps, place(body)))

    return listener


async def person_of(deps: Dependencies, press: Press) -> Person:
    """Whoever pressed, with what they may do now."""
    return await deps.rights(press.who.team_id, press.who.user_id)


async def found(deps: Dependencies, press: Press, enrollment_id: str) -> tuple[Enrollment, Person] | None:
    """The enrollment with this id and whoever pressed; else they are told that there is none for them."""
    person = await person_of(deps, press)
    enrollment = await deps.service.get(enrollment_id)
    if enrollment is None or enrollment.team_id != person.team_id:
        await tell(deps, press, sentences.LOST_ENROLLMENT)
        return None
    return enrollment, person


async def mine(deps: Dependencies, press: Press, deed: str = "cancel") -> tuple[Enrollment, Person] | None:
    """The enrollment of this button, when the person may press it; else they are told, and nothing changes."""
    there = await found(deps, press, press.value)
    if there is None:
        return None
    try:
        demand_mine(*there)
    except NotAllowed:
        await tell(deps, press, sentences.not_yours(there[0], deed))
        return None
    return there


async def old_button(deps: Dependencies, press: Press, enrollment: Enrollment) -> None:
    """The person is told that nothing changed, and how it stands now."""
    await tell(deps, press, sentences.old_button(enrollment, await deps.notifications.link(enrollment.id)))


async def tell(deps: Dependencies, press: Press, said: str) -> None:
    """Only the person who pressed reads these words."""
    await say(deps, press, answers.say(said))


async def say(deps: Dependencies, press: Press, content: dict[str, Any]) -> None:
    """Only the person who pressed reads it."""
    if not await deps.messages.answer(press.response_url, content):
        await deps.messages.post(press.who.user_id, content)
