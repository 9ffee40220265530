"""The living message and its ping (ux.md 4.1, 4.2)."""

from dataclasses import replace

import pytest

from bot.enrollment.model.enrollments import Outcome, State, Step, Tally
from bot.views import living, ping
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, NOW, TIME, buttons, texts

FACTS = living.Facts(NOW, link="https://app.polytomic.example/s/1")
SILENT = f"The run has been silent since {DATE}; I cannot tell whether it ended."


def shown(enrollment: object) -> str:
    """The body of this enrollment's message."""
    message = living.message(enrollment, FACTS)  # type: ignore[arg-type]
    text: str = message["blocks"][2]["text"]["text"]
    return text


def test_launching_is_told_step_by_step() -> None:
    """The headline has icon, word, number and flow; the facts who, id and when."""
    message = living.message(some.enrollment(step=Step.CREATE_SYNC), FACTS)
    headline = message["blocks"][0]["elements"][0]["elements"]
    assert "hourglass_flowing_sand" == headline[0]["name"]
    assert "Launching · 1,225 contacts → Q4 Renewal" == "".join(texts(headline)).strip()
    assert f"Asked by <@U0REQUESTER> · `E-7K2M9Q` · {DATE}" == message["blocks"][1]["elements"][0]["text"]
    assert """\
:white_check_mark: List of 1,225 contacts frozen
:white_check_mark: Model created in Polytomic
:hourglass_flowing_sand: Creating the sync…
:white_small_square: Start the run""" == message["blocks"][2]["text"]["text"]
    assert "Launching: 1,225 contacts into Q4 Renewal." == message["text"]
    assert [("Cancel", "cancel")] == buttons(message)
    confirm = message["blocks"][3]["elements"][0]["confirm"]
    assert ["Cancel E-7K2M9Q?", "Nobody has been enrolled yet. Your query is kept as a draft."] == [
        confirm[key]["text"] for key in ("title", "text")
    ]


def test_block_ids_never_repeat_over_an_edit() -> None:
    """They carry the state and the revision."""
    ids = [one["block_id"] for one in living.message(some.enrollment(), FACTS)["blocks"]]
    assert [f"living:launching:7:{place}" for place in range(4)] == ids


def test_running_shows_counts_once_there_are_some() -> None:
    """Before that it says so; a small run shows none at all."""
    counted = some.enrollment(State.RUNNING, started_at=NOW, tally=Tally(1225, 538, 2))
    assert "540 of 1,225 (44%) `▰▰▰▰▱▱▱▱▱▱`\n538 enrolled, 2 refused so far" == shown(counted)
    message = living.message(counted, FACTS)
    assert "Running: 540 of 1,225 into Q4 Renewal." == message["text"]
    said = message["blocks"][3]["elements"][0]["confirm"]["text"]["text"]
    assert said == (
        "Polytomic is asked to end the run. The 538 already enrolled stay in the flow; taking them out is done in Gong."
    )
    silent = some.enrollment(State.RUNNING, started_at=NOW)
    assert f"Polytomic has not reported counts yet. Running since {DATE}." == shown(silent)
    small = some.enrollment(State.RUNNING, started_at=NOW, tally=Tally(3, 1))
    assert f"Running since {DATE}." == shown(small)


def test_a_cancel_that_was_asked_for_is_not_offered_again() -> None:
    """The message says that it is under way."""
    message = living.message(some.enrollment(State.RUNNING, cancel_asked_at=NOW), FACTS)
    assert [] == buttons(message)
    assert "Canceling" in message["blocks"][2]["text"]["text"]


def test_retrying_says_what_is_known_about_people() -> None:
    """Before a start nobody can be enrolled; after one nobody is enrolled twice."""
    early = some.enrollment(failures=1)
    assert (
        f"Polytomic does not answer. Nobody has been enrolled. I look first, then try again at {TIME}."
        " You need do nothing."
    ) == shown(early)
    assert (
        "Retrying: Polytomic does not answer. 1,225 contacts into Q4 Renewal." == living.message(early, FACTS)["text"]
    )
    late = some.enrollment(State.RUNNING, failures=1)
    assert (
        "Polytomic does not answer. Nobody has been enrolled twice, and nobody will be:"
        f" I look first, then try again at {TIME}. You need do nothing."
    ) == shown(late)
    unsure = some.enrollment(step=Step.START_RUN, failures=1)
    assert "Nobody has been enrolled twice" in shown(unsure)
    assert "Cancel a running enrollment?" in texts(living.message(unsure, FACTS))
    busy = some.troubled(State.LAUNCHING, "PolytomicBusy", until=NOW)
    assert f"Polytomic asks me to wait until {TIME}." == shown(replace(busy, failures=1))


