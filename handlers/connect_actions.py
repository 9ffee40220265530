"""What people do to connect a service. A link is shown to the person it was made for, and never forwarded."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment.model.connections import Consent
from bot.enrollment.model.connections import Service as Kind
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.people import Person, Standing
from bot.errors import DraftExpired
from bot.screens import Showing
from bot.views import ids, opening
from handlers import errors, payloads, presses
from handlers.dependencies import Dependencies
from handlers.payloads import Press, Who

_KINDS = {ids.CONNECT_GONG: Kind.GONG, ids.CONNECT_SNOWFLAKE: Kind.SNOWFLAKE}


async def connect(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """Gong or Snowflake is to be connected: asked for in the view that was pressed in, or in one of its own."""
    await ack()
    press = payloads.press(body)
    kind = _KINDS[press.action_id]
    if press.in_modal:
        deps.background.start(_connect_here(deps, press, kind), on_error=errors.teller(deps, errors.place(body)))
    else:
        connect_apart(deps, press.who, press.trigger_id, kind, named=press.value, offered=True)


async def open_request(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """A consent that waits for this person is opened from App Home."""
    press = payloads.press(body)
    consent = await deps.connections.get(press.value)
    await ack()
    kind = consent.service if consent is not None else Kind.GONG
    connect_apart(deps, press.who, press.trigger_id, kind)


async def check_now(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """Somebody came back from Gong and does not want to wait for the next look."""
    press = payloads.press(body)
    pending = await deps.connections.pending(press.who.team_id, Kind.GONG)
    await ack()
    if pending is not None:
        deps.connections.look_now(pending.id)


async def _connect_here(deps: Dependencies, press: Press, kind: Kind) -> None:
    person = await presses.person_of(deps, press)
    draft = await _draft(deps, press.draft_id)
    before = await deps.connections.pending(person.team_id, kind)
    await deps.connections.connect(person, kind, draft_id=draft.id if draft else None, view_id=press.view_id or None)
    if draft is not None and press.callback_id == ids.COMPOSE:
        await deps.screens.show_form(draft, view_id=press.view_id)
    else:
        await deps.views.update(await deps.screens.connect_view(kind, person), view_id=press.view_id)
    if before is not None and before.user_id != person.user_id:
        await _taken_over(deps, before)


async def _taken_over(deps: Dependencies, before: Consent) -> None:
    """Whoever was asked before sees in their open form that somebody else is at it, and no dead link."""
    draft = await _draft(deps, before.draft_id or "")
    if draft is not None:
        await deps.screens.show_form(draft)


def connect_apart(
    deps: Dependencies, who: Who, trigger_id: str, kind: Kind, *, named: str = "", offered: bool = False
) -> None:
    """Connecting opens in a view of its own, at once; somebody else's consent is shown before it is taken over.

    `named` is the draft that waits for it, or the connection that is to be mended (`ids.of_connection`). Where it was
    `offered` to everybody who reads, whoever may not connect is shown who can.
    """
    work = _open_apart(deps, who, trigger_id, kind, named, offered)
    deps.background.start(work, on_error=errors.teller(deps, errors.Place(who)))


async def _open_apart(  # noqa: PLR0917  # handed on as they came
    deps: Dependencies, who: Who, trigger_id: str, kind: Kind, named: str, offered: bool
) -> None:
    opened = await deps.views.open(trigger_id, opening.view())
    if opened is None:
        return
    where = errors.Place(who, view_id=str(opened.get("id", "")), callback_id=ids.OPENING)
    deps.background.start(_fill_apart(deps, where, kind, named, offered), on_error=errors.teller(deps, where))


async def _fill_apart(deps: Dependencies, where: errors.Place, kind: Kind, named: str, offered: bool) -> None:
    person = await deps.rights(where.who.team_id, where.who.user_id)
    await deps.connections.overview(fresh=True)
    if not (offered and kind is Kind.GONG and _only_reads(person)):
        await _asked(deps, where, kind, person, named)
    await deps.views.update(await deps.screens.connect_view(kind, person), view_id=where.view_id)


def _only_reads(person: Person) -> bool:
    """True for a member of the workspace who may not connect Gong; others are told why by their standing."""
    return person.standing in (Standing.NOT_LISTED, Standing.NOBODY_YET) and not person.operator


async def _asked(deps: Dependencies, where: errors.Place, kind: Kind, person: Person, named: str) -> None:
    """The link is asked for, unless somebody else was asked before; the owner of a named draft hears how it ends."""
    draft = await _draft(deps, named)
    pending = await deps.connections.pending(person.team_id, kind)
    if pending is None or pending.user_id == person.user_id:
        mine = draft if draft is not None and draft.user_id == person.user_id else None
        mine = mine or await deps.service.open_draft(person.team_id, person.user_id)
        pending = await deps.connections.connect(
            person,
            kind,
            draft_id=mine.id if mine is not None else None,
            view_id=where.view_id,
            connection_id=ids.connection_of(named),
        )
    if draft is not None and draft.user_id != person.user_id:
        await _wait(deps, pending, draft)


async def _wait(deps: Dependencies, pending: Consent, draft: Draft) -> None:
    """The owner of this draft hears how somebody else's consent ends: in their open form, and by message."""
    owner = Person(draft.team_id, draft.user_id, Standing.UNKNOWN)
    await deps.connections.wait_with(pending, owner, draft.id)


async def _ask_operator(deps: Dependencies, press: Press) -> None:
    """Somebody who may not connect a service asks an operator to."""
    person = await presses.person_of(deps, press)
    kind = Kind(press.value)
    await deps.connections.ask_operator(person, kind)
    draft = await _draft(deps, press.draft_id)
    if draft is not None and press.callback_id == ids.COMPOSE:
        await deps.screens.show_form(draft, Showing(asked_operator=frozenset({kind})), view_id=press.view_id)
    else:
        view = await deps.screens.connect_view(kind, person, asked_operator=True)
        await deps.views.update(view, view_id=press.view_id)


async def join(deps: Dependencies, person: Person, draft: Draft) -> None:
    """Whoever opens the form while a consent is pending hears how it ends: here if it is theirs, by message if not."""
    for pending in (await deps.connections.all_pending(draft.team_id)).values():
        if pending.user_id == person.user_id:
            await _follow(deps, person, pending, draft)
        else:
            await _wait(deps, pending, draft)


async def _follow(deps: Dependencies, person: Person, pending: Consent, draft: Draft) -> None:
    if pending.view_id != draft.view_id:
        await deps.connections.connect(person, pending.service, draft_id=draft.id, view_id=draft.view_id)


async def _draft(deps: Dependencies, draft_id: str) -> Draft | None:
    if not draft_id:
        return None
    try:
        return await deps.service.draft(draft_id)
    except DraftExpired:
        return None


LISTENERS = {
    ids.CONNECT_GONG: connect,
    ids.CONNECT_SNOWFLAKE: connect,
    ids.CHECK_GONG: check_now,
    ids.ASK_OPERATOR: presses.later(_ask_operator),
}
