"""Two processes at once on PostgreSQL: whatever both ask for is done once, and both get it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import pytest

from bot.enrollment import wanted
from bot.enrollment.confirming import Confirming
from bot.enrollment.connections import Connections
from bot.enrollment.limits import Limits
from bot.enrollment.making import Review
from bot.enrollment.model.checks import CheckState, Contact, CrmKind, Funnel, LeftOut, LeftOutRow, Preflight
from bot.enrollment.model.connections import Service as Kind
from bot.enrollment.model.drafts import DraftEdit, DraftStatus, PostTo
from bot.enrollment.model.messages import MessageKind
from bot.enrollment.model.people import Person, Standing
from bot.enrollment.model.policies import Policy
from bot.enrollment.policing import Policing
from bot.enrollment.service import Service
from bot.store import check_views, checks, consents, contacts, drafts, enrollments, homes, messages
from bot.store.session import Database
from tests.postgresql import Server
from tests.unit import stored
from tests.unit.stored import NOW, REQUESTER, TEAM

ROUNDS = 10
RINA = Person(TEAM, REQUESTER, Standing.ALLOWED)
REVIEW = Review(mappings=(), post_to=PostTo.HERE, channel_id="C0REVOPS")
LIMITS = Limits()
T = TypeVar("T")


@dataclass
class Web:
    """What one web process has: a connection pool of its own, and the verbs over it."""

    db: Database

    def __post_init__(self) -> None:
        self.service = Service(self.db, clock=_now, limits=LIMITS, nudge=_unheard)
        policy = Policy(enroll=tuple(f"U{number}" for number in range(ROUNDS)))
        self.confirming = Confirming(
            self.db,
            clock=_now,
            limits=LIMITS,
            nudge=_unheard,
            flow_gone=lambda *_: False,
            policing=Policing(policy, self.db, members=_themselves, clock=_now),
            named=_unnamed,
        )
        self.connections = Connections(
            self.db,
            None,  # type: ignore[arg-type]  # nothing here asks Polytomic
            clock=_now,
            limits=LIMITS,
            nudge=_unheard,
            operators=_nobody,
        )


@pytest.fixture
async def webs(postgresql: Server) -> AsyncIterator[tuple[Web, Web]]:
    """Two web processes over one database."""
    url = postgresql.url()
    one, two = Web(Database(url)), Web(Database(url))
    yield one, two
    await one.db.close()
    await two.db.close()


@pytest.mark.slow
async def test_one_draft_confirmed_twice_is_one_enrollment(webs: tuple[Web, Web]) -> None:
    """Both devices are told of the same one, and one of them that it was there before."""
    for number in range(ROUNDS):
        who = replace(RINA, user_id=f"U{number}")
        draft_id, check_id = await _checked(webs[0], who, number)

        async def confirm(web: Web, draft_id: str = draft_id, check_id: str = check_id, who: Person = who) -> bool:
            confirmed = await web.confirming.confirm(draft_id, check_id, who, REVIEW)
            assert draft_id == confirmed.enrollment.id
            return confirmed.again

        assert [False, True] == sorted(await _both(webs, confirm))
        async with webs[0].db.begin() as s:
            living = await messages.by_cause(s, f"living:{draft_id}")
            assert await enrollments.get(s, draft_id) is not None
        assert living is not None
        assert 1 == living.wanted_revision


async def test_two_commands_open_one_draft(webs: tuple[Web, Web]) -> None:
    """The person's one draft, with what was typed after either."""
    for number in range(ROUNDS):
        who = replace(RINA, user_id=f"U{number}")

        async def begin(web: Web, who: Person = who) -> str:
            return (await web.service.begin(who, sql="SELECT contact_id FROM contacts")).draft.id

        first, second = await _both(webs, begin)
        assert first == second


async def test_a_draft_started_over_twice_is_one_new_draft(webs: tuple[Web, Web]) -> None:
    """The second press finds the draft gone, as a late one does."""
    for number in range(ROUNDS):
        who = replace(RINA, user_id=f"U{number}")
        old = (await webs[0].service.begin(who)).draft

        async def start_over(web: Web, old_id: str = old.id, who: Person = who) -> str:
            return (await web.service.start_over(old_id, who)).id

        fresh = await asyncio.gather(*(start_over(web) for web in webs), return_exceptions=True)
        assert ["DraftExpired", "str"] == sorted(type(one).__name__ for one in fresh)


async def test_of_two_checks_of_one_draft_one_runs(webs: tuple[Web, Web]) -> None:
    """They have numbers of their own, so no two views have one address; the earlier one is abandoned."""
    for number in range(ROUNDS):
        who = replace(RINA, user_id=f"U{number}")
        draft = await _filled(webs[0], who)

        async def check(web: Web, who: Person = who, draft_id: str = draft) -> str:
            return (await web.service.check(await web.service.draft(draft_id), who, snowflake_name="")).id

        made = await _both(webs, check)
        async with webs[0].db.begin() as s:
            kept = [await checks.get(s, check_id) for check_id in made]
            latest = await drafts.get(s, draft)
        states = {one.number: (one.state, one.id) for one in kept if one is not None}
        assert latest is not None
        assert {1: CheckState.ABANDONED, 2: CheckState.RUNNING} == {key: state for key, (state, _) in states.items()}
        assert latest.check_id == states[2][1]


