"""What people do while they look at a check: choose columns, fields and places, ask for the list, look at the query."""

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment.model.checks import Check
from bot.enrollment.model.drafts import Draft, DraftEdit
from bot.errors import DraftExpired
from bot.views import ids, review
from bot.views.review_facts import Facts
from handlers import checking as checks
from handlers import errors, forms, opening, payloads, presses
from handlers.dependencies import Dependencies
from handlers.payloads import Press

# Slack waits three seconds for an answer, and nearly always tells of a channel within a tenth of one.
_ASK = 2.0


async def chosen(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """A field, a value, a place or a tick was chosen: it is in the draft before Slack is answered."""
    press = payloads.press(body)
    draft, check = await _looked_at(deps, press)
    edit = forms.read_choices(body["view"], check, draft)
    if press.action_id != ids.TICK_OPTIONS:
        edit = replace(edit, canary=None)  # What is ticked by itself was not chosen by anybody.
    await deps.saves.keep(draft.id, edit, press.at)
    await ack()
    if press.action_id in (ids.MAP_FIELD, ids.PICK_POST_TO, ids.TICK_OPTIONS):
        deps.background.start(_show(deps, press), on_error=errors.teller(deps, errors.place(body)))


async def channel_chosen(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """A channel was chosen: it is kept, and looked up now, because submitting asks nobody."""
    press = payloads.press(body)
    await deps.saves.keep(press.draft_id, DraftEdit(channel_id=press.value, channel_problem="unknown"), press.at)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_look_up(deps, press), _ASK)
    await ack()


async def _show_query(deps: Dependencies, press: Press) -> None:
    """The query as it is run lies on top of the review."""
    _, check = await _looked_at(deps, press)
    await deps.views.push(press.trigger_id, review.query_view(check, check.tables))


async def _fill_fields(deps: Dependencies, press: Press) -> None:
    """The flow's fields lie on top of the review."""
    draft, check = await _looked_at(deps, press)
    await deps.views.push(press.trigger_id, review.fields_view(Facts(check, draft), payloads.above(press.stands)))


async def _looked_at(deps: Dependencies, press: Press) -> tuple[Draft, Check]:
    draft, check = await deps.service.checked(press.draft_id)
    if check is None:
        raise DraftExpired(draft.id, ended_at=None, enrolled=False)
    return draft, check


async def _show(deps: Dependencies, press: Press) -> None:
    draft, check = await _looked_at(deps, press)
    if press.callback_id == ids.FIELDS:
        view = review.fields_view(Facts(check, draft), press.stands.address)
        await deps.views.update(view, view_id=press.view_id)
        return
    await deps.check_screens.update(check, press.stands)


async def _look_up(deps: Dependencies, press: Press) -> None:
    problem = await deps.check_screens.channel_problem(press.value)
    draft = await deps.service.draft(press.draft_id)
    if draft.channel_id == press.value:
        await deps.service.edit(draft.id, DraftEdit(channel_problem=problem))


async def _other_column(deps: Dependencies, press: Press) -> None:
    """Another column holds the contact ids: the query is checked anew with it."""
    draft, check = await _looked_at(deps, press)
    column = forms.read_id_column(press.value, check)
    if column is None:
        return
    await deps.service.edit(draft.id, DraftEdit(id_column=column))
    await checks.again(deps, press.who, check, press.stands)


async def _other_opt_out(deps: Dependencies, press: Press) -> None:
    """Another column says who has opted out, or none does: the query is checked anew with it."""
    draft, check = await _looked_at(deps, press)
    column = forms.read_opt_out(press.value, check)
    if column is None:
        return
    await deps.service.edit(draft.id, DraftEdit(opt_out=column))
    await checks.again(deps, press.who, check, press.stands)


async def _again(deps: Dependencies, press: Press) -> None:
    """The same query is checked anew, in the same view."""
    _, check = await _looked_at(deps, press)
    await checks.again(deps, press.who, check, press.stands)


async def _send_left_out(deps: Dependencies, press: Press) -> None:
    """The rows left out come as a file, and the button's place says so."""
    person = await opening.person_of(deps, press.who)
    _, check = await _looked_at(deps, press)
    await deps.service.want_left_out(check.id, person, pressed=press.at)
    await deps.check_screens.sent_left_out(check)
    await deps.check_screens.update(check, press.stands)


async def _edit_query(deps: Dependencies, press: Press) -> None:
    """A review without a form beneath becomes the form, in place."""
    await deps.service.abandon_check(press.draft_id)
    draft = await deps.service.edit(press.draft_id, DraftEdit(view_id=press.view_id))
    await deps.screens.show_form(draft, view_id=press.view_id)


show_query = presses.later(_show_query)

LISTENERS = {
    ids.MAP_FIELD: chosen,
    ids.TYPE_VALUE: chosen,
    ids.PICK_POST_TO: chosen,
    ids.PICK_CHANNEL: channel_chosen,
    ids.TICK_OPTIONS: chosen,
    ids.TYPE_NOTE: chosen,
    ids.PICK_ID_COLUMN: presses.later(_other_column),
    ids.PICK_OPT_OUT: presses.later(_other_opt_out),
    ids.CHECK_AGAIN: presses.later(_again),
    ids.SEND_LEFT_OUT: presses.later(_send_left_out),
    ids.FILL_FIELDS: presses.later(_fill_fields),
    ids.EDIT_QUERY: presses.later(_edit_query),
}
