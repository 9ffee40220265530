"""The views of a check: checking, review, nobody to enroll, refused; updated where they stand, told by message else.

A view of a check is addressed by the check's external_id, because Slack tells nobody the id of a pushed view.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot import slack_answers
from bot.enrollment import names, wanted
from bot.enrollment.model.checks import Check, CheckState
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.messages import Message, MessageKind
from bot.enrollment.service import Service
from bot.errors import DraftExpired
from bot.reviewing import Reviewing
from bot.slack_views import SlackViews, View
from bot.store import check_views
from bot.store.session import Database
from bot.views import checking, empty, refused, review, review_choices
from bot.views.modal import Notice
from bot.views.place import Origin

Want = Callable[[Message], Awaitable[None]]
"""Writes a message row and has it sent."""

_EVERY = timedelta(seconds=2)
_REMEMBERED = 500

# The answer that pushes a view may still be on its way when the check has ended already.
_GRACE = (0.0, 0.1, 0.2, 0.4, 0.8, 1.0)
_YOUNG = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Standing:
    """One open view of a check: Slack's id of it, its address, and whether no form lies beneath it."""

    view_id: str
    address: str
    root: bool

    def shows(self, check: Check) -> bool:
        """True when the view is one of this check's: at its address, or at one that begins with it."""
        return self.address == check.external_id or self.address.startswith(f"{check.external_id}:")


