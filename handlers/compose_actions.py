"""What people do in the form before they submit it: type, pick, start over. Everything is kept at once."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment.model.drafts import DraftEdit, Source
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.people import Person
from bot.enrollment.service import Begun
from bot.views import flow_options, ids
from handlers import errors, form_state, opening, payloads, presses
from handlers.dependencies import Dependencies
from handlers.payloads import Press


async def kept(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """Something was typed or picked: it is in the draft before Slack is answered, and the view stays as it is."""
    press = payloads.press(body)
    edit = edit_of(deps, press)
    if edit is not None and press.draft_id:
        await deps.saves.keep(press.draft_id, edit, press.at)
    await ack()


async def kept_and_shown(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """A choice that changes the form was made: another source, another Gong connection."""
    await kept(deps, ack, body)
    press = payloads.press(body)
    deps.background.start(_show(deps, press), on_error=errors.teller(deps, errors.place(body)))


async def reopen(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The form that could not be loaded is loaded again, in the same view."""
    await ack()
    press = payloads.press(body)

    async def begin(person: Person, view_id: str) -> Begun:
        return await deps.service.begin(person, view_id=view_id)

    opening.fill(deps, press.who, press.view_id, begin)


async def noted(_deps: Dependencies, ack: AsyncAck, _body: dict[str, Any]) -> None:
    """A press that needs no answer of ours: a link was opened, a number was typed, something was kept as it is."""
    await ack()


def edit_of(deps: Dependencies, press: Press) -> DraftEdit | None:
    """What this press changes in the draft; None when it names nothing that can be kept."""
    match press.action_id:
        case ids.TYPE_SQL:
            return DraftEdit(sql=press.value)
        case ids.PICK_SOURCE:
            return DraftEdit(source=Source(press.value), sql=_typed_sql(press))
        case ids.PICK_SNOWFLAKE:
            return DraftEdit(snowflake_id=press.value)
        case ids.PICK_GONG:
            return DraftEdit(gong_id=press.value)
        case ids.SEARCH_FLOW if press.value and press.value != flow_options.NO_FLOWS_VALUE:
            gong_id = deps.screens.gong_id(form_state.picked(press.view or {}, ids.GONG, ids.PICK_GONG))
            listed = deps.flows.get(gong_id, press.value)
            return DraftEdit(flow=listed or Flow(press.value, press.text), gong_id=gong_id or None)
        case _:
            return None


def _typed_sql(press: Press) -> str | None:
    """The query as it stands in the form that is about to change, so that not even its last key is lost."""
    for block_id, elements in press.state.items():
        if ids.stem(block_id) == ids.SQL and ids.TYPE_SQL in elements:
            return str(elements[ids.TYPE_SQL].get("value") or "")
    return None


async def _show(deps: Dependencies, press: Press) -> None:
    draft = await deps.service.draft(press.draft_id)
    if press.action_id == ids.PICK_GONG:
        await deps.screens.read_flows(draft.gong_id)
    seen = str((press.view or {}).get("hash", ""))
    await deps.screens.show_form(draft, view_id=press.view_id, seen=seen)


async def _start_over(deps: Dependencies, press: Press) -> None:
    """The form is empty, and the old draft is removed."""
    person = await opening.person_of(deps, press.who)
    draft = await deps.service.start_over(press.draft_id, person)
    await deps.screens.show_form(draft, view_id=press.view_id)


LISTENERS = {
    ids.TYPE_SQL: kept,
    ids.PICK_SNOWFLAKE: kept,
    ids.SEARCH_FLOW: kept,
    ids.PICK_SOURCE: kept_and_shown,
    ids.PICK_GONG: kept_and_shown,
    ids.ATTACH_SQL: noted,
    ids.START_OVER: presses.later(_start_over),
    ids.REOPEN: reopen,
    ids.OPEN_GONG: noted,
    ids.OPEN_SNOWFLAKE_FORM: noted,
    ids.TYPE_NUMBER: noted,
}
