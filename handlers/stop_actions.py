"""The kill switch, as operators type and press it. Each is safe twice, late, and by anyone."""

from bot.enrollment.model.people import Person
from bot.errors import NotAllowed
from bot.views import ids, stop_answers
from bot.views.blocks import Message
from handlers import presses
from handlers.dependencies import Dependencies
from handlers.payloads import Press


async def stop(deps: Dependencies, person: Person, reason: str) -> Message:
    """Everything is stopped, and the operator reads what that did; without a reason it is stopped as well."""
    try:
        did = await deps.stopping.stop(person, reason)
    except NotAllowed:
        return stop_answers.only_operators("stop", deps.operators)
    await deps.home.refresh(person.team_id, person.user_id)
    return stop_answers.stopped(did)


async def resume(deps: Dependencies, person: Person, _rest: str) -> Message:
    """The question whether everything may go on; nothing goes on yet."""
    if not person.operator:
        return stop_answers.only_operators("resume", deps.operators)
    standing = await deps.stopping.standing(person.team_id)
    if standing is None:
        return stop_answers.not_stopped()
    return stop_answers.ask(standing, await deps.stopping.waiting(person.team_id))


async def _pressed(deps: Dependencies, press: Press) -> None:
    """The answer to that question: its place says what came of it."""
    person = await presses.person_of(deps, press)
    if not person.operator:
        await deps.messages.answer(press.response_url, stop_answers.only_operators("resume", deps.operators))
        return
    decide = _resume if press.action_id == ids.RESUME else _leave
    await deps.messages.answer(press.response_url, await decide(deps, person, press.value), replace=True)


async def _resume(deps: Dependencies, person: Person, stop_id: str) -> Message:
    did = await deps.stopping.resume(person, stop_id)
    if did is None:
        return await _too_late(deps, person)
    await deps.home.refresh(person.team_id, person.user_id)
    return stop_answers.resumed(did)


async def _leave(deps: Dependencies, person: Person, stop_id: str) -> Message:
    standing = await deps.stopping.standing(person.team_id)
    if standing is not None and standing.id == stop_id:
        return stop_answers.left_stopped()
    return await _too_late(deps, person)


async def _too_late(deps: Dependencies, person: Person) -> Message:
    standing = await deps.stopping.standing(person.team_id)
    return stop_answers.not_stopped() if standing is None else stop_answers.another_stop()


LISTENERS = {ids.RESUME: presses.later(_pressed), ids.LEAVE_STOPPED: presses.later(_pressed)}
