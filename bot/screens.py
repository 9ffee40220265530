"""The form and the connect views as they should look now, put where the person looks.

What is shown comes from the draft and from what is known of the connections; nothing here decides anything.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from bot import slack_answers
from bot.enrollment.connections import Connections, Overview
from bot.enrollment.consent import Askers
from bot.enrollment.flows import Flows
from bot.enrollment.model.connections import Connection, Consent, ConsentState
from bot.enrollment.model.connections import Service as Kind
from bot.enrollment.model.drafts import Draft
from bot.enrollment.model.people import Person
from bot.enrollment.model.stops import Stop
from bot.enrollment.service import Service
from bot.errors import DraftExpired, PolytomicError
from bot.rights import SlackRights
from bot.slack_views import SlackViews, View, ViewChanged
from bot.views import compose, connect, flow_options
from bot.views.modal import Notice

# Slow parts are filled in later than this (ux.md, V0).
_PATIENCE = 1.5


@dataclass(frozen=True, slots=True)
class Showing:
    """What is true of this one showing of the form and not of its draft.

    `ended` is a consent that came to its end just now, `asked_operator` the services an operator was asked for.
    """

    restored: bool = False
    notices: tuple[Notice, ...] = ()
    ended: Consent | None = None
    asked_operator: frozenset[Kind] = frozenset()


PLAINLY = Showing()

Standing = Callable[[str], Awaitable[Stop | None]]
"""(team id) -> the stop that nobody has lifted."""


class Screens:
    """The form (V1) and the connect views (V2, V3)."""

    def __init__(
        self,
        views: SlackViews,
        *,
        service: Service,
        connections: Connections,
        flows: Flows,
        rights: SlackRights,
        stopped: Standing,
        operators: Sequence[str],
        query_bytes: int,
    ) -> None:
        self._views = views
        self._service = service
        self._connections = connections
        self._flows = flows
        self._rights = rights
        self._stopped = stopped
        self._operators = tuple(operators)
        self._query_bytes = query_bytes
        self._log = structlog.get_logger()

    # -- the form

    async def form(self, draft: Draft, showing: Showing = PLAINLY) -> View:
        """The form as this draft has it, from what is known without asking anybody."""
        overview = self._connections.known()
        gongs, snowflakes = _of(overview, Kind.GONG), _of(overview, Kind.SNOWFLAKE)
        person = self._rights.known(draft.team_id, draft.user_id)
        consents = await self._consents(draft.team_id, showing.ended)
        gong = compose.chosen(gongs, draft.gong_id)
        return compose.view(
            compose.Facts(
                draft=draft,
                snowflakes=snowflakes,
                gongs=gongs,
                gong_consent=consents.get(Kind.GONG),
                snowflake_consent=consents.get(Kind.SNOWFLAKE),
                known=not self.out_of_reach(),
                flow_listed=gong is None or self._listed(gong, draft),
                flow_text=self._flow_text(gong, draft),
                restored=showing.restored,
                stop=await self._stopped(draft.team_id),
                notices=showing.notices,
                # Only what is shown: every press asks for the rights again.
                may_connect_gong=person is None or person.may_enroll or person.operator,
                may_connect_snowflake=person is not None and person.operator,
                operators=self._operators,
                asked_operator=showing.asked_operator,
                query_bytes=self._query_bytes,
            )
        )

    async def show_form(self, draft: Draft, showing: Showing = PLAINLY, *, view_id: str = "", seen: str = "") -> bool:
        """True when the draft's open view (or the one named) shows the form; False when it was closed.

        It stands there within moments; slow parts are `complete_form`'s.
        """
        target = view_id or draft.view_id
        if not target:
            return False
        await self.look_around()
        try:
            return await self._views.update(await self.form(draft, showing), view_id=target, seen=seen)
        except ViewChanged:
            draft = await self._service.draft(draft.id)
            return await self._views.update(await self.form(draft, showing), view_id=target)

    async def complete_form(self, filled: Draft, showing: Showing = PLAINLY, *, view_id: str) -> None:
        """What was not known when the form was filled is known now, and shown if it changes the form."""
        before = self._connections.known()
        after = await self._connections.overview()
        read = await self.read_flows(filled.gong_id)
        changed = before is None or before.connections != after.connections
        if changed or read:
            draft = await self._service.draft(filled.id)
            if changed or draft.flow is not None:
                await self.show_form(draft, showing, view_id=view_id)

    async def read_all(self) -> None:
        """The connections are in memory, and the flows of each that works."""
        overview = await self._connections.overview()
        for gong in overview.of(Kind.GONG):
            await self.read_flows(gong.id)

    async def read_flows(self, gong_id: str = "", *, anew: bool = False, asked: bool = False) -> bool:
        """True when the flows of this Gong connection, or of the one the form begins with, were read again.

        Whoever is `asked` for a flow was shown a Gong that works, even if this process has not heard of it yet.
        """
        known = self._connections.known()
        if known is None or not known.reachable:
            await self._connections.overview()
        gong = compose.chosen(_of(self._connections.known(), Kind.GONG), gong_id)
        if asked and (gong is None or not gong.healthy):
            # Where many processes share the work, the one that saw the consent given is another one.
            await self._connections.overview(fresh=True)
            gong = compose.chosen(_of(self._connections.known(), Kind.GONG), gong_id)
        if gong is None or not gong.healthy or not (anew or self._flows.stale(gong.id)):
            return False
        try:
            await self._flows.refresh(gong.id)
        except PolytomicError as error:
            self._log.warning("flows.unread", call=error.call, kind=type(error).__name__)
            return False
        return True

    def gong_id(self, picked: str) -> str:
        """The Gong connection that a form with this one picked would use; empty when none is known."""
        gong = compose.chosen(_of(self._connections.known(), Kind.GONG), picked)
        return gong.id if gong is not None else ""

    def out_of_reach(self) -> bool:
        """True when nobody can say what is connected, because Polytomic did not answer."""
        overview = self._connections.known()
        return overview is None or not (overview.reachable or overview.connections)

    def connection(self, connection_id: str) -> Connection | None:
        """The connection with this id, as last read."""
        overview = self._connections.known()
        found = [one for one in (overview.connections if overview else ()) if one.id == connection_id]
        return found[0] if found else None

    # -- connecting

    async def connect_view(
        self,
        kind: Kind,
        person: Person,
        *,
        draft_id: str = "",
        ended: Consent | None = None,
        asked_operator: bool = False,
    ) -> View:
        """V2 or V3 as a view of its own, from what is known."""
        facts = connect.Facts(
            viewer_id=person.user_id,
            connections=_of(self._connections.known(), kind),
            consent=(await self._consents(person.team_id, ended)).get(kind),
            may_connect=person.operator or (kind is Kind.GONG and person.may_enroll),
            operators=self._operators,
            asked_operator=asked_operator,
            composing=bool(draft_id),
        )
        if kind is Kind.GONG:
            return connect.gong_view(facts, draft_id)
        return connect.snowflake_view(facts, draft_id)

    async def show_consent(self, consent: Consent, askers: Askers) -> frozenset[str]:
        """The open views that wait for this consent show how it stands; says whose they are."""
        if consent.state is ConsentState.CONNECTED:
            await self._connections.overview(fresh=True)
            await self.read_flows(consent.connection_id if consent.service is Kind.GONG else "", anew=True)
        seen_by = {user for user, draft_id in askers if await self._heard(consent, self._follow(consent, draft_id))}
        if consent.view_id and await self._heard(consent, self._show_consent(consent, consent.view_id)):
            seen_by.add(consent.user_id)
        return frozenset(seen_by)

    async def _heard(self, consent: Consent, shown: Awaitable[bool]) -> bool:
        """Whether it was shown; one view that Slack does not update keeps nobody else from seeing theirs."""
        try:
            return await shown
        except slack_answers.UNANSWERED as error:
            self._log.warning("consent.unshown", consent=consent.id, slack_error=slack_answers.code(error))
            return False

    async def _follow(self, consent: Consent, draft_id: str) -> bool:
        """True when the open form of this draft goes on by itself now that somebody else's consent has ended."""
        draft = await self._draft(draft_id)
        return draft is not None and await self.show_form(draft, Showing(ended=consent))

    async def _show_consent(self, consent: Consent, view_id: str) -> bool:
        draft = await self._draft(consent.draft_id)
        if draft is not None and draft.view_id == view_id:
            return await self.show_form(draft, Showing(ended=consent))
        person = await self._rights(consent.team_id, consent.user_id)
        view = await self.connect_view(consent.service, person, draft_id=consent.draft_id or "", ended=consent)
        return await self._views.update(view, view_id=view_id)

    # -- facts

    async def look_around(self, *, flows_of: str | None = None) -> None:
        """The connections are known, if reading them takes no longer than a person waits; with these flows, all anew.

        What is missing is never taken from memory: it may have been connected at another process a moment ago.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._connections.overview(fresh=flows_of is not None or self._lacking())
                if flows_of is not None:
                    await self.read_flows(flows_of, anew=True)

    def _lacking(self) -> bool:
        overview = self._connections.known()
        return not all(any(one.healthy for one in _of(overview, kind)) for kind in Kind)

    async def _consents(self, team_id: str, ended: Consent | None) -> dict[Kind, Consent]:
        """Those that are pending, and the one that ended just now in the place of its like."""
        pending = await self._connections.all_pending(team_id)
        return pending if ended is None else {**pending, ended.service: ended}

    def _listed(self, gong: Connection, draft: Draft) -> bool:
        if draft.flow is None or not self._flows.knows(gong.id):
            return True
        return self._flows.get(gong.id, draft.flow.id) is not None

    def _flow_text(self, gong: Connection | None, draft: Draft) -> str:
        """How the picker told the draft's flow apart from others of its name; empty when its name was enough."""
        matches = self._flows.search(gong.id, draft.flow.name) if gong is not None and draft.flow is not None else None
        if matches is None or draft.flow is None:
            return ""
        texts = zip(matches.flows, flow_options.texts(matches.flows), strict=True)
        return next((text for flow, text in texts if flow.id == draft.flow.id), "")

    async def _draft(self, draft_id: str | None) -> Draft | None:
        if not draft_id:
            return None
        try:
            return await self._service.draft(draft_id)
        except DraftExpired:
            return None


def _of(overview: Overview | None, kind: Kind) -> tuple[Connection, ...]:
    return overview.of(kind) if overview is not None else ()
