"""What the review says of policy, opt-outs, canaries and approvers, and what its button says (ux.md V5, V4b, V8)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.enrollment.model.checks import Collision, CrmKind
from bot.enrollment.model.drafts import NO_OPT_OUT
from bot.enrollment.model.enrollments import State, Tally
from bot.enrollment.model.policies import Canary, Company, Judgement, Policy, Quiet, Refused, Release, Rule, Tier
from bot.enrollment.model.queries import QueryWarning
from bot.enrollment.model.stops import Stop
from bot.views import refused, repeat, review
from bot.views.modal import Notice
from bot.views.review_facts import Facts
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, ID, NOW, block, buttons, draft, texts

LARGE = Tier("large", 500, ("S0LEADS",))
ASKED = Judgement(tier=LARGE, approvers=("U0APPROVER", "U0OPERATOR", "U0OTHER"))
FRIDAY = datetime(2026, 11, 27, 19, 30, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
NIGHT = Policy(owner=("U0OPERATOR",), quiet=Quiet("Europe/Berlin", time(20), time(9)))


def facts(people: int = 1225, **changes: Any) -> Facts:
    """A review of so many people, of a query that says who has opted out."""
    check = replace(some.enrolling(people), created_at=FRIDAY, **changes.pop("check", {}))
    return replace(Facts(check, draft(), policy=Policy(owner=("U0OPERATOR",))), **changes)


def alerts(view: dict[str, Any]) -> list[tuple[str, str]]:
    """Level and words of each alert."""
    return [(one["level"], one["text"]["text"]) for one in view["blocks"] if one["type"] == "alert"]


def reading(**changes: Any) -> dict[str, Any]:
    """Changes of a check whose reading told this."""
    return {"check": {"preflight": some.preflight(**changes)}}


def submits() -> Iterator[tuple[str, Facts]]:
    """What the button says, by what would happen."""
    at_once = draft(canary=False)
    asked: dict[str, Any] = {"judgement": ASKED}
    quiet: dict[str, Any] = {"judgement": Judgement(quiet_until=MONDAY), "policy": NIGHT, "draft": at_once}
    yield "Enroll 1 contact", facts(1)
    yield "Enroll 499 contacts", facts(499)
    yield "Start with 5 of 500", facts(500)
    yield "Start with 5 of 1,225", facts()
    yield "Enroll 1,225 contacts", facts(draft=at_once)
    yield "Start with 5 of 20", facts(20, draft=draft(canary=True))
    yield "Enroll 19 contacts", facts(19, draft=draft(canary=True))
    yield "Start with 5 of 100,000", facts(100_000)
    yield "Enroll 100,000 contacts", facts(100_000, draft=at_once)
    yield "Start with 5", facts(1_000_000)
    yield "Enroll 1,000,000", facts(1_000_000, draft=at_once)
    yield "Ask to enroll 1,225", facts(**asked)
    yield "Ask to enroll 100,000", facts(100_000, **asked)
    yield "Ask to enroll 1,000,000", facts(1_000_000, **asked)
    yield "Enroll 1,225 Mon 09:00", facts(**quiet)
    yield "Enroll 100,000 Mon 09:00", facts(100_000, **quiet)
    yield "Enroll 1,000,000", facts(1_000_000, **quiet)
    holidays: dict[str, Any] = {**quiet, "judgement": Judgement(quiet_until=datetime(2027, 1, 4, 8, tzinfo=UTC))}
    yield "Enroll 1,225 Jan 4 09:00", facts(**holidays)


@pytest.mark.parametrize(("expected", "shown"), list(submits()))
def test_the_button_says_what_happens(expected: str, shown: Facts) -> None:
    """In at most 24 characters, the number whole."""
    assert expected == review.view(shown)["submit"]["text"]
    assert len(expected) <= 24


def test_over_the_limit_says_whom_i_ask() -> None:
    """And whom not, by which rule, and who owns it; the requester may write why."""
    view = review.view(facts(judgement=ASKED, draft=draft(note="They asked for it")))
    assert [("warning", "More than 500 contacts: an approver has to allow this first.")] == alerts(view)
    assert view["blocks"][1]["text"]["text"] == (
        "I will ask <@U0APPROVER>, <@U0OPERATOR> or <@U0OTHER>. You cannot approve your own."
        " Rule `approval.large` in the policy; ask <@U0OPERATOR> about it."
    )
    note = block(view, "note")
    assert ("Note to the approvers", True) == (note["label"]["text"], note["optional"])
    assert "They asked for it" == note["element"]["initial_value"]
    assert ("Why these people, why now", 500) == (
        note["element"]["placeholder"]["text"],
        note["element"]["max_length"],
    )
    assert "typed_number" not in str(view)


def test_without_a_limit_nobody_is_asked_for_a_note() -> None:
    """It would be read by nobody."""
    assert "note" not in [str(one.get("block_id", "")).partition(":")[0] for one in review.view(facts())["blocks"]]


@pytest.mark.parametrize(
    ("expected", "judgement"),
    [
        ("I will ask <@U1>. 2 of them", Judgement(tier=replace(LARGE, needed=2), approvers=("U1",))),
        ("or 3 others.", Judgement(tier=LARGE, approvers=tuple(f"U{n}" for n in range(8)))),
        ("Slack does not tell me now who they are.", Judgement(tier=LARGE, unknown=True)),
    ],
)
def test_some_number_of_approvers_reads_well(expected: str, judgement: Judgement) -> None:
    """Several needed, very many of them, or not known."""
    assert expected in review.view(facts(judgement=judgement))["blocks"][1]["text"]["text"]


def test_at_most_three_alerts_the_heaviest_first() -> None:
    """Stop, limit, opt-outs; the rest finds no room, but whom I ask is always said."""
    kinds = ((CrmKind.SALESFORCE_CONTACT, 5), (CrmKind.SALESFORCE_LEAD, 1))
    loose = {"preflight": some.preflight(suppressed=False, kinds=kinds), "warnings": tuple(QueryWarning)}
    stop = Stop("stop-1", "T1", "U0OPERATOR", "wrong list", NOW)
    everything = facts(check=loose, stop=stop, judgement=replace(ASKED, quiet_until=MONDAY), policy=NIGHT)
    view = review.view(everything)
    levels = [level for level, _ in alerts(view)]
    assert ["error", "warning", "warning"] == levels
    assert alerts(view)[0][1].startswith("Enrolling is stopped: wrong list.")
    assert alerts(view)[1][1].startswith("More than 500 contacts")
    assert alerts(view)[2][1] == (
        "This query names no opt-out column, so I cannot leave out people who opted out. Gong does not block them."
    )
    crowded = review.view(replace(everything, notices=(some_notice(),) * 3))
    assert 3 == len(alerts(crowded))
    assert "I will ask <@U0APPROVER>" in str(crowded)


def some_notice() -> Any:
    """Why a submit was refused."""
    return Notice("error", "Nothing was started.")


def test_each_warning_alone() -> None:
    """Two kinds, quiet hours, and the four of a query, in this order."""
    kinds = ((CrmKind.SALESFORCE_CONTACT, 1225), (CrmKind.SALESFORCE_LEAD, 87))
    view = review.view(facts(**reading(kinds=kinds), judgement=Judgement(quiet_until=MONDAY), policy=NIGHT))
    assert [
        ("warning", "Ids are of two kinds: 1,225 contacts and 87 leads. Only contacts are enrolled."),
        ("info", "Quiet hours until Mon 09:00 (Europe/Berlin). It starts then."),
    ] == alerts(view)
    waits = review.view(facts(judgement=replace(ASKED, quiet_until=MONDAY), policy=NIGHT))
    assert alerts(waits)[-1][1].endswith("(Europe/Berlin). It starts then at the earliest.")
    said = [alerts(review.view(facts(check={"warnings": (one,)}))) for one in QueryWarning]
    assert [
        [("warning", "SELECT * reads every column.")],
        [("warning", "No WHERE: this is the whole table.")],
        [("warning", "LIMIT without ORDER BY can pick other people each time.")],
        [("warning", "This join has no condition: rows multiply.")],
    ] == said


@pytest.mark.parametrize(
    ("columns", "people", "said"),
    [
        (("CONTACT_ID",), 1225, True),
        (("CONTACT_ID", "ACCOUNT_ID"), 1225, False),
        (("CONTACT_ID",), 6, True),
        (("CONTACT_ID",), 5, False),
    ],
)
def test_a_cap_per_company_that_cannot_be_applied_is_told(columns: tuple[str, ...], people: int, said: bool) -> None:
    """Right after the opt-outs; not where so few are enrolled that it would change nothing."""
    capped = Policy(company=Company(5, "account_id"))
    check = some.enrolling(people, columns=columns, suppressed=False)
    shown = alerts(review.view(Facts(replace(check, warnings=tuple(QueryWarning)), draft(), policy=capped)))
    words = "This query names no account_id column, so the limit of 5 per company is not applied. Select it too."
    assert said is (("warning", words) == shown[1])
    assert shown[0][1].startswith("This query names no opt-out column")
    longest = Policy(company=Company(1_000_000, "A" * 300))
    much = replace(check, preflight=some.preflight(columns=columns, funnel=some.funnel(1_000_002, ())))
    assert shorter(review.view(Facts(much, draft(), policy=longest)))


def shorter(view: dict[str, Any]) -> bool:
    """True when no alert lost its end."""
    return all(len(words) < 200 and not words.endswith("…") for _, words in alerts(view))


def test_a_rule_that_says_no_is_said_before_anybody_presses() -> None:
    """Above everything; nobody who may approve is a view of its own."""
    no = Judgement(refused=(Refused(Rule.CHANNELS, refused="C0RANDOM"),))
    level, words = alerts(review.view(facts(judgement=no)))[0]
    assert "error" == level
    assert "Nothing was enrolled." in words
    nobody = Refused("approval.large", limit=500, count=1)
    assert facts(judgement=Judgement(refused=(nobody,), tier=LARGE)).nobody_approves is nobody
    view = refused.by_policy(nobody, some.check())
    assert ("enroll_blocked", "Not allowed", "Edit query") == (
        view["callback_id"],
        view["title"]["text"],
        view["close"]["text"],
    )


def test_a_canary_is_offered_from_twenty_and_ticked_from_five_hundred() -> None:
    """Or as it was ticked last, or as the policy demands."""
    assert "options" not in str([one.get("block_id") for one in review.view(facts(19))["blocks"]])
    unticked = block(review.view(facts(20)), "options")["element"]
    assert ["Start with the first 5 and wait for my word"] == texts(unticked["options"])
    assert "initial_options" not in unticked
    assert "initial_options" in block(review.view(facts(500)), "options")["element"]
    assert "initial_options" not in block(review.view(facts(500, draft=draft(canary=False))), "options")["element"]
    demanded = facts(100, judgement=Judgement(canary_demanded=True), draft=draft(canary=False))
    assert "Start with 5 of 100" == review.view(demanded)["submit"]["text"]
    assert "initial_options" in block(review.view(demanded), "options")["element"]
    assert "The policy asks for this: rule `canary`." in texts(review.view(demanded))


def test_what_the_policy_demands_is_ticked_again() -> None:
    """Slack keeps what stands under one name, so each showing has another."""
    demanded = facts(100, judgement=Judgement(canary_demanded=True))
    later = replace(demanded, draft=draft(revision=2))
    assert block(review.view(demanded), "options")["block_id"] != block(review.view(later), "options")["block_id"]
    assert (
        block(review.view(facts()), "options")["block_id"]
        == (block(review.view(facts(draft=draft(revision=2))), "options")["block_id"])
    )


def test_a_canary_that_goes_on_by_itself_does_not_promise_to_wait() -> None:
    """The words are those of the policy's choice."""
    policy = Policy(canary=Canary(size=10, release=Release.BY_ITSELF))
    said = texts(block(review.view(facts(policy=policy)), "options")["element"]["options"])
    assert ["Start with the first 10; the rest follows if all of them get in"] == said
    one = replace(policy, canary=Canary(size=1))
    assert ["Start with the first one and wait for my word"] == texts(
        block(review.view(facts(policy=one)), "options")["element"]["options"]
    )


