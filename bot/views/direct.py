"""4.5 and 4.6: what the bot writes to one person by itself, in a direct message."""

from collections.abc import Sequence
from datetime import datetime

from bot.enrollment import attention, names
from bot.enrollment.model.checks import Check
from bot.enrollment.model.connections import Consent, ConsentState, Service
from bot.enrollment.model.enrollments import Enrollment, State, Verdict
from bot.errors import QueryProblem
from bot.views import blocked, connect, ids, query_words, words
from bot.views.blocks import Element, Message, actions, button, confirm, section
from bot.views.connect import NAMES
from bot.views.states import shown

KEPT = "Nothing was enrolled; your draft is kept."
UNDELIVERED = {
    "not_in_channel": "I was removed",
    "channel_not_found": "it was deleted",
    "is_archived": "it is archived",
}


def _message(said: str, *buttons: Element) -> Message:
    return {"text": said, "blocks": [section(said), *([actions(*buttons)] if buttons else [])]}


def check_done(check: Check) -> Message:
    """A check ended with numbers after its view was closed; the button's value is the check's id."""
    if check.preflight is None:
        return check_refused(check)
    funnel = check.preflight.funnel
    said = (
        f"Checked: {words.number(funnel.will_enroll)} of {words.number(funnel.rows)} would be enrolled in"
        f" {words.flow(check.flow.name)}. Nothing is sent yet."
    )
    if not funnel.will_enroll:
        return _message(said, _edit_query(check))
    review = words.count(funnel.will_enroll, "contact")
    return _message(said, button(f"Review {review}", ids.REOPEN_REVIEW, value=check.id, style="primary"))


def check_refused(check: Check, operators: Sequence[str] = ()) -> Message:
    """A check ended without numbers after its view was closed; the button's value is the draft's id."""
    refusal = check.refusal
    if refusal is None or refusal.problem == QueryProblem.SNOWFLAKE_SAID_NO:
        said = "Snowflake refused your query. Nothing was enrolled."
    elif refusal.kind == "QueryRefused":
        said = words.escape(query_words.query_refused(refusal))
    else:
        said = blocked.refused(refusal, tuple(operators))
        said += f" Reference `{refusal.reference}`." if refusal.reference and refusal.reference not in said else ""
    return _message(said, _edit_query(check))


def _edit_query(check: Check) -> Element:
    return button("Edit query", ids.REOPEN_DRAFT, value=check.draft_id)


def consent(given: Consent) -> Message:
    """How a consent ended, for whoever waited for it without an open form."""
    if given.state is ConsentState.CONNECTED:
        return _connected(given)
    again = ids.CONNECT_GONG if given.service is Service.GONG else ids.CONNECT_SNOWFLAKE
    if given.service is Service.GONG:
        said = words.escape(connect.gong_refused(given)).replace("Your query is kept.", KEPT)
    else:
        said = words.escape(connect.snowflake_refused(given))
    return _message(said, button("Try again", again, value=given.draft_id or ""))


def _connected(given: Consent) -> Message:
    said = "Gong is connected."
    if given.service is Service.SNOWFLAKE:
        said = words.escape(connect.snowflake_connected(given.connection_name or "Snowflake"))
    if given.draft_id:
        press = button("Continue", ids.REOPEN_DRAFT, value=given.draft_id, style="primary")
        return _message(f"{said} Your draft is where you left it.", press)
    return _message(said, button("Enroll contacts", ids.START, style="primary"))


def ask_operator(asker_id: str, service: Service) -> Message:
    """Somebody who may not connect a service asks an operator to."""
    name = NAMES[service]
    action = ids.CONNECT_GONG if service is Service.GONG else ids.CONNECT_SNOWFLAKE
    said = f"{words.mention(asker_id)} asks you to connect {name}. I will write to them when it is connected."
    return _message(said, button(f"Connect {name}", action, style="primary"))


def operator_note(enrollment: Enrollment, *, link: str = "") -> Message:
    """What an operator has to know about an enrollment that cannot go on by itself, with what they can say of it."""
    may_judge = attention.may_be_judged(enrollment)
    said = _note(enrollment, link, asked=may_judge)
    return _message(said, *(verdicts(enrollment) if may_judge else ()))


