"""App Home, published when somebody opens it and again when one of their rows changes."""

from collections.abc import Awaitable, Callable

from bot import slack_answers
from bot.enrollment.approving import Approvals
from bot.enrollment.connections import Connections
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.connections import Consent
from bot.enrollment.model.connections import Service as Kind
from bot.enrollment.model.people import Person, Standing
from bot.enrollment.service import Service
from bot.rights import SlackRights
from bot.slack_views import SlackViews
from bot.store import homes, stops
from bot.store.session import Database
from bot.views import connections as connection_lines
from bot.views import home

_SHOWN = 10
_STRANGERS = (Standing.GUEST, Standing.OUTSIDER, Standing.BOT, Standing.UNKNOWN)


class HomeScreen:
    """The Home of whoever has opened it, at any process; nobody else's is kept up to date."""

    def __init__(
        self,
        views: SlackViews,
        db: Database,
        *,
        service: Service,
        approvals: Approvals,
        connections: Connections,
        rights: SlackRights,
        link: Callable[[str], Awaitable[str]],
        clock: Clock,
    ) -> None:
        self._views = views
        self._db = db
        self._service = service
        self._approvals = approvals
        self._connections = connections
        self._rights = rights
        self._link = link
        self._clock = clock

    async def show(self, team_id: str, user_id: str, *, fresh: bool = False) -> None:
        """The person's Home shows how things stand now."""
        person = await self._rights(team_id, user_id)
        if person.standing in _STRANGERS:
            await self._views.publish(user_id, home.guest())
            return
        async with self._db.begin() as s:
            await homes.opened(s, team_id, user_id, self._clock())
        await self._views.publish(user_id, home.view(await self._facts(person, fresh=fresh)))

    async def refresh(self, team_id: str, user_id: str) -> None:
        """A Home that was opened before is up to date; what cannot be shown now is shown at the next change."""
        async with self._db.begin() as s:
            if not await homes.is_open(s, team_id, user_id):
                return
        try:
            await self.show(team_id, user_id)
        except slack_answers.UNANSWERED:
            return

    async def _facts(self, person: Person, *, fresh: bool) -> home.Facts:
        mine = await self._service.recent(person, _SHOWN)
        overview = await self._connections.overview(fresh=fresh)
        async with self._db.begin() as s:
            stop = await stops.standing(s, person.team_id)
        return home.Facts(
            now=self._clock(),
            enrollments=tuple(mine),
            links={one.id: await self._link(one.id) for one in mine},
            consents=await self._consents(person),
            approvals=tuple(await self._approvals.waiting_for(person.team_id, person.user_id)),
            stop=stop,
            connections=connection_lines.Facts(
                connections=overview.connections,
                reachable=overview.reachable,
                waiting=await self._connections.waiting_for_gong(person.team_id),
                may_connect_gong=person.may_enroll or person.operator,
                may_connect_snowflake=person.operator,
            ),
        )

    async def _consents(self, person: Person) -> tuple[Consent, ...]:
        pending = await self._connections.all_pending(person.team_id)
        return tuple(pending[kind] for kind in Kind if kind in pending and pending[kind].user_id == person.user_id)
