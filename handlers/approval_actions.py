"""4.3: what approvers and requesters press and submit. Each is safe twice, late, and by anyone."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment import approval_rules
from bot.enrollment.approval_rules import Answer, Heard
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Person
from bot.views import answers, approval, approval_forms, approval_words, ids, review, sentences
from bot.views.blocks import View
from handlers import connect_actions, errors, payloads, presses, review_actions
from handlers.dependencies import Dependencies
from handlers.payloads import Press, Who
from handlers.presses import Listener, Work

Submitted = Callable[[Dependencies, Person, str, str], Awaitable[Heard]]

_OF_ENROLLMENTS = "E-"


def _later(work: Work) -> Listener:
    """A listener whose errors are not told in the view: what it shows is about no draft."""
    return presses.later(work, place=errors.beside)


async def _approve(deps: Dependencies, press: Press) -> None:
    person = await presses.person_of(deps, press)
    enrollment_id, _, fingerprint = press.value.partition(" ")
    heard = await deps.approvals.approve(enrollment_id, person, fingerprint)
    await _tell(deps, press, heard)
    await deps.home.refresh(person.team_id, person.user_id)


async def _deny(deps: Dependencies, press: Press) -> None:
    person = await presses.person_of(deps, press)
    heard = await deps.approvals.may_decide(press.value, person)
    await _form(deps, press, heard, approval_forms.deny)


async def _ask(deps: Dependencies, press: Press) -> None:
    person = await presses.person_of(deps, press)
    heard = await deps.approvals.may_decide(press.value, person)
    await _form(deps, press, heard, approval_forms.ask)


async def _form(deps: Dependencies, press: Press, heard: Heard, form: Callable[[Enrollment], View]) -> None:
    """The form lies in front of whoever may fill it in; others are told why not."""
    if heard.answer is Answer.TAKEN and heard.enrollment is not None:
        await _show(deps, press, form(heard.enrollment))
    else:
        await _tell(deps, press, heard)


async def _answer(deps: Dependencies, press: Press) -> None:
    person = await presses.person_of(deps, press)
    heard = await deps.approvals.may_answer(press.value, person)
    if heard.answer is Answer.TAKEN and heard.question is not None:
        await _show(deps, press, approval_forms.answer(heard.question))
    else:
        await _tell(deps, press, heard)


async def _withdraw(deps: Dependencies, press: Press) -> None:
    found = await presses.mine(deps, press, "withdraw")
    if found is None:
        return
    enrollment, person = found
    await _tell(deps, press, await deps.approvals.withdraw(enrollment.id, person))
    await deps.home.refresh(person.team_id, person.user_id)


async def _open_request(deps: Dependencies, press: Press) -> None:
    found = await presses.found(deps, press, press.value)
    if found is None:
        return
    if approval_rules.may_see_query(*found):
        await deps.views.open(press.trigger_id, await _request(deps, *found))
    else:
        await presses.tell(deps, press, sentences.LOST_ENROLLMENT)


async def _show_query(deps: Dependencies, press: Press) -> None:
    found = await presses.found(deps, press, press.value)
    if found is None:
        return
    enrollment, person = found
    if not approval_rules.may_see_query(enrollment, person):
        await presses.tell(deps, press, sentences.query_not_yours(enrollment))
        return
    check = await deps.service.get_check(enrollment.check_id)
    # The check is let go with its lists; the query stays with the enrollment.
    await _show(deps, press, review.query_view(enrollment, check.tables if check is not None else None))


async def open_request(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """What waits for this person opens: a request for their word, or a consent."""
    of_enrollment = payloads.press(body).value.startswith(_OF_ENROLLMENTS)
    await (_later(_open_request) if of_enrollment else connect_actions.open_request)(deps, ack, body)


async def show_query(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The query opens for those entitled: of an enrollment that the button names, or of the review."""
    of_enrollment = payloads.press(body).value.startswith(_OF_ENROLLMENTS)
    await (_later(_show_query) if of_enrollment else review_actions.show_query)(deps, ack, body)