def verdicts(enrollment: Enrollment) -> tuple[Element, ...]:
    """The two presses that let it go on. Their value names the question: an earlier one cannot be answered any more."""
    reference = enrollment.trouble.reference if enrollment.trouble else ""
    value = f"{enrollment.id} {reference}"
    people = words.count(attention.batch_size(enrollment), "contact")
    ended = confirm(
        "It ended?",
        "If it still goes, Polytomic is asked to end it: who is in the flow stays, and the rest of this run is not"
        " enrolled. Then I go on by its counts.",
        "It ended",
        "Not sure",
    )
    never_ran = confirm(
        "It never ran?",
        f"If it did run, these {people} may be mailed a second time, and no mail can be recalled. I look at Polytomic"
        " once more: if it reached anybody, nothing is started; else I start it again.",
        "It never ran",
        "Not sure",
    )
    spoken = f"of {enrollment.id}"
    return (
        button("It ended", ids.RUN_ENDED, value=value, confirm=ended, spoken=f"It ended: run {spoken}"),
        button("It never ran", ids.RUN_NEVER_RAN, value=value, confirm=never_ran, spoken=f"It never ran: run {spoken}"),
    )


def judged(enrollment: Enrollment, verdict: Verdict, judge_id: str, now: datetime) -> Message:
    """The note once it was answered: by whom, with what, and what comes of it. No buttons are left."""
    outcome = "It never ran. I look once more; if it reached nobody, I start it again."
    if verdict is Verdict.ENDED:
        outcome = "It ended. I look at its counts and go on from there."
    answer = f"{words.mention(judge_id)} said {words.date(now)}: {outcome}"
    return _message(f"{_note(enrollment, '', asked=False)}\n{answer}")


def _note(enrollment: Enrollment, link: str, *, asked: bool) -> str:
    trouble = enrollment.trouble
    people = f"{words.count(enrollment.tally.total, 'contact')}, {words.flow(enrollment.flow.name)}."
    open_it = f" Open it in Polytomic: {words.link(link, 'the sync')}." if link else ""
    since = words.date((trouble.since if trouble else None) or enrollment.updated_at)
    reference = f" `{trouble.reference}`" if trouble and trouble.reference else ""
    match trouble.kind if trouble else "":
        case "PolytomicLockedOut":
            what = f"Polytomic refuses my key since {since} (401 or 403), so I cannot see the run of {enrollment.id}."
        case "too_many" if trouble:
            what = (
                f"Run of {enrollment.id} held {words.count(trouble.size, 'contact')} where"
                f" {words.number(trouble.limit)} {'was' if trouble.limit == 1 else 'were'} named; I canceled it."
            )
        case "nobody_moved":
            what = f"Run of {enrollment.id} ended with 0 contacts."
        case "PolytomicOddAnswer":
            what = f"Polytomic gave an answer about {enrollment.id} that I do not understand."
        case "interrupted":
            what = f"Run of {enrollment.id} is interrupted since {since}."
        case _ if attention.unseen(enrollment):
            what = f"The start of a run of {enrollment.id} was never answered; I cannot tell whether it runs."
        case _:
            what = f"Run of {enrollment.id} is silent since {since}."
    then = " Then press *It ended* or *It never ran*." if asked else ""
    return f"{what} {people} I will not start it again.{open_it}{then}{reference}"


def impossible_row(enrollment_id: str, why: str) -> Message:
    """A row of the database cannot be right: what is wrong, that nothing is done about it, and what to do."""
    reference = names.reference_of(enrollment_id, why)
    return _message(
        f"The row of `{enrollment_id}` cannot be right: {words.escape(why, words.REASON_MAX)}. I did nothing with it"
        " and will not while it is so; a run that goes at Polytomic goes on. Look at its sync in Polytomic, then put"
        f" the row right in the database: I go on by myself. Reference `{reference}`."
    )


def check_note(check: Check) -> Message:
    """What an operator has to know about a check that Polytomic spoiled."""
    reference = f" `{check.refusal.reference}`" if check.refusal and check.refusal.reference else ""
    who = words.mention(check.user_id)
    return _message(
        f"Polytomic gave an answer that I do not understand to a check of {who}. Nobody was enrolled."
        f" The log names the call under the reference.{reference}"
    )


def undelivered(enrollment: Enrollment, channel_id: str, slack_error: str) -> Message:
    """The living message cannot stand where it was wanted, so the requester has it here."""
    there = words.channel(channel_id)
    why = UNDELIVERED.get(slack_error, "Slack refused it")
    said = (
        f"I could not post in {there} ({why}), so you get this here."
        f" The enrollment itself went on: {shown(enrollment).word}."
    )
    if slack_error != "not_in_channel":
        return _message(said)
    said = f"{said} Type `/invite @Enroll Flow` in {there}, then press *Post there*."
    return _message(said, button("Post there", ids.POST_THERE, value=enrollment.id))


def started(enrollment: Enrollment, link: str) -> Message:
    """Where to follow an enrollment that was asked for elsewhere."""
    where = words.link(link, "follow it here") if link else "follow it in your messages"
    # What waits for somebody's word has not started; what else may keep it is in that message.
    done = "Asked for approval of" if enrollment.state is State.AWAITING_APPROVAL else "Started"
    return _message(f"{done} `{enrollment.id}`: {where}.")
