"""4.5 and 4.6: what the bot writes to one person by itself, in a direct message."""

from collections.abc import Sequence

from bot.enrollment.model.checks import Check
from bot.enrollment.model.connections import Consent, ConsentState, Service
from bot.enrollment.model.enrollments import Enrollment
from bot.errors import QueryProblem
from bot.views import blocked, connect, ids, query_words, words
from bot.views.blocks import Element, Message, actions, button, section
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
    """What an operator has to know about an enrollment that cannot go on by itself."""
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
        case _:
            what = f"Run of {enrollment.id} is silent since {since}."
    return _message(f"{what} {people} I will not start it again.{open_it}{reference}")


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
    return _message(f"Started `{enrollment.id}`: {where}.")
