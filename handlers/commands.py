"""What is typed after `/enroll-flow`. Every answer is private."""

import html
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.enrollment.approval_rules import asked
from bot.enrollment.model.connections import Service as Kind
from bot.enrollment.model.enrollments import Enrollment, State
from bot.enrollment.model.people import Person, Standing
from bot.enrollment.states import ENDED
from bot.views import answers, connections, sentences, status
from bot.views.blocks import Message
from handlers import connect_actions, errors, opening, payloads, stop_actions
from handlers.dependencies import Dependencies
from handlers.payloads import Who

Answer = Callable[[Dependencies, Person, str], Awaitable[Message]]

_QUERIES = ("select", "with")
_SERVICES = {kind.value: kind for kind in Kind}
_WAITS = (State.AWAITING_APPROVAL, State.AWAITING_GONG, State.CANARY, State.ON_HOLD, State.NEEDS_ATTENTION)
_STRANGERS = (Standing.GUEST, Standing.OUTSIDER, Standing.UNKNOWN)
_COUNTED = 200
_LATELY = timedelta(days=30)


async def typed(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """The command: nothing or a query opens the form, a word is answered."""
    await ack()
    # Slack escapes these three and nothing else (docs: slash commands).
    text = html.unescape(str(body.get("text") or "")).strip()
    word, _, rest = text.replace("\n", " ").partition(" ")
    url = str(body.get("response_url") or "")
    if not text or text.split(None, 1)[0].casefold() in _QUERIES:
        origin = opening.Origin(
            channel_id=str(body.get("channel_id") or ""),
            channel_name=str(body.get("channel_name") or ""),
            response_url=url,
            sql=text,
        )
        opening.open_form(deps, payloads.who(body), str(body.get("trigger_id") or ""), origin)
        return
    kind = _SERVICES.get(rest.strip().casefold())
    if word.casefold() == "connect" and kind is not None:
        connect_actions.connect_apart(deps, payloads.who(body), str(body.get("trigger_id") or ""), kind)
        return
    answer(deps, payloads.who(body), url, word, rest.strip())


def answer(deps: Dependencies, who: Who, response_url: str, word: str, rest: str = "") -> None:
    """The private answer to this word is on its way."""
    where = errors.Place(who, response_url=response_url)
    deps.background.start(_answer(deps, where, word, rest), on_error=errors.teller(deps, where))


async def _answer(deps: Dependencies, where: errors.Place, word: str, rest: str) -> None:
    person = await deps.rights(where.who.team_id, where.who.user_id)
    if person.standing is Standing.BOT:
        return
    if person.standing in _STRANGERS:
        said = answers.say(sentences.not_allowed(person.standing, operators=deps.operators))
    else:
        said = await _ANSWERS.get(word.casefold(), _unknown(word))(deps, person, rest)
    if not await deps.messages.answer(where.response_url, said):
        await deps.messages.post(where.who.user_id, said)


def _unknown(word: str) -> Answer:
    async def unknown(_deps: Dependencies, person: Person, _rest: str) -> Message:
        if word.casefold() in answers.RESERVED:
            return answers.reserved(word)
        return answers.unknown(word, operator=person.operator)

    return unknown


async def _help(_deps: Dependencies, person: Person, _rest: str) -> Message:
    return answers.help(operator=person.operator)


async def _status(deps: Dependencies, person: Person, rest: str) -> Message:
    if rest:
        return await _one(deps, person, rest)
    mine = await deps.service.recent(person, _COUNTED)
    return status.status(mine, _counts(deps, mine), await _links(deps, mine))


async def _cancel(deps: Dependencies, person: Person, rest: str) -> Message:
    if rest:
        enrollment = await deps.service.get(rest.upper())
        if enrollment is None or not _may_see(enrollment, person) or enrollment.state in ENDED:
            return await _one(deps, person, rest)
        return status.cancel_one(enrollment)
    still = [one for one in await deps.service.recent(person, _COUNTED) if _cancelable(one)]
    if not still:
        return status.cancel_none()
    if len(still) == 1:
        return status.cancel_one(still[0])
    return status.cancel_several(still, await _links(deps, still))


async def _connect(deps: Dependencies, person: Person, _rest: str) -> Message:
    overview = await deps.connections.overview(fresh=True)
    return connections.answer(
        connections.Facts(
            connections=overview.connections,
            reachable=overview.reachable,
            waiting=await deps.connections.waiting_for_gong(person.team_id),
            may_connect_gong=person.may_enroll or person.operator,
            may_connect_snowflake=person.operator,
        )
    )


async def _one(deps: Dependencies, person: Person, typed_id: str) -> Message:
    enrollment = await deps.service.get(typed_id.upper())
    if enrollment is None or enrollment.team_id != person.team_id:
        mine = await deps.service.recent(person, _COUNTED)
        return status.no_such(typed_id, [one.id for one in mine])
    if not (_may_see(enrollment, person) or person.user_id in asked(enrollment)):
        return status.not_yours(enrollment.id)
    return status.one(enrollment, await deps.notifications.link(enrollment.id))


async def _links(deps: Dependencies, enrollments: list[Enrollment]) -> dict[str, str]:
    shown = status.in_order(enrollments)
    return {one.id: await deps.notifications.link(one.id) for one in shown}


def _counts(deps: Dependencies, mine: list[Enrollment]) -> status.Counts:
    since = deps.clock() - _LATELY
    return status.Counts(
        waiting=sum(one.state in _WAITS for one in mine),
        running=sum(one.state in (State.LAUNCHING, State.RUNNING) for one in mine),
        ended=sum(one.state in ENDED and (one.ended_at or one.updated_at) >= since for one in mine),
    )


def _may_see(enrollment: Enrollment, person: Person) -> bool:
    mine = enrollment.requester_id == person.user_id or person.operator
    return mine and enrollment.team_id == person.team_id


def _cancelable(enrollment: Enrollment) -> bool:
    return enrollment.state not in ENDED and enrollment.cancel_asked_at is None


_ANSWERS: dict[str, Answer] = {
    "help": _help,
    "status": _status,
    "cancel": _cancel,
    "connect": _connect,
    "stop": stop_actions.stop,
    "resume": stop_actions.resume,
}


async def pressed(deps: Dependencies, ack: AsyncAck, body: dict[str, Any]) -> None:
    """A button that stands for a word: its answer takes no part of the message it was pressed in."""
    await ack()
    press = payloads.press(body)
    answer(deps, press.who, press.response_url, press.action_id.removeprefix("run_"))
