"""The buttons of messages, of the command's answers and of App Home. Each is safe twice, late, and by anyone."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment.attention import only_looked_for
from bot.enrollment.model.checks import Check, CheckState
from bot.enrollment.model.drafts import Draft, DraftEdit
from bot.enrollment.model.enrollments import State, Verdict
from bot.enrollment.model.people import Person
from bot.enrollment.service import Begun
from bot.enrollment.states import ENDED
from bot.errors import DraftExpired, NotAllowed
from bot.views import direct, ids, sentences, status
from handlers import checking, errors, opening, payloads, presses
from handlers.dependencies import Dependencies
from handlers.payloads import Press


async def _cancel(deps: Dependencies, press: Press) -> None:
    found = await presses.mine(deps, press)
    if found is None:
        return
    enrollment, person = found
    if enrollment.state in ENDED or enrollment.cancel_asked_at is not None:
        await presses.old_button(deps, press, enrollment)
        return
    await deps.wishes.cancel(enrollment.id, person)
    await deps.home.refresh(press.who.team_id, press.who.user_id)


async def _check_run(deps: Dependencies, press: Press) -> None:
    found = await presses.mine(deps, press)
    if found is None:
        return
    enrollment, person = found
    if enrollment.state is not State.NEEDS_ATTENTION:
        await presses.old_button(deps, press, enrollment)
        return
    await deps.wishes.look_again(enrollment.id, person)


def _judge(verdict: Verdict) -> presses.Work:
    """An operator says what became of a run."""

    async def judge(deps: Dependencies, press: Press) -> None:
        enrollment_id, _, question = press.value.partition(" ")
        found = await presses.found(deps, press, enrollment_id)
        if found is None:
            return
        enrollment, person = found
        if not person.operator:
            await presses.tell(deps, press, sentences.only_operators_judge(deps.operators))
        elif not await deps.wishes.judge(enrollment_id, person, verdict, question):
            await presses.old_button(deps, press, enrollment)
        elif only_looked_for(enrollment, verdict):
            await presses.tell(deps, press, sentences.no_run_known(enrollment))
        else:
            note = direct.judged(enrollment, verdict, person.user_id, deps.clock())
            await deps.messages.answer(press.response_url, note, replace=True)

    return judge


async def _send_refused(deps: Dependencies, press: Press) -> None:
    found = await presses.mine(deps, press)
    if found is None:
        return
    enrollment, person = found
    await deps.service.want_refused(enrollment.id, person, pressed=press.at)


async def _post_there(deps: Dependencies, press: Press) -> None:
    found = await presses.mine(deps, press)
    if found is None:
        return
    enrollment, _ = found
    await deps.notifications.post_there(enrollment)


async def _show(deps: Dependencies, press: Press) -> None:
    found = await presses.mine(deps, press)
    if found is None:
        return
    enrollment, _ = found
    await presses.say(deps, press, status.one(enrollment, await deps.notifications.link(enrollment.id)))


async def _keep(deps: Dependencies, press: Press) -> None:
    enrollment = await deps.service.get(press.value)
    if enrollment is not None:
        kept = status.one(enrollment, await deps.notifications.link(enrollment.id))
        await deps.messages.answer(press.response_url, kept, replace=True)


async def start(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The form opens: from a message, from App Home, or in the place of the view that was pressed in."""
    await ack()
    press = payloads.press(body)
    if press.in_modal:

        async def begin(person: Person, view_id: str) -> Begun:
            return await deps.service.begin(person, view_id=view_id)

        opening.fill(deps, press.who, press.view_id, begin)
        return
    origin = opening.Origin(channel_id=press.channel_id, response_url=press.response_url)
    opening.open_form(deps, press.who, press.trigger_id, origin)


async def reopen_draft(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The draft opens where it was left; an ended enrollment's query comes back in a draft of its own."""
    await ack()
    press = payloads.press(body)

    async def begin(person: Person, view_id: str) -> Begun:
        return await opening.goes_on(deps, await _draft(deps, press.value, person), view_id)

    opening.start(deps, press.who, press.trigger_id, begin, response_url=press.response_url)


async def reopen_review(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The review of a check that ended after its view was closed, in a view of its own."""
    press = payloads.press(body)
    check = await deps.service.get_check(press.value)
    await ack()
    deps.background.start(_review(deps, press, check), on_error=errors.teller(deps, errors.place(body)))


async def _review(deps: Dependencies, press: Press, check: Check | None) -> None:
    if check is None or check.user_id != press.who.user_id:
        await presses.tell(deps, press, sentences.LOST_ENROLLMENT)
        return
    draft = await deps.service.draft(check.draft_id)
    if draft.check_id != check.id or check.state is not CheckState.DONE:
        opening.start(deps, press.who, press.trigger_id, opening.existing(deps, draft))
        return
    await checking.person_now(deps, press.who)
    view_id = await deps.check_screens.open(check, press.trigger_id)
    if view_id is None:
        await presses.tell(deps, press, sentences.NO_FORM)
        return
    await deps.service.edit(draft.id, DraftEdit(view_id=view_id))


async def _draft(deps: Dependencies, draft_id: str, person: Person) -> Draft:
    """The draft with this id; else a new one out of the enrollment that it became; else DraftExpired."""
    try:
        draft = await deps.service.draft(draft_id)
    except DraftExpired as expired:
        enrollment = await deps.service.get(draft_id)
        if enrollment is None or enrollment.state not in ENDED:
            raise
        if enrollment.requester_id != person.user_id:
            raise NotAllowed("requester", person.standing) from expired
        return await deps.service.reopen(draft_id, person)
    if draft.user_id != person.user_id:
        raise NotAllowed("requester", person.standing)
    return draft


LISTENERS = {
    ids.CANCEL: presses.later(_cancel),
    ids.CHECK_RUN: presses.later(_check_run),
    ids.RUN_ENDED: presses.later(_judge(Verdict.ENDED)),
    ids.RUN_NEVER_RAN: presses.later(_judge(Verdict.NEVER_RAN)),
    ids.SEND_REFUSED: presses.later(_send_refused),
    ids.POST_THERE: presses.later(_post_there),
    ids.SHOW: presses.later(_show),
    ids.KEEP: presses.later(_keep),
    ids.START: start,
    ids.REOPEN_DRAFT: reopen_draft,
    ids.REOPEN_REVIEW: reopen_review,
}