# -- forms


def _submitted(block: str, missing: str, verb: Submitted) -> Listener:
    """A listener of a form with one text: an empty one is said on its field; whoever was too late is told so."""

    async def listener(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
        view, who = body["view"], payloads.who(body)
        typed = str(payloads.state(view).get(block, {}).get(block, {}).get("value") or "").strip()
        if not typed:
            await ack(response_action="errors", errors={block: missing})
            return
        await ack()
        work = _submit(deps, who, view, typed, verb)
        deps.background.start(work, on_error=errors.teller(deps, errors.Place(who)))

    return listener


async def _submit(deps: Dependencies, who: Who, view: View, typed: str, verb: Submitted) -> None:
    person = await deps.rights(who.team_id, who.user_id)
    heard = await verb(deps, person, payloads.draft_id(view), typed)
    said = await _words(deps, heard, person.user_id)
    beneath = str(view.get("previous_view_id") or "")
    if beneath and heard.enrollment is not None:
        await deps.views.update(await _request(deps, heard.enrollment, person, notice=said), view_id=beneath)
    elif said:
        await deps.messages.post(who.user_id, answers.say(said))
    await deps.home.refresh(person.team_id, person.user_id)


async def _denied(deps: Dependencies, person: Person, enrollment_id: str, typed: str) -> Heard:
    return await deps.approvals.deny(enrollment_id, person, typed)


async def _asked(deps: Dependencies, person: Person, enrollment_id: str, typed: str) -> Heard:
    return await deps.approvals.ask(enrollment_id, person, typed)


async def _answered(deps: Dependencies, person: Person, question_id: str, typed: str) -> Heard:
    return await deps.approvals.answer(question_id, person, typed)


# -- where it is shown


async def _request(deps: Dependencies, enrollment: Enrollment, person: Person, *, notice: str = "") -> View:
    """The card in a view, as it stands for this person now."""
    link = await deps.notifications.link(enrollment.id)
    facts = await deps.approval_messages.facts(enrollment, person.user_id, link)
    return approval.request(enrollment, facts, notice=notice)


async def _show(deps: Dependencies, press: Press, view: View) -> None:
    """On top of the view that was pressed in, else alone."""
    if press.in_modal:
        await deps.views.push(press.trigger_id, view)
    else:
        await deps.views.open(press.trigger_id, view)


async def _tell(deps: Dependencies, press: Press, heard: Heard) -> None:
    """Whoever pressed reads what came of it: in the view that was pressed in, else beside the message."""
    said = await _words(deps, heard, press.who.user_id)
    if press.in_modal and press.callback_id == ids.REQUEST and heard.enrollment is not None:
        person = await presses.person_of(deps, press)
        view = await _request(deps, heard.enrollment, person, notice=said)
        await deps.views.update(view, view_id=press.view_id)
    elif said:
        await presses.tell(deps, press, said)


async def _words(deps: Dependencies, heard: Heard, user_id: str) -> str:
    names = await deps.rights.names(heard.approvers) if heard.answer is Answer.NOT_APPROVER else {}
    link = await deps.notifications.link(heard.enrollment.id) if heard.enrollment is not None else ""
    return approval_words.heard(heard, user_id, names, deps.clock(), link)


LISTENERS: dict[str, Listener] = {
    ids.APPROVE: _later(_approve),
    ids.DENY: _later(_deny),
    ids.ASK: _later(_ask),
    ids.ANSWER: _later(_answer),
    ids.WITHDRAW: _later(_withdraw),
    ids.OPEN_REQUEST: open_request,
    ids.SHOW_QUERY: show_query,
}

SUBMITTED: dict[str, Listener] = {
    ids.DENY_REQUEST: _submitted(ids.REASON, approval_forms.NO_REASON, _denied),
    ids.ASK_REQUESTER: _submitted(ids.QUESTION, approval_forms.NO_QUESTION, _asked),
    ids.ANSWER_QUESTION: _submitted(ids.REPLY, approval_forms.NO_ANSWER, _answered),
}
