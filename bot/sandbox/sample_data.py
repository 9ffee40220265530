"""The rows of the sandbox's two CRM tables: the same on every machine, and as untidy as real ones.

Every number that is shown anywhere is counted from these rows, never written beside them.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache

from bot.sandbox.crm_ids import with_suffix

Row = dict[str, object]

SALESFORCE_COLUMNS = {
    "CONTACT_ID": "VARCHAR",
    "FIRST_NAME": "VARCHAR",
    "LAST_NAME": "VARCHAR",
    "EMAIL": "VARCHAR",
    "TITLE": "VARCHAR",
    "ACCOUNT_ID": "VARCHAR",
    "ACCOUNT": "VARCHAR",
    "COUNTRY": "VARCHAR",
    "OWNER_EMAIL": "VARCHAR",
    "SUBSCRIPTION_PLAN": "VARCHAR",
    "SEATS": "INTEGER",
    "ARR": "DECIMAL(12,2)",
    "OPTED_OUT": "BOOLEAN",
    "LAST_TOUCHED": "TIMESTAMP",
    "RENEWAL_DATE": "DATE",
    "PROPERTIES": "JSON",
}
HUBSPOT_COLUMNS = {
    "HS_OBJECT_ID": "VARCHAR",
    "EMAIL": "VARCHAR",
    "COMPANY": "VARCHAR",
    "LIFECYCLE_STAGE": "VARCHAR",
    "UNSUBSCRIBED": "BOOLEAN",
    "LAST_CONTACTED": "TIMESTAMP",
}

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TODAY = datetime(2026, 10, 31, 9, tzinfo=UTC)
_FIRST = "Ada Ben Chloe Dan Eve Finn Grace Hugo Ines Jon Kai Lena Mia Nils Olga Pia Quinn Rosa Sam Tess Uma Vic Wes Zoe"
_LAST = "Adler Berg Costa Diaz Ek Fox Gray Holt Ito Jung Kaya Lund Moss Nagy Ortiz Pham Quist Reyes Sato Toth Vega Wolf"
_COMPANY = "Acme Birch Cobalt Delta Ember Fjord Grove Harbor Iris Juniper Kestrel Lumen Maple Nimbus Orbit Pine Quartz"
_KIND = ("Labs", "Works", "Foods", "Systems", "Health", "Freight", "Energy", "Studios")
_TITLES = ("VP Sales", "RevOps Lead", "CFO", "Head of IT", "Account Manager", "Procurement", "Founder", "Engineer")
_COUNTRIES = ("US", "US", "US", "DE", "GB", "FR", "CA", "NL", "SE", "AU")
_BLANKS = (None, None, "", "   ")


@cache
def salesforce_contacts() -> tuple[Row, ...]:
    """5,000 rows: distinct contacts, and those that a check has to leave out."""
    dice = random.Random("salesforce")  # noqa: S311  # sample data, not a secret
    accounts = [_account(dice) for _ in range(400)]
    rows = [*_plan(dice, accounts, "gold", people=312, blank=12, again=37, other=4)]
    rows += _plan(dice, accounts, "platinum", people=180, blank=2, again=9, other=1)
    rows += _plan(dice, accounts, "silver", people=910, blank=14, again=32, other=6)
    rows += _plan(dice, accounts, "bronze", people=1400, blank=20, again=51, other=9)
    rows += _plan(dice, accounts, "free", people=1880, blank=31, again=70, other=20)
    dice.shuffle(rows)
    return tuple(rows)


@cache
def hubspot_contacts() -> tuple[Row, ...]:
    """1,200 rows whose ids are digits."""
    dice = random.Random("hubspot")  # noqa: S311  # sample data, not a secret
    stages = ("subscriber", "lead", "customer", "customer", "evangelist")
    rows: list[Row] = []
    for number in range(1200):
        first, last, (_, company) = dice.choice(_FIRST.split()), dice.choice(_LAST.split()), _account(dice)
        rows.append(
            {
                "HS_OBJECT_ID": None if number % 150 == 149 else str(701 + number * 37),
                "EMAIL": _email(first, last, company, number),
                "COMPANY": company,
                "LIFECYCLE_STAGE": dice.choice(stages),
                "UNSUBSCRIBED": dice.random() < 0.07,
                "LAST_CONTACTED": _stamp(dice),
            }
        )
    return tuple(rows)


def _plan(
    dice: random.Random, accounts: list[tuple[str, str]], plan: str, *, people: int, blank: int, again: int, other: int
) -> Iterator[Row]:
    """The rows of one subscription plan; of those seen again, every fourth has the 15-character form."""
    distinct = [_contact(dice, accounts, plan) for _ in range(people)]
    yield from distinct
    for number in range(blank):
        yield {**_contact(dice, accounts, plan), "CONTACT_ID": _BLANKS[number % 4]}
    for number, seen in enumerate(dice.sample(distinct, again)):
        twin = str(seen["CONTACT_ID"])
        yield {**seen, "CONTACT_ID": twin[:15] if number % 4 == 3 else twin, "LAST_TOUCHED": _stamp(dice)}
    for number in range(other):
        lead_or_account = _id(dice, "001" if number % 4 == 3 else "00Q")
        yield {**_contact(dice, accounts, plan), "CONTACT_ID": lead_or_account}


def _contact(dice: random.Random, accounts: list[tuple[str, str]], plan: str) -> Row:
    first, last = dice.choice(_FIRST.split()), dice.choice(_LAST.split())
    account_id, company = dice.choice(accounts)
    seats = dice.randint(1, 500)
    return {
        "CONTACT_ID": _id(dice, "003"),
        "FIRST_NAME": first,
        "LAST_NAME": last,
        "EMAIL": _email(first, last, company, dice.randint(1, 999)) if dice.random() > 0.02 else None,
        "TITLE": dice.choice(_TITLES),
        "ACCOUNT_ID": account_id,
        "ACCOUNT": company,
        "COUNTRY": dice.choice(_COUNTRIES),
        "OWNER_EMAIL": f"{dice.choice(('kim', 'lee', 'ray', 'sky'))}@ourcompany.example",
        "SUBSCRIPTION_PLAN": plan,
        "SEATS": seats,
        "ARR": str(0 if plan == "free" else seats * dice.choice((96, 120, 240))),
        "OPTED_OUT": dice.random() < 0.06,
        "LAST_TOUCHED": _stamp(dice),
        "RENEWAL_DATE": None if plan == "free" else (date(2026, 11, 1) + timedelta(dice.randint(0, 364))).isoformat(),
        "PROPERTIES": {"source": dice.choice(("web", "event", "partner")), "score": dice.randint(0, 100)},
    }


def _id(dice: random.Random, prefix: str) -> str:
    return with_suffix(f"{prefix}Hs0000{''.join(dice.choices(_BASE62, k=6))}")


def _account(dice: random.Random) -> tuple[str, str]:
    return _id(dice, "001"), f"{dice.choice(_COMPANY.split())} {dice.choice(_KIND)}"


def _email(first: str, last: str, company: str, number: int) -> str:
    return f"{first}.{last}{number}@{company.replace(' ', '')}.example".lower()


def _stamp(dice: random.Random) -> str:
    return (_TODAY - timedelta(minutes=dice.randint(0, 60 * 24 * 700))).strftime("%Y-%m-%d %H:%M:%S")
