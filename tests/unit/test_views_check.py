"""Checking, review, and the ways a check can end without anybody to enroll (ux.md V4 to V8)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.enrollment.model.checks import CheckStage, CrmKind, Funnel, LeftOut
from bot.enrollment.model.drafts import PostTo
from bot.enrollment.model.flows import FieldMapping, FlowField
from bot.errors import QueryProblem
from bot.views import blocked, checking, empty, notices, refused, review
from bot.views.place import Origin
from bot.views.review_facts import Facts
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, ID, NOW, REFERENCE, block, buttons, draft, texts

OWNER = FlowField("owner", "Owner email", is_email=True)
PLAN = FlowField("plan", "Plan")


def facts(**changes: object) -> Facts:
    """The review of ux.md's sample."""
    return replace(Facts(some.check(), draft(canary=False)), **changes)  # type: ignore[arg-type]


def test_checking_moves_line_by_line() -> None:
    """Done, in hand, still to come."""
    view = checking.view(some.check(stage=CheckStage.IDS), NOW)
    assert """\
:white_check_mark: The query is one read-only SELECT
:white_check_mark: 1,412 rows in Snowflake
:hourglass_flowing_sand: Reading contact ids…
:white_small_square: Blanks, duplicates, wrong ids, opt-outs
:white_small_square: What the flow requires""" == view["blocks"][0]["text"]["text"]
    assert checking.CLOSE_IT == texts(view)[-1]
    assert f"{ID}:2" == view["external_id"]
    assert "Edit query" == view["close"]["text"]
    assert "submit" not in view


def test_a_slow_query_is_told_after_thirty_seconds() -> None:
    """With the time since when, not a counter."""
    slow = some.check(stage=CheckStage.ROWS)
    assert f"Snowflake is still working, since {DATE}." == texts(checking.view(slow, NOW + timedelta(seconds=30)))[-1]
    assert checking.CLOSE_IT == texts(checking.view(slow, NOW + timedelta(seconds=29)))[-1]


def test_the_consequence_stands_above_the_button_and_the_number_on_it() -> None:
    """What happens to people, in bold, with the sender said to be unknown."""
    view = review.view(facts())
    assert ("Review 1,225 contacts", "Enroll 1,225 contacts") == (view["title"]["text"], view["submit"]["text"])
    assert [
        "1,225 people start Q4 Renewal.",
        " If its first step is an automatic e-mail, it can leave within minutes and cannot be recalled.",
        "\nSender: Polytomic does not show it; Gong decides, usually whoever connected Gong.",
    ] == texts(view["blocks"][0])
    assert "187 of 1,412 rows are left out." in texts(view)
    assert [("Send me the list", "send_left_out"), ("Show query", "show_query")] == buttons(view)


@pytest.mark.parametrize(
    ("title", "submit", "start", "people"),
    [
        ("Review 1 contact", "Enroll 1 contact", "1 person starts Q4 Renewal.", 1),
        ("Review 100,000 contacts", "Enroll 100,000 contacts", "100,000 people start Q4 Renewal.", 100_000),
        ("Review contacts", "Enroll 1,000,000", "1,000,000 people start Q4 Renewal.", 1_000_000),
    ],
)
def test_every_number_fits(title: str, submit: str, start: str, people: int) -> None:
    """Singular, large and very large."""
    view = review.view(facts(check=some.enrolling(people)))
    assert (title, submit) == (view["title"]["text"], view["submit"]["text"])
    assert start == texts(view["blocks"][0])[0]
    assert [("Show query", "show_query")] == buttons(view)


def test_a_thousand_have_to_be_typed() -> None:
    """From 1,000 on."""
    assert (
        "Type 1000 to confirm" == block(review.view(facts(check=some.enrolling(1000))), "typed_number")["label"]["text"]
    )
    assert "typed_number" not in str(review.view(facts(check=some.enrolling(999))))


def test_the_list_is_sent_once() -> None:
    """The button's place says so."""
    view = review.view(facts(left_out_sent=True))
    assert "187 of 1,412 rows are left out.\nSent to your messages." in texts(view)


