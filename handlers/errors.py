"""The one place where what went wrong in a listener, or in the work it began, becomes words for the person.

Broad on purpose: everything ends here. The log gets the cause under a reference and never the error's own text, which
may quote a query, a row or an address.
"""

import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.response import BoltResponse

from bot import errors, slack_answers
from bot.check_screens import Standing
from bot.enrollment import names
from bot.enrollment.rules import CheckTooOld
from bot.screens import Showing
from bot.views import blocked, ids, opening, sentences
from bot.views.blocks import View
from bot.views.modal import Notice
from handlers import payloads
from handlers.dependencies import Dependencies
from handlers.payloads import Body, Who

OnError = Callable[[BaseException], Awaitable[None]]

# Nothing can be pushed on top of these: Slack stacks three views at most.
_DEEPEST = frozenset({ids.FIELDS, ids.QUERY})
_FRAMES = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person looks: a view, else whatever the response_url belongs to, else their direct messages."""

    who: Who
    view_id: str = ""
    callback_id: str = ""
    draft_id: str = ""
    response_url: str = ""
    enrollment_id: str = ""
    pushed: bool = False
    address: str = ""


def place(body: Body) -> Place:
    """Where the person of this payload looks."""
    view = body.get("view") or {}
    modal = view if view.get("type", "modal") == "modal" else {}
    return Place(
        who=payloads.who(body),
        view_id=str(modal.get("id", "")),
        callback_id=str(modal.get("callback_id", "")),
        draft_id=payloads.draft_id(modal),
        response_url=str(body.get("response_url") or ""),
        pushed=not payloads.root(modal),
        address=payloads.standing(modal).address,
    )


def beside(body: Body) -> Place:
    """The same, but never a view: what the one in front shows is about no draft."""
    return Place(payloads.who(body), response_url=str(body.get("response_url") or ""))


def teller(deps: Dependencies, where: Place) -> OnError:
    """What background work does with an error: the person at this place reads it."""

    async def tell(error: BaseException) -> None:
        await told(deps, where, error)

    return tell


async def told(deps: Dependencies, where: Place, error: BaseException) -> None:
    """The person reads what happened, in the view, beside what they pressed, or in a direct message."""
    reference = log(error)
    if where.view_id and await _in_view(deps, where, error, reference):
        return
    content = {
        "text": sentences.ephemeral(
            _known(error),
            reference=reference,
            operators=deps.operators,
            groups=deps.enroll_users,
            enrollment_id=where.enrollment_id,
        )
    }
    if await deps.messages.answer(where.response_url, content):
        return
    try:
        await deps.messages.post(where.who.user_id, content)
    except errors.SlackUndelivered as undelivered:
        structlog.get_logger().error("error.untold", reference=reference, slack_error=undelivered.slack_error)


def log(error: BaseException) -> str:
    """A new reference; the log holds the cause under it, unless the person can mend it alone."""
    reference = names.reference()
    logger = structlog.get_logger()
    if isinstance(error, errors.PersonCanFix | CheckTooOld):
        logger.info("listener.refused", reference=reference, kind=type(error).__name__)
        return reference
    facts: dict[str, Any] = {"call": error.call} if isinstance(error, errors.PolytomicError) else {}
    if isinstance(error, slack_answers.UNANSWERED):
        facts["slack_error"] = slack_answers.code(error)
    logger.error("listener.failed", reference=reference, kind=type(error).__name__, where=_frames(error), **facts)
    return reference


def listener(deps: Dependencies) -> Callable[..., Awaitable[BoltResponse]]:
    """Bolt's error listener: Slack gets an answer it can show, and the person gets words."""

    async def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        where = place(body)
        kind = body.get("type")
        if kind == "block_suggestion":
            log(error)
            return BoltResponse(status=200, body={"options": []})
        if kind == "view_submission":
            reference = log(error)
            action = "update" if where.callback_id in _DEEPEST else "push"
            view = cannot_go_on(deps, error, reference, draft_id=where.draft_id, pushed=action == "push")
            return BoltResponse(status=200, body={"response_action": action, "view": view})
        deps.background.start(told(deps, where, error), on_error=_gives_up)
        return BoltResponse(status=200, body="")

    return failed


def cannot_go_on(
    deps: Dependencies, error: BaseException, reference: str = "", *, draft_id: str = "", pushed: bool = False
) -> View:
    """V8 for this error."""
    known = _known(error)
    title: blocked.Title = "Not allowed" if isinstance(error, errors.NotAllowed) else "Cannot start"
    said = sentences.view(known, reference=reference, operators=deps.operators, groups=deps.enroll_users)
    # What is nobody's mistake names its reference in the sentence itself.
    apart = reference if isinstance(error, errors.PolytomicError) else ""
    return blocked.view(said, title=title, reference=apart, draft_id=draft_id, pushed=pushed)


async def _in_view(deps: Dependencies, where: Place, error: BaseException, reference: str) -> bool:
    """True when the view could say it."""
    try:
        if where.callback_id == ids.OPENING and not isinstance(error, errors.PersonCanFix):
            return await deps.views.update(opening.failed(reference, where.draft_id), view_id=where.view_id)
        if where.callback_id == ids.COMPOSE and not isinstance(error, errors.NotAllowed | errors.DraftExpired):
            draft = await deps.service.draft(where.draft_id)
            showing = Showing(notices=(_alert(deps, error, reference),))
            return await deps.screens.show_form(draft, showing, view_id=where.view_id)
        if where.callback_id == ids.REVIEW and not isinstance(error, errors.NotAllowed | errors.DraftExpired):
            return await _on_review(deps, where, error, reference)
        view = cannot_go_on(deps, error, reference, draft_id=where.draft_id, pushed=where.pushed)
        return await deps.views.update(view, view_id=where.view_id)
    except (*slack_answers.UNANSWERED, errors.AppError) as second:
        log(second)
        return False


async def _on_review(deps: Dependencies, where: Place, error: BaseException, reference: str) -> bool:
    _, check = await deps.service.checked(where.draft_id)
    if check is None:
        return False
    notices = (_alert(deps, error, reference),)
    stands = Standing(where.view_id, where.address, root=not where.pushed)
    return await deps.check_screens.update(check, stands, notices=notices)


def _alert(deps: Dependencies, error: BaseException, reference: str) -> Notice:
    """An alert is plain text, so operators are not mentioned in it."""
    return Notice("error", sentences.ephemeral(_known(error), reference=reference, groups=deps.enroll_users))


def _known(error: BaseException) -> errors.AppError:
    """The error itself when there are words for it, else one that stands for anything else."""
    return error if isinstance(error, errors.AppError) else errors.AppError()


async def _gives_up(error: BaseException) -> None:
    log(error)


def _frames(error: BaseException) -> list[str]:
    """Where it happened: file, line and function of the innermost frames, and nothing of their data."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
