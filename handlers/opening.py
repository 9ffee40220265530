"""From a command, a shortcut or a button to the form: opened at once, filled in afterwards.

A trigger lives three seconds and works once, so the first `views.open` waits for nothing: no database, no Polytomic.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.enrollment.model.drafts import Draft, DraftEdit
from bot.enrollment.model.people import Person, Standing
from bot.enrollment.rules import demand
from bot.enrollment.service import Begun
from bot.errors import NotAllowed
from bot.screens import Showing
from bot.views import compose, ids, opening, sentences
from handlers import connect_actions, errors
from handlers.dependencies import Dependencies
from handlers.errors import Place
from handlers.payloads import Who

FILLED_AT_ONCE = 4
"""How many forms are begun at once: a database has few connections, and whoever comes first is served first."""
# The form could not be loaded (ux.md, V0).
_DEADLINE = 10


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the form was asked for, and with which query."""

    channel_id: str = ""
    channel_name: str = ""
    response_url: str = field(default="", repr=False)
    sql: str = field(default="", repr=False)


Begin = Callable[[Person, str], Awaitable[Begun]]
"""(who, the id of the view) -> the draft that opens in this view."""


def open_form(deps: Dependencies, who: Who, trigger_id: str, origin: Origin) -> None:
    """The form is on its way to this person."""

    async def begin(person: Person, view_id: str) -> Begun:
        return await deps.service.begin(
            person,
            view_id=view_id,
            origin_channel_id=origin.channel_id,
            origin_channel_name=origin.channel_name,
            response_url=origin.response_url,
            sql=origin.sql,
        )

    start(deps, who, trigger_id, begin, response_url=origin.response_url)


def start(deps: Dependencies, who: Who, trigger_id: str, begin: Begin, *, response_url: str = "") -> None:
    """The draft that `begin` gives is on its way to this person as a form."""
    where = Place(who, response_url=response_url)
    deps.background.start(_open(deps, where, trigger_id, begin), on_error=errors.teller(deps, where))


async def _open(deps: Dependencies, where: Place, trigger_id: str, begin: Begin) -> None:
    opened = await deps.views.open(trigger_id, opening.view())
    if opened is None:
        await _no_form(deps, where)
        return
    fill(deps, where.who, str(opened.get("id", "")), begin, response_url=where.response_url)


def fill(deps: Dependencies, who: Who, view_id: str, begin: Begin, *, response_url: str = "") -> None:
    """The open view is about to become the form, or to say why it cannot."""
    where = Place(who, view_id=view_id, callback_id=ids.OPENING, response_url=response_url)
    deps.background.start(_fill(deps, where, begin), on_error=errors.teller(deps, where))


async def _fill(deps: Dependencies, where: Place, begin: Begin) -> None:
    async with asyncio.timeout(_DEADLINE):
        person = await deps.rights(where.who.team_id, where.who.user_id)
        if person.standing is Standing.BOT:
            return
        demand(person)
        async with deps.turns:
            begun = await begin(person, where.view_id)
            await connect_actions.join(deps, person, begun.draft)
        notices = (compose.SQL_IGNORED,) if begun.sql_ignored else ()
        showing = Showing(begun.restored, notices)
        shown = await deps.screens.show_form(begun.draft, showing, view_id=where.view_id)
    if shown:
        complete(deps, where.who, begun.draft, showing, where.view_id)


def complete(deps: Dependencies, who: Who, draft: Draft, showing: Showing, view_id: str) -> None:
    """The slow parts of the form are on their way; the form itself stands already."""
    here = Place(who, view_id=view_id, callback_id=ids.COMPOSE, draft_id=draft.id)
    work = deps.screens.complete_form(draft, showing, view_id=view_id)
    deps.background.start(work, on_error=errors.teller(deps, here))


async def _no_form(deps: Dependencies, where: Place) -> None:
    content = {"text": sentences.NO_FORM}
    if not await deps.messages.answer(where.response_url, content):
        await deps.messages.post(where.who.user_id, content)


async def person_of(deps: Dependencies, who: Who) -> Person:
    """The person, who may enroll. Raises NotAllowed."""
    person = await deps.rights(who.team_id, who.user_id)
    if not person.may_enroll:
        raise NotAllowed("people", person.standing)
    return person


def existing(deps: Dependencies, draft: Draft) -> Begin:
    """A `begin` that goes on with a draft that is known."""

    async def begin(_: Person, view_id: str) -> Begun:
        return await goes_on(deps, draft, view_id)

    return begin


async def goes_on(deps: Dependencies, draft: Draft, view_id: str) -> Begun:
    """A draft that is opened again in this view; one that holds nothing has nothing to bring back."""
    draft = await deps.service.edit(draft.id, DraftEdit(view_id=view_id))
    return Begun(draft, restored=not draft.empty)