def test_two_kinds_of_ids_are_warned_about() -> None:
    """Leads are not enrolled; at most three alerts stand on top."""
    kinds = ((CrmKind.SALESFORCE_CONTACT, 1000), (CrmKind.HUBSPOT_CONTACT, 5), (CrmKind.SALESFORCE_LEAD, 1))
    mixed = some.check(preflight=some.preflight(kinds=kinds))
    said = "Ids are of two kinds: 1,225 contacts and 1 lead. Only contacts are enrolled."
    assert said == review.view(facts(check=mixed))["blocks"][0]["text"]["text"]
    crowded = review.view(facts(check=mixed, notices=tuple(notices.too_old(60 * n) for n in range(1, 5))))
    assert 3 == len([one for one in crowded["blocks"] if one["type"] == "alert"])


def test_a_stale_check_can_be_run_again() -> None:
    """On top of the same view."""
    view = review.view(facts(stale=True, notices=(notices.too_old(1800),)))
    assert "This check is 30 minutes old. Nothing was started." == view["blocks"][0]["text"]["text"]
    assert ("Check again", "check_again") == buttons(view)[0]


@pytest.mark.parametrize(
    ("expected", "short", "tidied"),
    [
        (
            "31 ids in the 15-character form and 4 with spaces or lower case were matched to the same people.",
            31,
            4,
        ),
        ("1 id in the 15-character form was matched to the same person.", 1, 0),
        ("4 ids with spaces or lower case were matched to the same people.", 0, 4),
    ],
)
def test_forms_of_one_person_are_told(expected: str, short: int, tidied: int) -> None:
    """Each only if true."""
    read = some.preflight(short_ids=short, tidied_ids=tidied)
    assert expected in texts(review.view(facts(check=some.check(preflight=read))))


def test_a_required_field_begins_with_the_column_of_its_name() -> None:
    """Whose name the mail goes out under is never guessed."""
    view = review.view(facts(check=some.check(fields=(PLAN, OWNER))))
    plan, owner = (one for one in view["blocks"] if one.get("block_id", "").startswith("field:"))
    assert "Plan (this flow needs it)" == plan["label"]["text"]
    assert "PLAN" == plan["element"]["initial_option"]["text"]["text"]
    assert "initial_option" not in owner["element"]
    assert "Mail goes out under this person's name." == owner["hint"]["text"]
    labels = [group["label"]["text"] for group in plan["element"]["option_groups"]]
    assert ["A column of the query", "The same for everyone"] == labels


def test_one_value_for_everyone_is_typed_and_names_the_sender() -> None:
    """The box appears once it is wanted."""
    kept = draft(mappings=(FieldMapping("owner", "Owner email", value="a@b.example"),))
    view = review.view(facts(check=some.check(fields=(OWNER,)), draft=kept))
    assert "a@b.example" == block(view, "value")["element"]["initial_value"]
    assert "\nSender: a@b.example" == texts(view["blocks"][0])[2]


def test_more_than_three_fields_have_a_view_of_their_own() -> None:
    """With a button that says how many."""
    many = facts(check=some.check(fields=tuple(FlowField(f"f{n}", f"Field {n}") for n in range(5))))
    assert ("Fill 5 fields", "fill_fields") in buttons(review.view(many))
    view = review.fields_view(many)
    assert ("Flow fields", "Save fields", "Back") == tuple(view[key]["text"] for key in ("title", "submit", "close"))
    assert 5 == len(view["blocks"])


def test_progress_goes_where_its_audience_was_spelled_out() -> None:
    """The channel when the bot may post in it, else a direct message, and how to change that."""
    here = block(review.view(facts(origin=Origin("revops", bot_is_in=True))), "post_to")
    assert "#revops, where you typed the command" == here["element"]["initial_option"]["text"]["text"]
    without = review.view(facts(origin=Origin("revops")))
    assert PostTo.DM.value == block(without, "post_to")["element"]["initial_option"]["value"]
    assert "I am not in #revops. Type `/invite @Enroll Flow` there to post in it." in texts(without)
    shared = review.view(facts(origin=Origin("revops", bot_is_in=True, shared=True)))
    assert not [text for text in texts(shared) if "revops" in text]
    other = review.view(facts(draft=draft(post_to=PostTo.CHANNEL)))
    assert "conversations_select" == block(other, "channel")["element"]["type"]


