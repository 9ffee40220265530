"""From a submitted form to a running check and its view; from one check of a draft to the next."""

import asyncio
from dataclasses import replace

from bot.check_screens import Standing
from bot.enrollment import making, names
from bot.enrollment.checking import refusal_of
from bot.enrollment.model.checks import Check
from bot.enrollment.model.drafts import Draft, DraftEdit
from bot.enrollment.model.flows import Flow
from bot.enrollment.model.people import Person
from bot.enrollment.query import Query
from bot.enrollment.rules import demand
from bot.errors import QueryRefused
from bot.slack_files import FileRefused
from bot.views import checking, refused, repeat
from bot.views.blocks import View
from handlers import errors, forms, opening
from handlers.dependencies import Dependencies
from handlers.payloads import Who

# Rights are nearly always remembered; when they are not, Slack's three seconds still leave room to ask.
_ASK = 2.0


def known(deps: Dependencies) -> forms.Known:
    """What `forms` may know beside a view's state."""
    overview = deps.connections.known()
    return forms.Known(
        connections=overview.connections if overview else (),
        flow=deps.flows.get,
        lists_flows=deps.flows.knows,
        max_bytes=deps.query_bytes,
        policy=deps.policing.policy,
        open_flows=deps.flows.offered,
    )


async def person_now(deps: Dependencies, who: Who) -> Person:
    """What the person may do, in time for an acknowledgement. Raises NotAllowed, TimeoutError."""
    person = await asyncio.wait_for(deps.rights(who.team_id, who.user_id), _ASK)
    demand(person)
    return person


async def begin(deps: Dependencies, draft: Draft, person: Person) -> Check:
    """A running check of the draft."""
    snowflake = deps.screens.connection(draft.snowflake_id)
    return await deps.service.check(draft, person, snowflake_name=snowflake.name if snowflake else "")


async def asked_before(deps: Dependencies, draft: Draft, address: str) -> View | None:
    """The view that says so, at this address, when the same query went into this flow a short while ago."""
    before = await deps.repeats.of(draft)
    if before is None:
        return None
    link = await deps.check_screens.link(before.enrollment.id)
    return repeat.view(draft, before.enrollment, before.until, before.days, link=link, external_id=address)


async def says_otherwise(deps: Dependencies, view: View, check: Check, draft: Draft, chosen: DraftEdit) -> bool:
    """True when the button that was pressed said something else than what would happen.

    Since the view was shown a tick may have changed that its button does not say yet, quiet hours may have begun, or
    somebody's word may be needed by now.
    """
    if check.preflight is None:
        return False  # Nothing of it was ever shown to be confirmed.
    ticked = draft if chosen.canary is None else replace(draft, canary=chosen.canary)
    return await deps.check_screens.button(check, ticked) != str((view.get("submit") or {}).get("text") or "")


async def again(deps: Dependencies, who: Who, old: Check, stands: Standing) -> None:
    """The view of the old check shows a new one of the same draft."""
    person = await opening.person_of(deps, who)
    draft = await deps.service.draft(old.draft_id)
    new = await begin(deps, draft, person)
    await deps.check_screens.replace(new, stands)


def before_file(deps: Dependencies, draft: Draft) -> View:
    """The checking view for a query whose file is still to be read; its address is that of the check to come."""
    now = deps.clock()
    flow = draft.flow or Flow("", "")
    return checking.view(
        making.check(draft, flow, Query(text="", tables=(), warnings=(), ordered=False, normalized=""), "", now), now
    )


async def with_file(deps: Dependencies, who: Who, draft: Draft, file_id: str) -> None:
    """The attached file is in the draft and its check runs, or the waiting view says why not."""
    address = f"{draft.id}:{draft.tries + 1}"
    try:
        person = await opening.person_of(deps, who)
        file = await deps.files.read(file_id)
        draft = await deps.service.edit(draft.id, DraftEdit(file_name=file.name, file_sql=file.text))
        before = await asked_before(deps, draft, address)
        if before is not None:
            await deps.check_screens.put(before, address)
            return
        await begin(deps, draft, person)
    except FileRefused as error:
        await deps.check_screens.put(refused.of_file(error.problem, draft.id, address), address)
    except QueryRefused as error:
        refusal = refusal_of(error, names.reference(), deps.clock())
        await deps.check_screens.put(refused.of_query(refusal, draft.id, address), address)


def file_unread(deps: Dependencies, who: Who, draft: Draft) -> errors.OnError:
    """What else keeps an attached file from being checked is said in the view that waits for it, or by message."""
    address = f"{draft.id}:{draft.tries + 1}"

    async def tell(error: BaseException) -> None:
        view = errors.cannot_go_on(deps, error, errors.log(error), draft_id=draft.id, pushed=True)
        if not await deps.check_screens.put({**view, "external_id": address}, address):
            await errors.told(deps, errors.Place(who), error)

    return tell