class CheckScreens:
    """Shows checks; `show` is the callback of `Checking`."""

    def __init__(
        self,
        views: SlackViews,
        client: AsyncWebClient,
        db: Database,
        *,
        service: Service,
        clock: Clock,
        operators: tuple[str, ...],
        want: Want,
        reviewing: Reviewing,
    ) -> None:
        self._views = views
        self._client = client
        self._service = service
        self._clock = clock
        self._operators = operators
        self._want = want
        self._reviewing = reviewing
        self._db = db
        self._updated_at: dict[str, datetime] = {}  # Spares Slack calls; whoever forgets it makes one more.
        self._origins: dict[str, Origin] = {}  # What Slack says of a channel, as long as its draft is looked at.
        self._log = structlog.get_logger()

    async def show(self, check: Check) -> None:
        """The check's view shows how it stands; once it ended and the view is closed, a message tells."""
        if check.state is CheckState.ABANDONED or not self._is_time(check):
            return
        try:
            shown = await self._patiently(check)
        except DraftExpired:
            return
        except slack_answers.UNANSWERED as error:
            self._log.warning("check.unshown", check=check.id, slack_error=slack_answers.code(error))
            shown = False
        if not shown and check.state is not CheckState.RUNNING:
            await self._tell(check)

    async def view(
        self,
        check: Check,
        stands: Standing | None = None,
        *,
        notices: tuple[Notice, ...] = (),
        stale: bool = False,
    ) -> View:
        """The view of this check as it stands, in the place of `stands` or at the check's own address.

        Raises DraftExpired when its draft has ended.
        """
        async with self._db.begin() as s:
            alone, left_out_sent = await check_views.get(s, check.id)
        if stands is None:
            return await self._view(check, alone, left_out_sent, notices, stale)
        view = await self._view(check, stands.root, left_out_sent, notices, stale)
        return {**view, "external_id": stands.address if stands.shows(check) else check.external_id}

    async def _view(
        self, check: Check, root: bool, left_out_sent: bool, notices: tuple[Notice, ...], stale: bool
    ) -> View:
        if check.state is CheckState.RUNNING:
            return checking.view(check, self._clock(), root=root)
        if check.state is not CheckState.DONE:
            return refused.view(check, root=root, operators=self._operators)
        if check.preflight is None or not check.preflight.funnel.will_enroll:
            return empty.view(check, root=root, left_out_sent=left_out_sent)
        draft = await self._service.draft(check.draft_id)
        facts = await self._reviewing.facts(check, draft)
        nobody = facts.nobody_approves
        if nobody is not None:
            return refused.by_policy(nobody, check, root=root)
        return review.view(
            replace(
                facts,
                origin=await self.origin(draft),
                links=await self._reviewing.links(check),
                notices=notices,
                left_out_sent=left_out_sent,
                stale=stale,
                root=root,
            )
        )

    async def button(self, check: Check, draft: Draft) -> str:
        """What the review's button would say now, with what this draft has chosen."""
        return review_choices.submit(await self._reviewing.facts(check, draft))

    async def link(self, enrollment_id: str) -> str:
        """The link to an enrollment's message; empty when it cannot be had in a moment."""
        return await self._reviewing.link(enrollment_id)

    async def update(
        self, check: Check, stands: Standing, *, notices: tuple[Notice, ...] = (), stale: bool = False
    ) -> bool:
        """True when this open view shows the check as it stands now, whatever stood there before."""
        view = await self.view(check, stands, notices=notices, stale=stale)
        return await self._views.update(view, view_id=stands.view_id)

    async def put(self, view: View, external_id: str) -> bool:
        """True when the view that was just pushed under this address shows something else now."""
        for pause in _GRACE:
            await asyncio.sleep(pause)
            if await self._views.update(view, external_id=external_id):
                return True
        return False

    async def replace(self, new: Check, stands: Standing) -> bool:
        """True when this view, which showed an older check, became that of the new one, at an address of its own."""
        if stands.root:
            # Kept before the view has its address: whoever shows the end finds the two together.
            async with self._db.begin() as s:
                await check_views.stands_alone(s, new)
        self._note_time(new)
        return await self._views.update(await self.view(new), view_id=stands.view_id)

    async def open(self, check: Check, trigger_id: str) -> str | None:
        """The id of a view of its own, with no form beneath, that shows the check; None when the trigger is too old.

        Its address begins with the check's: the same review may stand on another device, and Slack takes each once.
        """
        stands = Standing("", f"{check.external_id}:{names.row_id()[:8]}", root=True)
        opened = await self._views.open(trigger_id, await self.view(check, stands))
        return None if opened is None else str(opened.get("id", ""))

    async def sent_left_out(self, check: Check) -> None:
        """The view of this check says from now on that the list was sent."""
        async with self._db.begin() as s:
            await check_views.left_out_sent(s, check)

    async def origin(self, draft: Draft) -> Origin:
        """Where the command was typed, and whether progress can be posted there."""
        channel_id = draft.origin_channel_id
        if not channel_id or channel_id.startswith("D"):
            return Origin()
        key = f"{draft.id}:{channel_id}"
        if key not in self._origins:
            self._origins[key] = await self._look_up(channel_id, draft.origin_channel_name)
            _forget_oldest(self._origins)
        return self._origins[key]

    async def channel_problem(self, channel_id: str) -> str:
        """Why progress cannot be posted in this channel; empty when it can (the words are those of `place`)."""
        try:
            found = await self._info(channel_id)
        except slack_answers.UNANSWERED as error:
            return "not_in_channel" if slack_answers.code(error) in slack_answers.CLOSED else "unknown"
        if found.get("is_archived"):
            return "is_archived"
        if _shared(found):
            return "shared"
        return "" if found.get("is_member") or found.get("is_im") else "not_in_channel"

    # -- how

    async def _patiently(self, check: Check) -> bool:
        # While a check runs, its next stage or its end is soon enough.
        young = self._clock() - check.created_at < _YOUNG and check.state is not CheckState.RUNNING
        for pause in _GRACE if young else _GRACE[:1]:
            await asyncio.sleep(pause)
            # Made anew each time: the view that it waits for may turn out to stand alone.
            if await self._views.update(await self.view(check), external_id=check.external_id):
                return True
        return False

    def _is_time(self, check: Check) -> bool:
        last = self._updated_at.get(check.id)
        if check.state is CheckState.RUNNING and last and self._clock() - last < _EVERY:
            return False
        self._note_time(check)
        return True

    def _note_time(self, check: Check) -> None:
        self._updated_at.pop(check.id, None)
        self._updated_at[check.id] = self._clock()
        _forget_oldest(self._updated_at)

    async def _tell(self, check: Check) -> None:
        done = check.state is CheckState.DONE
        kind = MessageKind.CHECK_DONE if done else MessageKind.CHECK_REFUSED
        now = self._clock()
        row = wanted.message(kind, team_id=check.team_id, subject_id=check.id, channel=check.user_id, now=now)
        await self._want(row)

    async def _look_up(self, channel_id: str, name: str) -> Origin:
        try:
            found = await self._info(channel_id)
        except slack_answers.UNANSWERED:
            # Slack says nothing of private channels that the bot is not in, and calls them all "privategroup".
            return Origin("" if name in ("privategroup", "directmessage") else name)
        if found.get("is_im") or found.get("is_mpim"):
            return Origin()
        postable = bool(found.get("is_member")) and not found.get("is_archived")
        return Origin(str(found.get("name") or name), bot_is_in=postable, shared=_shared(found))

    async def _info(self, channel_id: str) -> dict[str, Any]:
        answer = await self._client.conversations_info(channel=channel_id)
        found: dict[str, Any] = answer.get("channel", {})
        return found


def _shared(channel: Mapping[str, Any]) -> bool:
    return bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))


def _forget_oldest(remembered: dict[str, Any]) -> None:
    while len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]