def test_the_number_is_typed_only_where_nobody_else_looks() -> None:
    """From 1,000, without an approver and without a canary."""
    at_once = draft(canary=False)
    assert "Type 1225 to confirm" == block(review.view(facts(draft=at_once)), "typed_number")["label"]["text"]
    for quieter in (facts(), facts(judgement=ASKED, draft=at_once), facts(999, draft=at_once)):
        assert "typed_number" not in str(review.view(quieter))


def test_the_opt_out_column_is_chosen_among_all() -> None:
    """The last option is that there is none; a column too far down is chosen by nobody's guess."""
    named = review.view(facts(**reading(columns=("CONTACT_ID", "OPTED_OUT"), opt_out_column="OPTED_OUT")))
    picker = block(named, "opt_out")["accessory"]
    assert "Opted out when this is true:" == block(named, "opt_out")["text"]["text"]
    assert ["CONTACT_ID", "OPTED_OUT", "No opt-out column"] == texts(picker["options"])
    assert ("1", NO_OPT_OUT) == (picker["initial_option"]["value"], picker["options"][-1]["value"])
    without = block(review.view(facts(**reading(suppressed=False))), "opt_out")["accessory"]
    assert "No opt-out column" == without["initial_option"]["text"]["text"]
    wide = tuple(f"C{n}" for n in range(150))
    far = block(review.view(facts(**reading(columns=wide, opt_out_column="C149"))), "opt_out")["accessory"]
    assert (100, "No opt-out column") == (len(far["options"]), far["options"][-1]["text"]["text"])
    assert "initial_option" not in far


