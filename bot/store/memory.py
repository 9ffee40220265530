"""Who was enrolled when, by what, into which flow, remembered after the lists are gone: as salted hashes of their ids.

A hash tells whether a person whom somebody names was enrolled; it does not tell who was. The team's salt is made when
it is needed first; without it no list of ids can be held against the hashes.
"""

import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.enrollment.model.checks import Collision
from bot.enrollment.model.enrollments import Enrollment
from bot.store import rows
from bot.store.guard_tables import remembered as table
from bot.store.guard_tables import salts
from bot.store.tables import enrollments

_SALT_BYTES = 32
_HASH_BYTES = 16


class Past(NamedTuple):
    """The latest enrollment of a person into one flow."""

    enrollment_id: str
    at: datetime


async def remember(s: AsyncConnection, enrollment: Enrollment, people: Iterable[str], at: datetime) -> None:
    """These people, by canonical id, may have been enrolled by this enrollment; once more is as once."""
    hashes = await _hashed(s, enrollment.team_id, people)
    await _forget(s, enrollment.id, hashes)
    same = {
        "enrollment_id": enrollment.id,
        "team_id": enrollment.team_id,
        "flow_id": enrollment.flow.id,
        "at": at,
    }
    for piece in rows.chunks(hashes):
        await s.execute(insert(table), [same | {"person": person} for person in piece])


async def forget(s: AsyncConnection, enrollment: Enrollment, people: Iterable[str]) -> None:
    """Nothing says that these people were enrolled by this enrollment."""
    await _forget(s, enrollment.id, await _hashed(s, enrollment.team_id, people))


async def lately(
    s: AsyncConnection, team_id: str, flow_id: str, people: Sequence[str], since: datetime
) -> dict[str, Past]:
    """Who of these people, by canonical id, was enrolled into this flow after then, and by what most recently."""
    hashes = await _hashed(s, team_id, people)
    named = dict(zip(hashes, people, strict=True))
    found: dict[str, Past] = {}
    for piece in rows.chunks(hashes):
        statement = (
            select(table.c.person, table.c.enrollment_id, table.c.at)
            .where(*_of(team_id, piece, since), table.c.flow_id == flow_id)
            .order_by(table.c.at, table.c.enrollment_id)
        )
        found |= {named[person]: Past(by, at) for person, by, at in await s.execute(statement)}
    return found


async def elsewhere(
    s: AsyncConnection, team_id: str, flow_id: str, people: Sequence[str], since: datetime
) -> Counter[str]:
    """By enrollment, how many of these people it enrolled into another flow than this one after then."""
    shares: Counter[str] = Counter()
    for piece in rows.chunks(await _hashed(s, team_id, people)):
        statement = (
            select(table.c.enrollment_id, func.count())
            .where(*_of(team_id, piece, since), table.c.flow_id != flow_id)
            .group_by(table.c.enrollment_id)
        )
        shares.update({row[0]: row[1] for row in await s.execute(statement)})
    return shares


async def told(s: AsyncConnection, shares: Counter[str], limit: int) -> tuple[Collision, ...]:
    """The enrollments with the largest shares: who asked for them, into which flow, and when they began."""
    largest = sorted(shares.items(), key=lambda share: (-share[1], share[0]))[:limit]
    statement = rows.selected(enrollments, Enrollment).where(enrollments.c.id.in_([by for by, _ in largest]))
    known = {one.id: one for one in await rows.readable(s, statement, Enrollment)}
    return tuple(
        Collision(by, contacts, one.requester_id, one.flow.name, one.started_at or one.created_at)
        for by, contacts in largest
        if (one := known.get(by))
    )


async def purge(s: AsyncConnection, before: datetime) -> int:
    """Nobody is remembered who was enrolled before then. Says how many were."""
    return await rows.changed(s, delete(table).where(table.c.at < before))


def _of(team_id: str, people: Sequence[bytes], since: datetime) -> tuple[ColumnElement[bool], ...]:
    return table.c.team_id == team_id, table.c.person.in_(people), table.c.at > since


async def _hashed(s: AsyncConnection, team_id: str, people: Iterable[str]) -> list[bytes]:
    salt = await _salt(s, team_id)
    return [hmac.digest(salt, person.encode(errors="replace"), "sha256")[:_HASH_BYTES] for person in people]


async def _salt(s: AsyncConnection, team_id: str) -> bytes:
    """The team's salt, which is made once: whoever makes it at the same time waits, and gets the other's."""
    statement = select(salts.c.salt).where(salts.c.team_id == team_id)
    known: bytes | None = (await s.execute(statement)).scalar()
    if known is not None:
        return known
    made = secrets.token_bytes(_SALT_BYTES)
    if await rows.added(s, salts, {"team_id": team_id, "salt": made}):
        return made
    others: bytes = (await s.execute(statement)).scalar_one()
    return others


async def _forget(s: AsyncConnection, enrollment_id: str, hashes: Sequence[bytes]) -> None:
    for piece in rows.chunks(hashes):
        await s.execute(delete(table).where(table.c.enrollment_id == enrollment_id, table.c.person.in_(piece)))
