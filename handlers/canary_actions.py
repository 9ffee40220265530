"""The two words that an enrollment waits for after its canary: release the rest, or stop here."""

from collections.abc import Awaitable, Callable

from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Person
from bot.views import ids, sentences
from handlers import presses
from handlers.dependencies import Dependencies
from handlers.payloads import Press

Wish = Callable[[str, Person], Awaitable[bool]]


async def _release(deps: Dependencies, press: Press) -> None:
    await _decide(deps, press, deps.wishes.release, "release")


async def _stop_here(deps: Dependencies, press: Press) -> None:
    await _decide(deps, press, deps.wishes.stop_here, "cancel")


async def _decide(deps: Dependencies, press: Press, wish: Wish, deed: str) -> None:
    found = await presses.mine(deps, press, deed)
    if found is None:
        return
    enrollment, person = found
    if await wish(enrollment.id, person):
        await deps.home.refresh(press.who.team_id, press.who.user_id)
    else:
        await _too_late(deps, press, await deps.service.get(enrollment.id) or enrollment)


async def _too_late(deps: Dependencies, press: Press, enrollment: Enrollment) -> None:
    if enrollment.released_by:
        await presses.tell(deps, press, sentences.already_released(enrollment))
    else:
        await presses.old_button(deps, press, enrollment)


LISTENERS = {ids.RELEASE: presses.later(_release), ids.STOP_HERE: presses.later(_stop_here)}