async def test_two_who_connect_at_once_share_one_consent(webs: tuple[Web, Web]) -> None:
    """It is the later one's, and the earlier one hears how it ends."""
    for number in range(ROUNDS):
        team = f"T{number}"

        async def connect(web: Web, team: str = team) -> str:
            who = Person(team, "U0ONE" if web is webs[0] else "U0TWO", Standing.ALLOWED)
            return (await web.connections.connect(who, Kind.GONG, draft_id=f"E-{who.user_id}", view_id="V1")).id

        first, second = await _both(webs, connect)
        assert first == second
        async with webs[0].db.begin() as s:
            consent = await consents.get(s, first)
            assert consent is not None
            waits = await consents.askers(s, consent)
        assert {"U0ONE", "U0TWO"} == {consent.user_id, *(user for user, _ in waits)}


async def test_what_two_keep_at_once_is_kept_once(webs: tuple[Web, Web]) -> None:
    """A message's cause, an open Home, a check's view, somebody who waits."""
    async with webs[0].db.begin() as s:
        await consents.add(s, stored.consent())
    for number in range(ROUNDS):
        check = stored.check(f"check {number}")
        row = wanted.message(MessageKind.CHECK_DONE, team_id=TEAM, subject_id=check.id, channel=REQUESTER, now=NOW)
        async with webs[0].db.begin() as s:
            await checks.add(s, check)

        async def keep(web: Web, number: int = number, check: object = check, row: object = row) -> bool:
            async with web.db.begin() as s:
                await homes.opened(s, TEAM, f"U{number}", NOW)
                await check_views.left_out_sent(s, check)  # type: ignore[arg-type]
                await consents.add_asker(s, "consent", TEAM, f"U{number}", "E-1")
                return await messages.want(s, row)  # type: ignore[arg-type]

        assert [False, True] == sorted(await _both(webs, keep))


async def test_two_who_edit_one_draft_lose_nothing(webs: tuple[Web, Web]) -> None:
    """Each names what it changes, and the revision counts both."""
    draft = (await webs[0].service.begin(RINA)).draft
    for number in range(ROUNDS):

        async def edit(web: Web, number: int = number) -> int:
            change = DraftEdit(sql=f"{number}") if web is webs[0] else DraftEdit(gong_id=f"{number}")
            return (await web.service.edit(draft.id, change)).revision

        await _both(webs, edit)
        now = await webs[0].service.draft(draft.id)
        assert (f"{number}", f"{number}", draft.revision + 2 * (number + 1)) == (now.sql, now.gong_id, now.revision)


async def test_no_character_keeps_a_row_from_being_kept(webs: tuple[Web, Web]) -> None:
    """PostgreSQL takes no NUL and nobody a lone surrogate: they stand as the sign for a character that is lost."""
    odd = "a\x00b\ud800c"
    async with webs[0].db.begin() as s:
        await drafts.add(s, stored.draft(sql=odd, file_sql=odd, file_name=odd))
        ended = stored.check(sql=odd, preflight=_preflight(odd), state=CheckState.DONE)
        await checks.add(s, ended)
        await contacts.save(s, ended.id, [Contact(0, odd, "003A")], [LeftOutRow(LeftOut.NOT_A_CONTACT_ID, odd, odd)])
    async with webs[0].db.begin() as s:
        draft, check = await drafts.get(s, stored.draft().id), await checks.get(s, ended.id)
        left_out = await contacts.left_out(s, ended.id)
    assert draft is not None
    assert check is not None
    assert check.preflight is not None
    assert ("a\ufffdb\ufffdc",) * 3 == (draft.sql, check.sql, left_out[0].contact_id)


async def _both(webs: tuple[Web, Web], do: Callable[[Web], Awaitable[T]]) -> tuple[T, T]:
    one, two = await asyncio.gather(*(do(web) for web in webs))
    return one, two


async def _filled(web: Web, who: Person) -> str:
    draft = (await web.service.begin(who)).draft
    edit = DraftEdit(sql="SELECT contact_id FROM contacts", flow=stored.FLOW, gong_id="gong", snowflake_id="snowflake")
    return (await web.service.edit(draft.id, edit)).id


async def _checked(web: Web, who: Person, number: int) -> tuple[str, str]:
    draft_id = await _filled(web, who)
    done = stored.check(
        f"check {number}",
        user_id=who.user_id,
        draft_id=draft_id,
        state=CheckState.DONE,
        query_hash="hash",
        preflight=_preflight("003A"),
        created_at=_now(),
    )
    async with web.db.begin() as s:
        await checks.add(s, done)
        await drafts.set_check(s, draft_id, done.id, 1)
        assert DraftStatus.OPEN is (await drafts.edit(s, draft_id, DraftEdit(view_id="V1"), _now())).status
    return draft_id, done.id


def _preflight(value: str) -> Preflight:
    return Preflight(
        funnel=Funnel(rows=1, left_out=(), will_enroll=1),
        columns=("CONTACT_ID",),
        id_column="CONTACT_ID",
        kinds=((CrmKind.SALESFORCE_CONTACT, 1),),
        sample_columns=("CONTACT_ID",),
        sample=((value,),),
        blanks=(),
        digest="digest",
    )


def _now() -> datetime:
    return NOW


def _unheard(_chore: str, _row_id: str) -> None:
    return


async def _themselves(ids: Collection[str]) -> frozenset[str]:
    return frozenset(ids)


async def _unnamed(_ids: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return ()


async def _nobody() -> tuple[str, ...]:
    return ()
