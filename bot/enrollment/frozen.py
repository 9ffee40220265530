"""Whether an enrollment is still the request that was confirmed: its fingerprint, computed anew from its rows.

A list of a hundred thousand is a third of a second of work, and goes in a hundred batches. So a whole look counts for a
few minutes, in which only those are looked at again who go next; what else decides is looked at each time.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.enrollment import fingerprints, query
from bot.enrollment.model.clock import Clock
from bot.enrollment.model.enrollments import Enrollment
from bot.errors import QueryRefused
from bot.store import contacts
from bot.store.session import Database

_COUNTS = timedelta(minutes=10)
# Reading a piece holds the event loop for a few milliseconds, and the database for one short transaction.
_PIECE = 1_000
_NO_END = 2**31 - 1  # PostgreSQL knows no larger position.
_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class _Looked:
    """What a whole look has seen: the query, the list, and the list's pieces, each as its hash."""

    sql: str
    query_hash: str
    listed: str
    pieces: tuple[str, ...]
    at: datetime


class Frozen:
    """Looks at lists, and knows for a few minutes what they were like; a process that starts knows nothing."""

    def __init__(self, db: Database, *, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._looked: dict[str, _Looked] = {}

    async def as_confirmed(self, enrollment: Enrollment) -> bool:
        """True when the people of the next batch would be enrolled in the same way as was confirmed, and approved.

        And everybody else too, as of some minutes ago.
        """
        if not enrollment.fingerprint:
            # Confirmed before there were fingerprints; but nobody's word was ever given without one.
            return enrollment.terms is None
        known = self._looked.get(enrollment.check_id)
        if known is None or not await self._still(known, enrollment):
            known = await self._look(enrollment)
        return known is not None and _fingerprint(enrollment, known) == enrollment.fingerprint

    async def of(self, enrollment: Enrollment) -> str:
        """The fingerprint of the enrollment as its rows are now; empty when its query is one that may not be run."""
        looked = await self._look(enrollment)
        return _fingerprint(enrollment, looked) if looked is not None else ""

    async def _still(self, known: _Looked, enrollment: Enrollment) -> bool:
        """True when this was seen lately, and those who go next are the ones that were seen."""
        if known.sql != enrollment.sql or not known.at <= self._clock() < known.at + _COUNTS:
            return False
        first, end = enrollment.slice(enrollment.batch)
        for place, piece in enumerate(_pieces(enrollment)):
            meets = piece[0] < end and first < piece[1]
            if meets and known.pieces[place : place + 1] != (
                fingerprints.of_list(await self._read(enrollment, piece)),
            ):
                return False
        return True

    async def _look(self, enrollment: Enrollment) -> _Looked | None:
        """Everything, piece by piece; None when the query is one that may not be run."""
        query_hash = _query_hash(enrollment.sql)
        if not query_hash:
            return None
        at, digest, pieces = self._clock(), fingerprints.ListDigest(), []
        for piece in _pieces(enrollment):
            people = await self._read(enrollment, piece)
            digest.add(people)
            pieces.append(fingerprints.of_list(people))
        looked = _Looked(enrollment.sql, query_hash, digest.hexdigest(), tuple(pieces), at)
        self._looked.pop(enrollment.check_id, None)
        self._looked[enrollment.check_id] = looked
        if len(self._looked) > _REMEMBERED:
            del self._looked[next(iter(self._looked))]
        return looked

    async def _read(self, enrollment: Enrollment, piece: contacts.Slice) -> list[tuple[str, str]]:
        async with self._db.begin() as s:
            return await contacts.listed(s, enrollment.check_id, piece)


def _pieces(enrollment: Enrollment) -> Iterator[contacts.Slice]:
    """The list in pieces. The last one has no end: whoever was added to the list is seen."""
    last = max(enrollment.tally.total - 1, 0) // _PIECE * _PIECE
    for first in range(0, last, _PIECE):
        yield first, first + _PIECE
    yield last, _NO_END


def _query_hash(sql: str) -> str:
    try:
        # Its length was judged when it was checked, and the setting may be another one by now.
        return fingerprints.of_query(query.guard(sql, max_bytes=sys.maxsize).normalized)
    except QueryRefused:
        return ""


def _fingerprint(enrollment: Enrollment, looked: _Looked) -> str:
    return fingerprints.fingerprint(
        query_hash=looked.query_hash,
        snowflake_id=enrollment.snowflake_id,
        gong_id=enrollment.gong_id,
        flow_id=enrollment.flow.id,
        id_column=enrollment.id_column,
        mappings=enrollment.mappings,
        listed=looked.listed,
    )