def test_a_review_without_a_form_beneath_leads_to_it() -> None:
    """Opened from a direct message."""
    view = review.view(facts(root=True))
    assert "Close" == view["close"]["text"]
    assert ("Edit query", "edit_query") == buttons(view)[0]


def test_the_query_is_shown_as_it_is_run() -> None:
    """Cut with how much is missing, never silently."""
    check = some.check(sql="x" * 4210)
    view = review.query_view(check, check.tables)
    assert "x" * 2900 + "\n… 1,310 more characters" == texts(view["blocks"][0])[0]
    assert texts(view)[-1].startswith("Reads SALESFORCE_CONTACTS · query sha256 ")


def test_nobody_to_enroll_says_why() -> None:
    """No rows, no id column, all left out, the wrong kind."""
    none = empty.view(some.enrolling(0))
    assert texts(none)[-1].endswith("Loosen the WHERE, or check the table: SALESFORCE_CONTACTS.")
    unnamed = some.check(preflight=some.preflight(id_column="", columns=("EMAIL", "PLAN"), funnel=Funnel(5, (), 0)))
    said = texts(empty.view(unnamed))[2]
    assert said.startswith("*No contact id column.* The query returns `EMAIL`, `PLAN`.")
    out = empty.view(some.enrolling(0, ((LeftOut.NO_ID, 1000), (LeftOut.LEAD, 412))))
    assert "*All 1,412 rows are left out.*\nNothing was enrolled." == texts(out)[2]
    assert [("Send me the list", "send_left_out")] == buttons(out)
    looks = "a Salesforce account (001)"
    wrong = empty.view(some.enrolling(0, ((LeftOut.NOT_A_CONTACT_ID, 1412),), id_column="ID", most_look_like=looks))
    assert "*None of the 1,412 values in `ID` is a CRM contact id.*" in texts(wrong)[2]
    assert texts(wrong)[2].endswith("Most values here look like: a Salesforce account (001).")


def test_snowflakes_words_are_the_requesters_alone() -> None:
    """As it said them, up to 1,500 characters."""
    view = refused.view(
        some.refused(problem=QueryProblem.SNOWFLAKE_SAID_NO, fragment="invalid\nidentifier " + "x" * 2000)
    )
    assert "Query refused" == view["title"]["text"]
    assert "*Snowflake refused the query.* Nothing was enrolled." == view["blocks"][0]["text"]["text"]
    assert 1500 == len(texts(view["blocks"][1])[0])
    assert "Snowflake names line and position in its own count. Reference `R-4H8D2K`." == texts(view)[-1]


def test_the_other_refusals() -> None:
    """Too slow, Polytomic away, and what is not the query's fault."""
    slow = refused.view(some.refused(problem=QueryProblem.TIMED_OUT, limit=600))
    assert (
        "*Snowflake did not finish within 10 minutes*, so I stopped waiting. Nothing was enrolled."
        " Narrow the query, or try when the warehouse is less busy."
    ) == slow["blocks"][0]["text"]["text"]
    away = refused.view(some.refused(kind="PolytomicAway", limit=20))
    said = "Polytomic did not answer for 20 seconds. Nothing was enrolled; your draft is kept."
    assert said == away["blocks"][0]["text"]["text"]
    assert [("Check again", "check_again")] == buttons(away)
    assert "Reference `R-4H8D2K`" == texts(away)[-1]
    locked = refused.view(some.refused(kind="PolytomicLockedOut"), operators=("U0OPERATOR",))
    assert ("enroll_blocked", "Cannot start") == (locked["callback_id"], locked["title"]["text"])
    assert "<@U0OPERATOR> was told." in texts(locked)[2]
    assert "This file is not UTF-8 text." in texts(refused.of_file("not_text", ID))[2]


def test_blocked_shows_the_sentence_and_the_reference() -> None:
    """Above a form it leads back to the query."""
    view = blocked.view("No.", title="Not allowed", reference=REFERENCE, pushed=True, show_enrollment=ID)
    assert ["Not allowed", "Edit query", "No.", "Show it", "Reference `R-4H8D2K`"] == texts(view)
