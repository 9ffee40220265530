"""`receipt` and `receipts verify`: what enrollments came to, read from the database alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.config import Settings
from bot.enrollment import receipts as rules
from bot.enrollment.receipts import Flaw, Wrong
from bot.errors import ImpossibleRow, Misconfigured
from bot.store import address, enrollments, receipts, schema
from bot.store.session import Database
from bot.views import receipt as views
from bot.views import words


async def show(settings: Settings, enrollment_id: str, *, as_json: bool) -> int:
    """The receipt of this enrollment is printed; 1 when there is none, with the reason."""
    try:
        async with _opened(settings) as db, db.begin() as s:
            receipt = await receipts.get(s, enrollment_id)
            known = await enrollments.get(s, enrollment_id) if receipt is None else None
    except ImpossibleRow as error:
        print(f"The row of {words.data(enrollment_id, 40)} cannot be right: {error.why}.")
        return 1
    if receipt is not None:
        print(views.as_json(receipt) if as_json else "\n".join(views.lines(receipt, {})))
        return 0
    if known is None:
        print(f"I know no enrollment {words.data(enrollment_id, 40)}.")
    elif known.ended_at is None:
        print(f"{known.id} has not ended. Its receipt is written at its end.")
    else:
        print(f"{known.id} has no receipt. Whether one is missing says: python -m bot receipts verify")
    return 1


async def verify(settings: Settings) -> int:
    """Every chain was followed from its first entry to its end; 1 when anything is missing or was altered."""
    count, flaws = 0, list[Flaw]()
    async with _opened(settings) as db, db.begin() as s:
        for team_id in await receipts.teams(s):
            entries = await receipts.all(s, team_id)
            count += len(entries)
            flaws += rules.verify(entries, await receipts.chain(s, team_id), await receipts.owed(s, team_id))
    for flaw in flaws:
        print(_said(flaw))
    state = f"broken: {words.count(len(flaws), 'flaw')}" if flaws else "unbroken"
    print(f"{words.count(count, 'receipt')}, {state}.")
    return 1 if flaws else 0


def _said(flaw: Flaw) -> str:
    which = f"Entry {words.number(flaw.first)}" if flaw.first else "An entry"
    of = f" ({words.data(flaw.enrollment_id, 40)})" if flaw.enrollment_id else ""
    match flaw.wrong:
        case Wrong.MISSING if flaw.first != flaw.last:
            return f"Entries {words.number(flaw.first)} to {words.number(flaw.last)} are missing."
        case Wrong.MISSING:
            return f"{which} is missing."
        case Wrong.ALTERED:
            return f"{which}{of} was altered."
        case Wrong.OUT_OF_PLACE:
            return f"{which}{of} does not follow on the one before: one of the two was replaced or moved."
        case Wrong.END:
            return f"{which} is not the end of its chain: the end was altered, or later entries are missing."
        case Wrong.NEVER_WRITTEN:
            return f"{words.data(flaw.enrollment_id, 40)} has ended, and its receipt is missing."


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Database]:
    """The database, beside whoever uses it. Raises Misconfigured when it is not there or has other tables."""
    url = settings.database_url
    if not address.is_postgresql(url) and not address.sqlite_file(url).exists():
        raise Misconfigured(address.SETTING, f"DATABASE_URL names {address.sqlite_file(url)}, which is not there yet.")
    db = Database(url)
    try:
        with schema.told(url):
            if not await schema.is_current(db):
                raise Misconfigured(address.SETTING, "The database is of another version. Run: python -m bot migrate.")
        yield db
    finally:
        await db.close()
