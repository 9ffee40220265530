"""Whether an enrollment is still the request that was confirmed: its fingerprint, computed anew from its rows."""

import sys

from bot.enrollment import fingerprints, query
from bot.enrollment.model.enrollments import Enrollment
from bot.errors import QueryRefused
from bot.store import contacts
from bot.store.session import Transaction


async def of_enrollment(s: Transaction, enrollment: Enrollment) -> str:
    """The fingerprint of the enrollment as its rows are now; empty when its query is one that may not be run."""
    try:
        # Its length was judged when it was checked, and the setting may be another one by now.
        guarded = query.guard(enrollment.sql, max_bytes=sys.maxsize)
    except QueryRefused:
        return ""
    digest = fingerprints.ListDigest()
    async for people in contacts.listed(s, enrollment.check_id):
        digest.add(people)
    return fingerprints.fingerprint(
        query_hash=fingerprints.of_query(guarded.normalized),
        snowflake_id=enrollment.snowflake_id,
        gong_id=enrollment.gong_id,
        flow_id=enrollment.flow.id,
        id_column=enrollment.id_column,
        mappings=enrollment.mappings,
        listed=digest.hexdigest(),
    )


async def as_confirmed(s: Transaction, enrollment: Enrollment) -> bool:
    """True when the same people would be enrolled in the same way as was confirmed, and approved."""
    if not enrollment.fingerprint:
        # Confirmed before there were fingerprints; but nobody's word was ever given without one.
        return enrollment.terms is None
    return await of_enrollment(s, enrollment) == enrollment.fingerprint
