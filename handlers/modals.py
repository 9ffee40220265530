"""What people submit, and what they close: the form, the review, the flow's fields."""

from collections.abc import Mapping
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment import names
from bot.enrollment.model.checks import Check, CheckState
from bot.enrollment.model.drafts import Draft, DraftEdit, Source
from bot.enrollment.rules import CheckTooOld
from bot.errors import AlreadyRunning, DraftExpired, EnrollingStopped, FlowNotFound, NotAllowed, PersonCanFix
from bot.screens import Showing
from bot.views import blocked, checking, compose, ids, notices, sentences
from bot.views.blocks import View
from bot.views.modal import Notice
from handlers import checking as checks
from handlers import errors, forms, opening, payloads
from handlers.dependencies import Dependencies

OUT_OF_REACH = Notice("error", sentences.AWAY)


async def check_contacts(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The form was submitted: errors on their fields, else the checking view and a check that runs."""
    view, who = body["view"], payloads.who(body)
    draft = await deps.service.draft(payloads.draft_id(view))
    known = await _known_now(deps, view, draft)
    lacking = (OUT_OF_REACH,) if deps.screens.out_of_reach() else forms.missing(known)
    wrong = forms.validate_compose(view, draft, known)
    if wrong:
        await ack(response_action="errors", errors=wrong)
        return
    draft = await deps.service.edit(draft.id, forms.read_compose(view, draft, known))
    if lacking or draft.flow is None:
        # Without a flow and with nothing lacking, Gong was connected elsewhere while the form asked for none.
        showing = Showing(notices=lacking or (compose.GONG_CONNECTED,))
        await ack(response_action="update", view=await deps.screens.form(draft, showing))
        opening.complete(deps, who, draft, showing, str(view["id"]))
        return
    files = forms.attached(view)
    if draft.source is Source.FILE and files:
        await ack(response_action="push", view=checks.before_file(deps, draft))
        work = checks.with_file(deps, who, draft, str(files[0].get("id") or ""))
        deps.background.start(work, on_error=checks.file_unread(deps, who, draft))
        return
    person = await checks.person_now(deps, who)
    before = await checks.asked_before(deps, draft, f"{draft.id}:{names.row_id()[:8]}")
    if before is not None:
        await ack(response_action="push", view=before)
        return
    check = await checks.begin(deps, draft, person)
    await ack(response_action="push", view=checking.view(check, deps.clock()))


async def check_anyway(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The same query is checked once more: its check stands where the question stood."""
    view = body["view"]
    person = await checks.person_now(deps, payloads.who(body))
    check = await checks.begin(deps, await deps.service.draft(payloads.draft_id(view)), person)
    await ack(response_action="update", view=checking.view(check, deps.clock()))


async def enroll(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The review was submitted: the enrollment is written before Slack is answered, once per draft."""
    view = body["view"]
    person = await checks.person_now(deps, payloads.who(body))
    try:
        draft, check = await _reviewed(deps, view)
        choice = forms.read_review(view, check, draft)
        if isinstance(choice, dict):
            await ack(response_action="errors", errors=choice)
            return
        chosen = forms.read_choices(view, check, draft)
        if await checks.says_otherwise(deps, view, check, draft, chosen):
            await deps.service.edit(draft.id, chosen)
            await ack(response_action="update", view=await deps.check_screens.view(check, payloads.standing(view)))
            return
        await deps.confirming.confirm(draft.id, check.id, person, choice)
    except DraftExpired as error:
        if not error.enrolled:
            raise
    except NotAllowed as error:
        if error.refused is None:
            raise
        await ack(response_action="update", view=await _still(deps, view, error))
        return
    except (CheckTooOld, FlowNotFound, EnrollingStopped) as error:
        await ack(response_action="update", view=await _still(deps, view, error))
        return
    except AlreadyRunning as error:
        await ack(response_action="update", view=await _already_open(deps, view, error))
        return
    await ack(response_action="clear")


async def save_fields(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The flow's fields were filled in: they are kept, and the review beneath shows them."""
    view = body["view"]
    draft, check = await deps.service.checked(payloads.draft_id(view))
    if check is None:
        raise DraftExpired(draft.id, ended_at=None, enrolled=False)
    mappings = forms.read_fields(view, check, draft)
    if isinstance(mappings, dict):
        await ack(response_action="errors", errors=mappings)
        return
    await deps.service.edit(draft.id, DraftEdit(mappings=mappings))
    await ack()
    beneath = payloads.beneath(view)
    deps.background.start(deps.check_screens.update(check, beneath), on_error=errors.teller(deps, errors.place(body)))


async def closed(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """A view was closed: what was typed is kept already. Going back to the query ends a check that still runs."""
    view = body["view"]
    went_back = not body.get("is_cleared") and not payloads.root(view)
    if view.get("callback_id") == ids.CHECKING and went_back:
        await deps.service.abandon_check(payloads.draft_id(view))
    await ack()


async def _known_now(deps: Dependencies, view: Mapping[str, Any], draft: Draft) -> forms.Known:
    """What is known, from memory where that lets the form pass: nobody is refused on old news alone."""
    known = checks.known(deps)
    if deps.screens.out_of_reach() or forms.refused_by_memory(view, draft, known):
        await deps.screens.look_around(flows_of=forms.read_compose(view, draft, known).gong_id or draft.gong_id)
        known = checks.known(deps)
    return known


async def _reviewed(deps: Dependencies, view: Mapping[str, Any]) -> tuple[Draft, Check]:
    """The draft and the check that this view shows. Raises DraftExpired, and CheckTooOld when a later one exists."""
    draft, check = await deps.service.checked(payloads.draft_id(view))
    if check is None or not payloads.standing(view).shows(check):
        raise CheckTooOld
    return draft, check


async def _still(deps: Dependencies, view: Mapping[str, Any], error: PersonCanFix | CheckTooOld) -> View:
    """The same review, which says why nothing was started."""
    draft, check = await deps.service.checked(payloads.draft_id(view))
    address = str(view.get("external_id") or "")
    if check is None or check.state is not CheckState.DONE or not payloads.standing(view).shows(check):
        # Another device of this person went on: these numbers belong to nobody's draft any more.
        said = notices.edited().words
        return blocked.view(said, draft_id=draft.id, pushed=True, external_id=address, check_again=True)
    stale = isinstance(error, CheckTooOld)
    told = notices.too_old((deps.clock() - check.created_at).total_seconds()) if stale else notices.of(error)
    return await deps.check_screens.view(check, payloads.standing(view), notices=(told,), stale=stale)


async def _already_open(deps: Dependencies, view: Mapping[str, Any], error: AlreadyRunning) -> View:
    """The enrollment that is under way, instead of a second one."""
    enrollment = await deps.service.get(error.enrollment_id)
    said = sentences.already_open(enrollment) if enrollment is not None else sentences.ALREADY_RUNNING
    return blocked.view(
        said, draft_id=payloads.draft_id(view), pushed=not payloads.root(view), show_enrollment=error.enrollment_id
    )
