"""Enrollments that somebody confirmed a moment ago, as rows of the bot's database, due now: what `confirm` writes.

The first row and its fingerprint are made by the bot's own code, so that its gate finds what was confirmed.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import insert

from bot.enrollment import fingerprints, making, names, query, wanted
from bot.enrollment.making import Review
from bot.enrollment.model.checks import Check, CheckState, Contact, Funnel, Preflight
from bot.enrollment.model.drafts import PostTo
from bot.enrollment.model.enrollments import Outcome
from bot.enrollment.model.flows import Flow
from bot.sandbox.town import Town
from bot.store import checks, enrollments, messages, rows, tables
from bot.store.session import Database
from tests.bench.crowd import People
from tests.scenario import doing
from tests.unit import stored

_COLUMN = "CONTACT_ID"


async def add(town: Town, db: Database, asked: Sequence[People]) -> None:
    """There is an enrollment of each of these, and nothing has been done for it yet."""
    now = datetime.now(UTC)
    made = [(_check(town, people, now), people) for people in asked]
    async with db.begin() as s:
        for check, people in made:
            draft = stored.draft(names.enrollment_id(), origin_channel_id="C0REVOPS")
            review = Review((), PostTo.HERE, "C0REVOPS")
            found = making.enrollment(draft, check, _preflight(people), review, now, batch_size=1_000)
            await checks.add(s, check)
            await s.execute(insert(tables.contacts), _listed(check, people))
            await enrollments.add(s, found)
            await messages.want(s, wanted.living(found, now))


def _check(town: Town, people: People, now: datetime) -> Check:
    snowflake, gong = (
        next(one.id for one in town.polytomic.connections if one.type == kind) for kind in ("snowflake", "gong")
    )
    flow = town.polytomic.gong.flow_named(doing.FLOW)
    guarded = query.guard(people.query, max_bytes=sys.maxsize)
    return stored.check(
        names.row_id(),
        state=CheckState.DONE,
        sql=guarded.text,
        query_hash=fingerprints.of_query(guarded.normalized),
        snowflake_id=snowflake,
        gong_id=gong,
        flow=Flow(flow.id, flow.name),
        created_at=now,
        ended_at=now,
        due_at=None,
    )


def _preflight(people: People) -> Preflight:
    return Preflight(
        funnel=Funnel(rows=len(people.ids), left_out=(), will_enroll=len(people.ids)),
        columns=(_COLUMN,),
        id_column=_COLUMN,
        kinds=(),
        sample_columns=(),
        sample=(),
        blanks=(),
        digest=fingerprints.of_list((one, one) for one in people.ids),
    )


def _listed(check: Check, people: People) -> list[dict[str, object]]:
    same = {"check_id": check.id, "team_id": stored.TEAM, "outcome": Outcome.PENDING, "message": ""}
    return [same | rows.values(Contact(position, one, one)) for position, one in enumerate(people.ids)]