def test_who_is_in_other_flows_is_told_with_links() -> None:
    """By whom, and where; as one reads it."""
    other = Collision("E-5T8N2C", 30, "U0OTHER", "Spring", NOW)
    mine = Collision("E-4R1XAB", 11, "U0REQUESTER", "Summer", NOW)
    links = {"E-5T8N2C": "https://x/p1"}
    view = review.view(facts(**reading(collisions=(other, mine)), links=links))
    assert (
        "41 of these were enrolled by this bot in other flows in the last 30 days:"
        " <https://x/p1|E-5T8N2C> (30, <@U0OTHER>), `E-4R1XAB` (11, you)."
    ) in texts(view)
    one = review.view(facts(**reading(collisions=(replace(mine, contacts=1),))))
    said = "1 of these was enrolled by this bot in another flow in the last 30 days: `E-4R1XAB` (1, you)."
    assert said in texts(one)
    weekly = facts(**reading(collisions=(other,)), policy=Policy(cool_off_days=7))
    assert "in the last 30 days" in str(review.view(weekly)), "that far is looked, whatever the cool-off"
    many = review.view(facts(**reading(collisions=(other,) * 5)))
    assert "and 2 more." in str(many)


@pytest.mark.parametrize(
    ("expected", "people", "sends"),
    [
        ("At 50 sends a day this is about 25 working days.", 1225, 50),
        ("At 50 sends a day this is about 1 working day.", 3, 50),
        ("At 1 send a day this is about 1,000,000 working days.", 1_000_000, 1),
    ],
)
def test_the_load_is_forecast_where_the_policy_knows_it(expected: str, people: int, sends: int) -> None:
    """In working days of the sender, rounded up."""
    assert expected in texts(review.view(facts(people, policy=Policy(sends_per_day=sends))))
    assert "working day" not in str(review.view(facts(people)))


def test_the_same_query_lately_is_told_before_the_check() -> None:
    """Who, when, how many, and until when these people are left out."""
    before = some.ended(State.PARTLY_ENROLLED, requester_id="U0OTHER", tally=Tally(400, 312, 88))
    before = replace(before, id="E-5T8N2C", started_at=NOW - timedelta(days=3))
    view = repeat.view(draft(), before, NOW, 30, link="https://x/p1")
    assert ("Asked before", "Check anyway", "Edit query") == tuple(
        view[key]["text"] for key in ("title", "submit", "close")
    )
    assert [("warning", "The same query went into this flow on Nov 20 (E-5T8N2C, 312 contacts).")] == alerts(view)
    assert texts(view["blocks"][1]) == [
        f"By <@U0OTHER>, <https://x/p1|see it>. People enrolled then are left out until {DATE} (cool-off 30 days)."
    ]
    assert (ID, []) == (view["private_metadata"], buttons(view))
    mine = repeat.view(draft(), replace(before, requester_id="U0REQUESTER"), NOW, 30)
    assert texts(mine["blocks"][1])[0].startswith("By you. People enrolled then")
