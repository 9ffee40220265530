"""What is written to one person by itself (ux.md 4.5, 4.6)."""

from bot.enrollment.model.connections import ConsentState, Service
from bot.enrollment.model.enrollments import State
from bot.errors import QueryProblem
from bot.views import direct
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, NOW, buttons


def test_a_check_that_ended_unseen_is_told() -> None:
    """With the number on the button, or with what is wrong."""
    done = direct.check_done(some.check())
    assert "Checked: 1,225 of 1,412 would be enrolled in Q4 Renewal. Nothing is sent yet." == done["text"]
    assert [("Review 1,225 contacts", "reopen_review")] == buttons(done)
    no = direct.check_refused(some.refused(problem=QueryProblem.SNOWFLAKE_SAID_NO, fragment="secret"))
    assert "Snowflake refused your query. Nothing was enrolled." == no["text"]
    assert [("Edit query", "reopen_draft")] == buttons(no)
    assert [("Edit query", "reopen_draft")] == buttons(direct.check_done(some.enrolling(0)))


def test_a_consent_that_ended_unseen_is_told() -> None:
    """Connected leads back to the draft, anything else to another try."""
    given = direct.consent(some.consent(ConsentState.CONNECTED))
    assert "Gong is connected. Your draft is where you left it." == given["text"]
    assert [("Continue", "reopen_draft")] == buttons(given)
    denied = direct.consent(some.consent(ConsentState.DENIED))
    said = "Gong was not connected: access was not allowed there. Nothing was enrolled; your draft is kept."
    assert said == denied["text"]
    assert [("Try again", "connect_gong")] == buttons(denied)
    without = direct.consent(some.consent(ConsentState.CONNECTED, draft_id=None))
    assert ("Gong is connected.", [("Enroll contacts", "start")]) == (without["text"], buttons(without))
    snowflake = direct.consent(some.consent(ConsentState.CONNECTED, Service.SNOWFLAKE, connection_name="W"))
    assert "Snowflake is connected: W. Your draft is where you left it." == snowflake["text"]


def test_operators_learn_what_they_have_to_do() -> None:
    """The key, the run, a question of somebody else."""
    silent = direct.operator_note(some.troubled(State.NEEDS_ATTENTION, "PolytomicAway", since=NOW), link="https://x")
    assert (
        f"Run of E-7K2M9Q is silent since {DATE}. 1,225 contacts, Q4 Renewal. I will not start it again."
        " Open it in Polytomic: <https://x|the sync>. Then press *It ended* or *It never ran*."
    ) == silent["text"]
    assert [("It ended", "run_ended"), ("It never ran", "run_never_ran")] == buttons(silent)
    held = some.troubled(State.NEEDS_ATTENTION, "PolytomicLockedOut", since=NOW, reference="R-4H8D2K")
    assert (
        f"Polytomic refuses my key since {DATE} (401 or 403), so I cannot see the run of E-7K2M9Q."
        " 1,225 contacts, Q4 Renewal. I will not start it again. Then press *It ended* or *It never ran*. `R-4H8D2K`"
    ) == direct.operator_note(held)["text"]
    asked = direct.ask_operator("U0REQUESTER", Service.SNOWFLAKE)
    assert [("Connect Snowflake", "connect_snowflake")] == buttons(asked)


def test_what_could_not_be_posted_is_told_with_the_way_back() -> None:
    """Only where the requester can mend it is there a button."""
    lost = direct.undelivered(some.enrollment(State.RUNNING), "C0REVOPS", "not_in_channel")
    assert (
        "I could not post in <#C0REVOPS> (I was removed), so you get this here. The enrollment itself went on: Running."
        " Type `/invite @Enroll Flow` in <#C0REVOPS>, then press *Post there*."
    ) == lost["text"]
    assert [("Post there", "post_there")] == buttons(lost)
    assert [] == buttons(direct.undelivered(some.enrollment(), "C0REVOPS", "is_archived"))
    assert "Started `E-7K2M9Q`: <https://x|follow it here>." == direct.started(some.enrollment(), "https://x")["text"]
    asked = direct.started(some.awaiting(), "https://x")["text"]
    assert "Asked for approval of `E-7K2M9Q`: <https://x|follow it here>." == asked