@pytest.mark.parametrize(
    ("expected", "kind", "facts"),
    [
        (
            (
                "Polytomic started a run over 1,300 contacts where 1,000 were named. I canceled it; 12 were enrolled."
                " @operator was told."
            ),
            "too_many",
            {"size": 1300, "limit": 1000, "tally": Tally(1225, 12)},
        ),
        (
            (
                "Polytomic reports a finished run with 0 contacts; 1,000 were sent."
                " I will not start it again, so nobody is enrolled twice. @operator was told."
            ),
            "nobody_moved",
            {"size": 0, "limit": 1000},
        ),
        (
            f"{SILENT} I will not start it again, so nobody is enrolled twice. @operator was told.",
            "PolytomicAway",
            {"since": NOW},
        ),
    ],
)
def test_what_only_an_operator_can_decide(expected: str, kind: str, facts: dict[str, object]) -> None:
    """Nobody is ever enrolled twice to find out."""
    enrollment = some.troubled(State.NEEDS_ATTENTION, kind, **facts)
    assert expected == shown(enrollment)
    assert [("Check again", "check_run"), ("Cancel", "cancel")] == buttons(living.message(enrollment, FACTS))


def test_enrolled_says_how_many_and_how_long() -> None:
    """A small one only how many."""
    message = living.message(some.ended(State.ENROLLED, tally=Tally(1225, 1225)), FACTS)
    assert "1,225 of 1,225 enrolled in 4 min." == message["blocks"][2]["text"]["text"]
    assert [("Enroll more", "start")] == buttons(message)
    assert "<https://app.polytomic.example/s/1|Open in Polytomic>" == texts(message["blocks"])[-1]
    assert "Enrolled: 1,225 of 1,225 into Q4 Renewal." == message["text"]
    assert "3 of 3 enrolled." == shown(some.ended(State.ENROLLED, tally=Tally(3, 3)))


def test_partly_enrolled_names_at_most_three_reasons() -> None:
    """Ours, the most frequent first; those who are gone stand apart."""
    message = living.message(some.partly(), FACTS)
    assert """\
1,180 of 1,225 enrolled, 45 refused:
• 31 not in the CRM linked to Gong
• 12 already in this flow
• 2 other reasons""" == message["blocks"][2]["text"]["text"]
    assert "Partly enrolled: 1,180 of 1,225 into Q4 Renewal, 45 refused." == message["text"]
    assert [("Send me the refused", "send_refused")] == buttons(message)
    reasons = ((Outcome.COOL_OFF, 1), (Outcome.NOT_IN_CRM, 20), (Outcome.EXCLUSIVE_FLOW, 15), (Outcome.OTHER, 6))
    gone = some.ended(State.PARTLY_ENROLLED, tally=Tally(1225, 1180, 42, 3, reasons))
    assert """\
1,180 of 1,225 enrolled, 42 refused, 3 gone:
• 20 not in the CRM linked to Gong
• 15 in an exclusive flow
• 7 other reasons
• 3 no longer in the query's answer""" == shown(gone)


