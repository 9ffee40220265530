"""A chain of receipts: whatever one thing is changed in it, verifying says so; and nothing private is in an entry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.enrollment import receipts
from bot.enrollment.model.enrollments import Enrollment, Outcome, Run, RunStatus, State, Tally
from bot.enrollment.model.receipts import Chain, Receipt
from bot.enrollment.receipts import BEFORE_THE_FIRST
from bot.views import receipt as views
from tests.unit import view_builders as some
from tests.unit.view_builders import NOW

TEAM = "T0SANDBOX"


def ended(number: int, **changes: Any) -> Enrollment:
    """An enrollment that has ended, unlike any other."""
    tally = Tally(1225, enrolled=1180, refused=45, reasons=((Outcome.NOT_IN_CRM, 45),))
    made = some.ended(State.PARTLY_ENROLLED, tally=tally, team_id=TEAM, **changes)
    return replace(made, id=f"E-{number:06}")


def chain_of(length: int) -> tuple[list[Receipt], Chain]:
    """So many entries as they are written, and where they end."""
    ends, entries = Chain(TEAM, 0, BEFORE_THE_FIRST), list[Receipt]()
    for number in range(length):
        about = receipts.body(ended(number), some.check(), [], [])
        entries.append(receipts.entry(ends, about, NOW + timedelta(seconds=number)))
        ends = Chain(TEAM, entries[-1].number, entries[-1].hash)
    return entries, ends


Case = tuple[list[Receipt], Chain | None]


def _altered(draw: Callable[[Any], Any], entries: list[Receipt]) -> list[Receipt]:
    place = draw(st.integers(0, len(entries) - 1))
    name = draw(st.sampled_from(("team_id", "number", "enrollment_id", "body", "previous", "hash", "created_at")))
    value = getattr(entries[place], name)
    if name == "number":
        other: Any = draw(st.integers(-3, 30).filter(lambda one: one != value))
    elif name == "created_at":
        other = value + timedelta(microseconds=draw(st.integers(1, 10**9)))
    else:
        at = draw(st.integers(0, len(value) - 1))
        letter = draw(st.sampled_from("0aZ}").filter(lambda one: one != value[at]))
        other = value[:at] + letter + value[at + 1 :]
    changed = [*entries[:place], replace(entries[place], **{name: other}), *entries[place + 1 :]]
    return sorted(changed, key=lambda one: one.number)


@st.composite
def tampered(draw: Callable[[Any], Any]) -> tuple[Case, list[str]]:
    """A chain in which one thing was changed by a hand, and everybody who has ended."""
    entries, ends = chain_of(draw(st.integers(1, 5)))
    everybody = [one.enrollment_id for one in entries]
    place = draw(st.integers(0, len(entries) - 1))
    case: Case
    match draw(st.sampled_from(("alter", "remove", "swap", "cut", "end", "no end", "add", "rewrite"))):
        case "alter":
            case = _altered(draw, entries), ends
        case "remove":
            case = [*entries[:place], *entries[place + 1 :]], ends
        case "swap":
            other = draw(st.integers(0, len(entries) - 1))
            swapped = list(entries)
            swapped[place], swapped[other] = (
                replace(entries[other], number=place + 1),
                replace(entries[place], number=other + 1),
            )
            case = swapped, None if place == other else ends
        case "cut":
            case = entries[:place], ends
        case "end":
            case = entries, draw(st.sampled_from((replace(ends, number=ends.number - 1), replace(ends, hash="0" * 64))))
        case "no end":
            case = entries, None
        case "add":
            forged = receipts.entry(ends, receipts.body(ended(999), None, [], []), NOW)
            case = [*entries, forged], ends
        case _:
            # The whole entry is made anew, hash and all, by somebody who knows how.
            before = Chain(TEAM, place, entries[place].previous)
            about = receipts.body(replace(ended(place), requester_id="U0SOMEBODY"), None, [], [])
            case = [*entries[:place], receipts.entry(before, about, NOW), *entries[place + 1 :]], ends
    return case, everybody


@given(tampered())
def test_one_change_shows(made: tuple[Case, list[str]]) -> None:
    """Altered, removed, moved, cut off, forged or written anew: it is told, and never raises."""
    (entries, ends), everybody = made
    assert receipts.verify(entries, ends, everybody)


@given(st.integers(0, 6))
def test_what_was_written_is_unbroken(length: int) -> None:
    """Any number of entries, from none on."""
    entries, ends = chain_of(length)
    assert [] == receipts.verify(entries, ends if entries else None, [one.enrollment_id for one in entries])
    assert [] == receipts.verify(entries, ends, [])


@given(st.text(max_size=80), st.text(max_size=80))
def test_an_entry_is_ascii_and_its_lines_are_narrow(name: str, owner: str) -> None:
    """Whatever a flow is called: databases keep the entry as it was hashed, and a phone shows it whole."""
    enrollment = ended(1)
    flow = replace(enrollment.flow, name=name)
    runs = [Run(enrollment.id, n, 0, RunStatus.COMPLETED, 200, execution_id="x" * 36) for n in range(5)]
    about = receipts.body(replace(enrollment, flow=flow), some.check(), [], runs)
    entry = receipts.entry(Chain(TEAM, 117, "7" * 64), about, NOW)
    assert entry.body.isascii()
    assert all(len(line) <= views.WIDE for line in views.lines(entry, {enrollment.requester_id: owner}))
