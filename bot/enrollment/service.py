"""The use cases of a conversation, as verbs: begin, edit, check, and what is asked on the way.

Every verb is at most one short local transaction; whatever takes longer is a row that the runner brings on
(`checking`, `advance`, `connections`). A review is confirmed by `confirming`. Nothing here knows Slack, HTTP or SQL.
"""

from dataclasses import dataclass, replace

from bot.enrollment import chores, making, query, rules, states, wanted
from bot.enrollment.chores import Nudge
from bot.enrollment.limits import Limits
from bot.enrollment.model.checks import Check
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.drafts import Draft, DraftEdit, DraftStatus
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Person, Standing
from bot.errors import FlowNotFound, NotAllowed
from bot.store import checks, drafts, enrollments, messages
from bot.store.session import Database

_LAST_USED = 10


@dataclass(frozen=True, slots=True)
class Begun:
    """The draft that a form shows. `restored` when it held something; `sql_ignored` when a typed query lost to it."""

    draft: Draft
    restored: bool = False
    sql_ignored: bool = False


class Service:
    """The verbs over one store."""

    def __init__(
        self,
        db: Database,
        *,
        clock: Clock,
        limits: Limits,
        nudge: Nudge,
    ) -> None:
        self._db = db
        self._clock = clock
        self._limits = limits
        self._nudge = nudge
        self._last_used: dict[tuple[str, str], tuple[str, ...]] = {}

    # -- the draft

    async def begin(
        self,
        person: Person,
        *,
        origin_channel_id: str = "",
        origin_channel_name: str = "",
        response_url: str = "",
        sql: str = "",
        view_id: str | None = None,
    ) -> Begun:
        """The person's one open draft, made if there was none; it remembers where it was asked for and shown last."""
        rules.demand(person)
        now = self._clock()
        async with self._db.begin() as s:
            draft = await drafts.opened(s, making.draft(person, now))
            restored = not draft.empty
            sql_ignored = bool(sql) and restored and bool(draft.query.strip()) and draft.query.strip() != sql.strip()
            asked_from = DraftEdit(
                origin_channel_id=origin_channel_id,
                origin_channel_name=origin_channel_name,
                response_url=response_url,
                view_id=view_id,
            )
            draft = await drafts.edit(s, draft.id, asked_from, now)
            if sql and not sql_ignored:
                draft = await drafts.edit(s, draft.id, making.typed_after_the_command(sql), now)
            recent = await enrollments.of_requester(s, person.team_id, person.user_id, _LAST_USED)
        self._last_used[person.team_id, person.user_id] = tuple(enrollment.flow.id for enrollment in recent)
        return Begun(draft, restored=restored, sql_ignored=sql_ignored)

    def last_used(self, team_id: str, user_id: str) -> tuple[str, ...]:
        """The ids of the flows that this person enrolled into lately, as known since their form was opened."""
        return self._last_used.get((team_id, user_id), ())

    async def draft(self, draft_id: str) -> Draft:
        """The draft while it is open; raises DraftExpired afterwards."""
        async with self._db.begin() as s:
            return rules.still_open(draft_id, await drafts.get(s, draft_id))

    async def checked(self, draft_id: str) -> tuple[Draft, Check | None]:
        """The same, with its newest check, if it has one."""
        async with self._db.begin() as s:
            draft = rules.still_open(draft_id, await drafts.get(s, draft_id))
            return draft, await checks.get(s, draft.check_id)

    async def open_draft(self, team_id: str, user_id: str) -> Draft | None:
        """The person's open draft, or None."""
        async with self._db.begin() as s:
            return await drafts.open_draft(s, team_id, user_id)

    async def edit(self, draft_id: str, edit: DraftEdit) -> Draft:
        """The draft with this edit kept; raises DraftExpired when it is no longer open."""
        async with self._db.begin() as s:
            return await drafts.edit(s, draft_id, edit, self._clock())

    async def start_over(self, draft_id: str, person: Person) -> Draft:
        """An empty draft with a new id; the old one is removed."""
        rules.demand(person)
        now = self._clock()
        async with self._db.begin() as s:
            old = rules.still_open(draft_id, await drafts.current(s, draft_id))
            await checks.abandon(s, draft_id, now)
            await drafts.close(s, draft_id, DraftStatus.REMOVED, now)
            return await drafts.opened(s, making.empty_again(old, person, now))

    async def reopen(self, enrollment_id: str, person: Person) -> Draft:
        """A draft with the query and the flow of an ended enrollment, under a new id.

        An open draft that holds something is kept and returned instead: nothing typed is lost.
        """
        rules.demand(person)
        now = self._clock()
        async with self._db.begin() as s:
            old = await enrollments.get(s, enrollment_id)
            if old is None or old.requester_id != person.user_id or old.team_id != person.team_id:
                raise NotAllowed("people", Standing.NOT_LISTED)
            present = await drafts.current_open(s, person.team_id, person.user_id)
            if present is not None and present.empty:
                await drafts.close(s, present.id, DraftStatus.REMOVED, now)
            return await drafts.opened(s, making.draft_of(old, person, now))

    # -- the check

    async def check(self, draft: Draft, person: Person, *, snowflake_name: str) -> Check:
        """A running check of exactly this draft, which the runner takes up at once.

        What is checked is what was submitted, whatever older keystroke is saved meanwhile. Raises NotAllowed,
        DraftExpired, QueryRefused, and FlowNotFound when no flow is chosen.
        """
        rules.demand(person)
        rules.demand_own(draft, person)
        now = self._clock()
        guarded = query.guard(draft.query, max_bytes=self._limits.query_bytes)
        if draft.flow is None:
            raise FlowNotFound("")
        async with self._db.begin() as s:
            tries = rules.still_open(draft.id, await drafts.current(s, draft.id)).tries
            check = making.check(replace(draft, tries=tries), draft.flow, guarded, snowflake_name, now)
            await checks.abandon(s, draft.id, now)
            await checks.add(s, check)
            await drafts.set_check(s, draft.id, check.id, check.number)
        self._nudge(chores.CHECK, check.id)
        return check

    async def abandon_check(self, draft_id: str) -> None:
        """No check of this draft runs any more; late answers are dropped."""
        async with self._db.begin() as s:
            await checks.abandon(s, draft_id, self._clock())

    async def get_check(self, check_id: str) -> Check | None:
        """The check as it stands."""
        async with self._db.begin() as s:
            return await checks.get(s, check_id)

    # -- the enrollment

    async def get(self, enrollment_id: str) -> Enrollment | None:
        """The enrollment with this id, or None."""
        async with self._db.begin() as s:
            return await enrollments.get(s, enrollment_id)

    async def recent(self, person: Person, limit: int = 10) -> list[Enrollment]:
        """The person's enrollments, open ones first, newest first."""
        async with self._db.begin() as s:
            found = await enrollments.of_requester(s, person.team_id, person.user_id, limit)
        return sorted(found, key=lambda enrollment: enrollment.state in states.ENDED)

    # -- files

    async def want_left_out(self, check_id: str, person: Person, *, pressed: str) -> None:
        """The left-out file is on its way to whoever asked for the check; nobody else can ask for it."""
        async with self._db.begin() as s:
            check = await checks.get(s, check_id)
            if check is None or check.user_id != person.user_id or check.team_id != person.team_id:
                return
            message = wanted.left_out_file(check, self._clock(), pressed=pressed)
            await messages.want(s, message)
        self._nudge(chores.MESSAGE, message.id)

    async def want_refused(self, enrollment_id: str, person: Person, *, pressed: str) -> Enrollment | None:
        """The refused file is on its way to the person; raises NotAllowed for others than requester and operators."""
        async with self._db.begin() as s:
            enrollment = await enrollments.get(s, enrollment_id)
            if enrollment is None or enrollment.team_id != person.team_id:
                return None
            rules.demand_mine(enrollment, person)
            message = wanted.refused_file(enrollment, person.user_id, self._clock(), pressed=pressed)
            await messages.want(s, message)
        self._nudge(chores.MESSAGE, message.id)
        return enrollment