@pytest.mark.parametrize(
    ("expected", "kind", "facts"),
    [
        (
            (
                "“Q4 Renewal” is no longer in Gong. Nobody was enrolled. Choose another flow; your query is kept."
                " Reference `R-4H8D2K`."
            ),
            "FlowNotFound",
            {},
        ),
        (
            "Q4 Renewal now also needs Owner. Nobody was enrolled. Fill it in and confirm again. Reference `R-4H8D2K`.",
            "FieldNotMapped",
            {"field_name": "Owner"},
        ),
        (
            f"Polytomic has not answered since {DATE}. Nobody was enrolled. Reference `R-4H8D2K`.",
            "PolytomicAway",
            {"since": NOW},
        ),
        (
            (
                "Polytomic refused the sync (target). Nobody was enrolled. Change it and confirm again."
                " Reference `R-4H8D2K`."
            ),
            "PolytomicRefused",
            {"what": "the sync", "field_name": "target", "fragment": "bad 0035g"},
        ),
        (
            (
                "Polytomic refused the sync: “bad 0035g” (target). Nobody was enrolled. Change it and confirm again."
                " Reference `R-4H8D2K`."
            ),
            "PolytomicRefused",
            {"what": "the sync", "field_name": "target", "fragment": "bad 0035g", "post_channel": "U0REQUESTER"},
        ),
        (
            "Polytomic ended the run: Gong was busy. 538 of 1,225 were enrolled before that. Reference `R-4H8D2K`.",
            "run_failed",
            {"fragment": "Gong was busy", "tally": Tally(1225, 538)},
        ),
        (
            "Gong refused all 1,225. Nobody was enrolled. Most: not in the CRM linked to Gong. Reference `R-4H8D2K`.",
            "all_refused",
            {"tally": Tally(1225, 0, 1225, 0, ((Outcome.NOT_IN_CRM, 1225),))},
        ),
        (
            "Your rights changed after you confirmed (rule `people`). Nobody was enrolled. Reference `R-4H8D2K`.",
            "rights_lost",
            {},
        ),
    ],
)
def test_failed_says_what_happened_how_many_and_what_to_do(expected: str, kind: str, facts: dict[str, object]) -> None:
    """In a channel without a vendor's raw words."""
    enrollment = some.troubled(State.FAILED, kind, reference="R-4H8D2K", **facts)
    assert expected == shown(enrollment)
    assert ("Edit and try again", "reopen_draft") == buttons(living.message(enrollment, FACTS))[0]


def test_canceled_says_who_stays() -> None:
    """Nothing claims to undo a mail."""
    there = some.enrollment(State.CANCELED, ended_at=NOW)
    assert f"Canceled in Polytomic {DATE}. Nobody was enrolled." == shown(there)
    early = some.enrollment(State.CANCELED, canceled_by="U0REQUESTER", ended_at=NOW)
    assert f"Canceled by <@U0REQUESTER> {DATE}. Nobody was enrolled." == shown(early)
    late = replace(early, tally=Tally(1225, 538))
    assert f"Canceled by <@U0REQUESTER> {DATE}. 538 were already enrolled and stay; 687 were not." == shown(late)


@pytest.mark.parametrize(
    ("expected", "enrollment"),
    [
        ("Done: 1,225 contacts are in Q4 Renewal.", some.enrollment(State.ENROLLED, tally=Tally(1225, 1225))),
        ("Done: 1 contact is in Q4 Renewal.", some.enrollment(State.ENROLLED, tally=Tally(1, 1))),
        (
            "1,180 of 1,225 contacts are in Q4 Renewal. 45 were refused; I sent you the list.",
            replace(some.partly(), started_at=None),
        ),
        (
            "This failed: Polytomic ended the run: Gong was busy. 538 were enrolled. Your query is kept.",
            some.troubled(State.FAILED, "run_failed", fragment="Gong was busy", tally=Tally(1225, 538)),
        ),
        ("Gong refused all 1,225. I sent you the list.", some.troubled(State.FAILED, "all_refused")),
        ("Canceled in Polytomic. Nobody enrolled.", some.enrollment(State.CANCELED)),
        ("Canceled by <@U0OPERATOR>. Nobody enrolled.", some.enrollment(State.CANCELED, canceled_by="U0OPERATOR")),
        (
            "I lost sight of this run. @operator was told; nobody will be enrolled twice.",
            some.troubled(State.NEEDS_ATTENTION, "PolytomicAway"),
        ),
    ],
)
def test_the_ping_mentions_the_requester_first(expected: str, enrollment: object) -> None:
    """The words alone make sense in a notification."""
    message = ping.message(enrollment)  # type: ignore[arg-type]
    assert f"<@U0REQUESTER> {expected}" == message["text"]
    assert message["text"] == message["blocks"][0]["text"]["text"]


def test_a_ping_that_ends_a_run_links_to_it() -> None:
    """At its end."""
    said = ping.message(some.partly(), link="https://x")["text"]
    assert said.endswith("I sent you the list. <https://x|Open in Polytomic>")
