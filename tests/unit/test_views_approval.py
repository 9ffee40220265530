"""The card, its forms, and what stands in the living message and its ping (ux.md 4.1 to 4.3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.enrollment.approval_rules import Answer, Heard
from bot.enrollment.model.approvals import Decision, Question, Word
from bot.enrollment.model.checks import Check
from bot.enrollment.model.enrollments import Pause, PauseKind, State, Tally, Trouble
from bot.enrollment.model.flows import FieldMapping, FlowField
from bot.enrollment.model.stops import Stop
from bot.views import approval, approval_forms, approval_words, holds, living, ping
from bot.views.approval_words import Asked
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, FINGERPRINT, ID, NOW, buttons, texts

NAMES = {"U0APPROVER": "ada", "U0OTHER": "otto", "U0BOSS": "boss"}
YES = Word(ID, "T1", "U0APPROVER", Decision.APPROVED, FINGERPRINT, NOW)
NO = replace(YES, decision=Decision.DENIED, reason="Not <these>")
RUNNING = "now *Running* <https://app.polytomic.example/s/1|see it>"
LINK = "https://app.polytomic.example/s/1"


def facts(*words: Word, check: Check | None = None, **changes: object) -> approval.Facts:
    """What a card shows of the sample check."""
    shown = replace(check or some.check(), ended_at=NOW)
    made = approval.Facts(NOW, words=words, check=shown, owners=("olga",))
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_card_says_what_happens_to_people_and_why_it_asks() -> None:
    """Its words are those of ux.md, and the first button carries the number."""
    card = approval.card(some.awaiting(note="Renewals of March"), facts())
    said = "\n".join(texts(card["blocks"]))
    for words in (
        "Approval needed",
        "*Requester* <@U0REQUESTER>",
        "*Sender* not shown",
        "*Reads* SALESFORCE_CONTACTS",
        "*Expires* <!date^",
        "*If you approve,* 1,225 people start this flow. Mail can leave within minutes and cannot be recalled.",
        "*Why you:* rule `approval.large`, more than 500 contacts need 1 of 2 approvers. Rule owner: @olga.",
        "= will be enrolled         1,225",
        "Renewals of March",
        f"`{ID}` · list frozen {DATE}, fingerprint 9f2c41d0 · any edit voids this",
    ):
        assert words in said
    assert [
        ("Approve 1,225 contacts", "approve"),
        ("Deny", "deny"),
        ("Ask", "ask"),
        ("Show query", "show_query"),
    ] == buttons(card)
    approve = next(one for one in card["blocks"] if one["type"] == "actions")["elements"][0]
    assert f"{ID} {FINGERPRINT}" == approve["value"]
    assert [
        "Approve 1,225 contacts?",
        "They start “Q4 Renewal”. It starts at once and cannot be recalled.",
        "Approve",
        "Go back",
    ] == [approve["confirm"][key]["text"] for key in ("title", "text", "confirm", "deny")]
    assert "Approval needed: <@U0REQUESTER> wants to enroll 1,225 contacts into Q4 Renewal." == card["text"]


def test_one_contact_and_no_note() -> None:
    """The singular everywhere, and words where nobody wrote any."""
    one = replace(some.awaiting(above=0), tally=Tally(1))
    said = "\n".join(texts(approval.card(one, facts())["blocks"]))
    any_number = "rule `approval.large`, any number of contacts needs 1 of 2 approvers."
    for words in ("1 person starts this flow.", "No note.", "Approve 1 contact", "It starts “Q4 Renewal”.", any_number):
        assert words in said


def test_the_sender_is_named_where_the_flow_asks_for_one() -> None:
    """On the card, and in the question before the press."""
    check = replace(some.check(), fields=(FlowField("owner", "Owner", is_email=True),))
    mapped = replace(some.awaiting(), mappings=(FieldMapping("owner", "Owner", value="sam@example.com"),))
    said = "\n".join(texts(approval.card(mapped, facts(check=check))["blocks"]))
    assert "*Sender* sam@example.com" in said
    assert "They start “Q4 Renewal” under sam@example.com." in said


def test_half_of_two() -> None:
    """The buttons stay, and the dialog says that one word is not all."""
    two = some.awaiting(needed=2)
    card = approval.card(two, facts(YES))
    said = "\n".join(texts(card["blocks"]))
    assert "1 of 2 approved: <@U0APPROVER>." in said
    assert 4 == len(buttons(card))
    first = "\n".join(texts(approval.card(two, facts())["blocks"]))
    assert "It starts once 1 more has approved, and cannot be recalled." in first


def test_whoever_is_asked_later_reads_why() -> None:
    """The rule is that of escalation."""
    said = "\n".join(texts(approval.card(some.awaiting(escalated_at=NOW), facts(later=True))["blocks"]))
    assert "*Why you:* nobody of the first approvers decided in 18 hours; rule `approval.escalate_to`." in said
    half = "\n".join(texts(approval.card(some.awaiting(needed=2, escalated_at=NOW), facts(YES, later=True))["blocks"]))
    assert "*Why you:* only 1 of the first approvers decided in 18 hours;" in half


@pytest.mark.parametrize(
    ("state", "words", "said"),
    [
        (
            State.RUNNING,
            (YES,),
            f":white_check_mark: *Approved* by <@U0APPROVER>, {DATE} · 1,225 → Q4 Renewal · {RUNNING}",
        ),
        (State.DENIED, (NO,), f":no_entry_sign: *Denied* by <@U0APPROVER>, {DATE}: “Not &lt;these&gt;”"),
        (State.CANCELED, (), ":no_entry_sign: *Withdrawn* by <@U0REQUESTER>"),
        (State.EXPIRED, (), f":alarm_clock: *Expired* {DATE}, nobody enrolled"),
        (State.FAILED, (), ":twisted_rightwards_arrows: *Void*: the request was edited; it has to be asked for anew"),
    ],
)
def test_a_decided_card_has_no_buttons(state: State, words: tuple[Word, ...], said: str) -> None:
    """It says who decided what, and what became of it."""
    ended = replace(
        some.awaiting(state, expires_at=NOW if state is State.EXPIRED else NOW + timedelta(hours=24)),
        canceled_by="U0REQUESTER",
        trouble=Trouble("voided") if state is State.FAILED else None,
    )
    card = approval.card(ended, facts(*words, link=LINK))
    assert said == card["blocks"][0]["text"]["text"]
    assert [] == buttons(card)
    assert "*" not in card["text"]


def test_the_banner_stands_on_top_of_a_card_that_waits() -> None:
    """Not of one that was decided."""
    stop = Stop("stop", "T0SANDBOX", "U0OPERATOR", "too many complaints", NOW)
    banner = holds.banner(stop)
    card = approval.card(some.awaiting(), replace(facts(), stop=stop))
    assert banner == card["blocks"][0]
    assert "They start “Q4 Renewal”. It starts once enrolling is resumed, and cannot be recalled." in texts(card)
    assert banner not in approval.card(some.awaiting(), replace(facts(YES), stop=stop))["blocks"]


def test_a_policy_with_hours_promises_no_start_at_once() -> None:
    """The card does not know the hour at which it is pressed."""
    said = "It starts at once, or when quiet hours and the day's limit allow, and cannot be recalled."
    assert f"They start “Q4 Renewal”. {said}" in texts(approval.card(some.awaiting(), replace(facts(), may_wait=True)))


def test_the_living_message_while_it_waits() -> None:
    """Approvers stand there by name; the button takes the request back."""
    asked = Asked((YES,), NAMES)
    waits = some.awaiting(needed=2, escalated_at=NOW)
    message = living.message(waits, living.Facts(NOW, asked=asked))
    day = "<!date^1795529100^{date_short_pretty} at {time}|2026-11-24 14:05 UTC>"
    assert (
        f"Asked @ada or @otto (2 needed): more than 500 contacts. Expires {day}.\n"
        f"Also asked @boss {DATE}.\n"
        f"1 of 2 approved: <@U0APPROVER>, {DATE}.\n"
        "Nobody is enrolled before 1 more approves."
    ) == message["blocks"][2]["text"]["text"]
    alone = living.message(some.awaiting(above=0), living.Facts(NOW, asked=Asked((), NAMES)))
    assert (
        f"Asked @ada or @otto (1 needed): any number of contacts. Expires {day}.\n"
        "Nobody is enrolled before someone approves."
    ) == alone["blocks"][2]["text"]["text"]
    assert [("Withdraw", "withdraw")] == buttons(message)
    dialog = message["blocks"][3]["elements"][0]["confirm"]
    assert [
        "Withdraw the request?",
        "Nobody has been enrolled. Your query is kept as a draft.",
        "Withdraw",
        "Keep waiting",
    ] == [dialog[key]["text"] for key in ("title", "text", "confirm", "deny")]
    assert "Waiting for approval: 1,225 contacts into Q4 Renewal." == message["text"]


def test_the_word_that_it_was_allowed_promises_no_start_that_has_to_wait() -> None:
    """While everything is stopped, and until the clock allows it."""
    allowed = some.awaiting(State.LAUNCHING)
    assert f"<@U0APPROVER> approved {DATE}. Starting." == approval_words.approved(allowed, (YES,))["text"]
    stopped = approval_words.approved(allowed, (YES,), stopped=True)["text"]
    assert f"<@U0APPROVER> approved {DATE}. It starts once enrolling is resumed." == stopped
    quiet = replace(some.awaiting(State.ON_HOLD), pause=Pause(PauseKind.QUIET_HOURS, NOW, until=NOW))
    assert f"<@U0APPROVER> approved {DATE}. Starts {DATE}." == approval_words.approved(quiet, (YES,))["text"]


def test_denied_and_expired_in_the_living_message_and_the_ping() -> None:
    """What happened, and that nobody was enrolled."""
    denied = some.troubled(State.DENIED, "denied", by="U0APPROVER", fragment="Not <these>", since=NOW)
    message = living.message(denied, living.Facts(NOW))
    assert (
        f"Denied by <@U0APPROVER> {DATE}: “Not &lt;these&gt;”. Nobody was enrolled."
        == message["blocks"][2]["text"]["text"]
    )
    assert "Denied: nobody was enrolled into Q4 Renewal." == message["text"]
    assert [("Edit and ask again", "reopen_draft")] == buttons(message)
    assert (
        "<@U0REQUESTER> Denied by <@U0APPROVER>: “Not &lt;these&gt;”. Nobody was enrolled."
        == ping.message(denied)["text"]
    )
    expired = some.troubled(State.EXPIRED, "unapproved", limit=86_400)
    said = living.message(expired, living.Facts(NOW))["blocks"][2]["text"]["text"]
    assert "Nobody approved within 24 hours. Nobody was enrolled. Your query is kept." == said
    assert "<@U0REQUESTER> Expired without approval. Nobody was enrolled." == ping.message(expired)["text"]
    one_of_two = replace(expired, terms=some.awaiting(needed=2).terms)
    said = living.message(one_of_two, living.Facts(NOW))["blocks"][2]["text"]["text"]
    assert "Fewer than 2 approved within 24 hours. Nobody was enrolled. Your query is kept." == said


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        (Heard(Answer.TAKEN, some.awaiting()), ""),
        (
            Heard(Answer.OWN, some.awaiting()),
            "You asked for this, so someone else has to approve it. Nothing changed.",
        ),
        (
            Heard(Answer.NOT_APPROVER, some.awaiting(), approvers=("U0APPROVER", "U0OTHER")),
            "Only @ada or @otto can decide this. Nothing changed.",
        ),
        (
            Heard(Answer.DECIDED, some.awaiting(), (YES,)),
            f"Already approved by <@U0APPROVER> {DATE}. Your press changed nothing.",
        ),
        (
            Heard(Answer.DECIDED, some.awaiting(), (NO,)),
            f"Already denied by <@U0APPROVER> {DATE}. Your press changed nothing.",
        ),
        (
            Heard(
                Answer.DECIDED,
                replace(some.awaiting(State.CANCELED), canceled_by="U0REQUESTER", cancel_asked_at=NOW),
            ),
            f"Already withdrawn by <@U0REQUESTER> {DATE}. Your press changed nothing.",
        ),
        (
            Heard(Answer.DECIDED, some.awaiting(State.EXPIRED, expires_at=NOW)),
            f"Expired {DATE}, nobody enrolled. Your press changed nothing.",
        ),
        (Heard(Answer.LOST), "I no longer know this enrollment. Nothing was done."),
    ],
)
def test_whoever_presses_in_vain_reads_why(heard: Heard, said: str) -> None:
    """Each press has its sentence, and the second one repeats the first answer."""
    assert said == approval_words.heard(heard, "U0PRESSER", NAMES, NOW)


def test_the_forms() -> None:
    """Titles, buttons and limits are those of ux.md."""
    question = Question("q-1", ID, "T1", "U0APPROVER", "Why now?", NOW)
    forms = (
        approval_forms.deny(some.awaiting()),
        approval_forms.ask(some.awaiting()),
        approval_forms.answer(question),
    )
    assert [
        ("Deny request", "Deny", "Back", "enroll_deny", ID, 300),
        ("Ask the requester", "Ask", "Back", "enroll_ask", ID, 500),
        ("Answer", "Answer", "Back", "enroll_answer", "q-1", 500),
    ] == [
        (
            form["title"]["text"],
            form["submit"]["text"],
            form["close"]["text"],
            form["callback_id"],
            form["private_metadata"],
            form["blocks"][-1]["element"]["max_length"],
        )
        for form in forms
    ]


def test_questions_and_answers() -> None:
    """An answered question cannot be answered again."""
    question = Question("q-1", ID, "T1", "U0APPROVER", "Why <now>?", NOW)
    asked = approval_words.question(some.awaiting(), question, answerable=True)
    assert "<@U0APPROVER> asks <@U0REQUESTER>: “Why &lt;now&gt;?”" == asked["text"]
    assert [("Answer", "answer")] == buttons(asked)
    assert [] == buttons(approval_words.question(some.awaiting(), question, answerable=False))
    told = replace(question, answer="They renew.", answered_by="U0REQUESTER", answered_at=NOW)
    assert [] == buttons(approval_words.question(some.awaiting(), told, answerable=True))
    assert "<@U0REQUESTER>: “They renew.”" == approval_words.answer(told)["text"]


def test_names_of_many_approvers_are_cut() -> None:
    """Five of them, and how many more there are."""
    ids = tuple(f"U{n}" for n in range(9))
    from_slack = {one: f"person {one[1:]}" for one in ids}
    said = approval_words.heard(Heard(Answer.NOT_APPROVER, some.awaiting(), approvers=ids), "U", from_slack, NOW)
    assert (
        "Only @person 0, @person 1, @person 2, @person 3, @person 4 or 4 others can decide this. Nothing changed."
        == said
    )
