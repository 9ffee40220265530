"""The words for every error, by the surface that shows them (ux.md section 5).

`field` gives plain text for an input block, `view` mrkdwn for a modal, `ephemeral` mrkdwn for a private message;
what the living message says is in `troubles`.
"""

from collections.abc import Sequence

from bot import errors
from bot.enrollment.model.enrollments import Enrollment
from bot.enrollment.model.people import Standing
from bot.views import not_allowed as not_allowed_by
from bot.views import words
from bot.views.query_words import query_refused
from bot.views.states import shown

OUTSIDER = "People outside this workspace cannot use this bot."
GUEST = "Guests cannot enroll contacts. Ask a full member of this workspace. Nothing was done."
NO_FORM = "The form did not open in the 3 seconds that Slack allows. Nothing is lost: type `/enroll-flow` again."
LOST_ENROLLMENT = "I no longer know this enrollment. Nothing was done."
AWAY = "Polytomic did not answer. Nothing was enrolled; your draft is kept."
ODD_ANSWER = "Polytomic gave an answer I do not understand, so I stopped before doing anything else."
FLOW_GONE = "This flow is no longer in Gong. Choose another; your query is kept."


def field(error: errors.PersonCanFix | errors.PolytomicRefused) -> str:
    """Plain text for the input that the error belongs to."""
    match error:
        case errors.QueryRefused():
            return query_refused(error)
        case errors.FlowNotFound():
            return FLOW_GONE
        case errors.FieldNotMapped():
            return f"This flow needs {words.data(error.field_name, words.FLOW_MAX)}. Choose a column or type a value."
        case errors.PolytomicRefused():
            return polytomic_refused("this", error.message, error.field, 150)
        case errors.NotAllowed():
            return not_allowed_by.plain(error.refused) if error.refused else words.data(not_allowed(error.standing))
        case _:
            return "Nothing was enrolled."


def view(
    error: errors.AppError,
    *,
    reference: str = "",
    operators: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> str:
    """Mrkdwn for a view that cannot go on; the reference stands in its own context there."""
    match error:
        case errors.NotAllowed():
            said = not_allowed(error.standing, rule=error.rule, operators=operators, groups=groups)
            return not_allowed_by.sentence(error.refused) if error.refused else said
        case errors.PersonCanFix():
            return _person_can_fix(error)
        case errors.PolytomicError():
            return polytomic(error, operators)
        case errors.ImpossibleRow():
            return impossible_row(operators)
        case errors.Misconfigured():
            return words.escape(error.words, words.REASON_MAX)
        case _:
            return broke(reference, operators)


def _person_can_fix(error: errors.PersonCanFix) -> str:
    match error:
        case errors.QueryRefused():
            return words.escape(query_refused(error))
        case errors.FlowNotFound():
            return flow_not_found(error.flow_name)
        case errors.FieldNotMapped():
            return field_not_mapped(error.flow_name, error.field_name)
        case errors.DraftExpired():
            return draft_expired(error)
        case errors.EnrollingStopped():
            return enrolling_stopped(error)
        case _:
            return ALREADY_RUNNING


def ephemeral(
    error: BaseException,
    *,
    reference: str = "",
    operators: Sequence[str] = (),
    groups: Sequence[str] = (),
    enrollment_id: str = "",
) -> str:
    """Mrkdwn for a private message; it carries its own reference when the log holds the cause."""
    if not isinstance(error, errors.AppError) or isinstance(error, errors.SlackUndelivered):
        return broke(reference, operators, enrollment_id=enrollment_id)
    said = view(error, reference=reference, operators=operators, groups=groups)
    told = isinstance(error, errors.PolytomicError | errors.ImpossibleRow) and reference
    return f"{said} Reference `{reference}`." if told else said


def polytomic(error: errors.PolytomicError, operators: Sequence[str]) -> str:
    """What Polytomic did, before anybody was enrolled."""
    match error:
        case errors.PolytomicBusy():
            return "Polytomic asks me to wait. Nothing is lost; I go on by myself."
        case errors.PolytomicRefused():
            return words.escape(polytomic_refused("this", error.message, error.field, 150))
        case errors.PolytomicLockedOut():
            return locked_out(words.told(operators))
        case errors.PolytomicOddAnswer():
            return odd_answer(0, words.told(operators))
        case _:
            return AWAY


def impossible_row(operators: Sequence[str]) -> str:
    """What belongs to this button cannot be read any more."""
    return f"A row of mine cannot be right, so I leave it alone. Nothing was done. {words.told(operators)}"


def away(seconds: int) -> str:
    """Polytomic was silent for so long that the person should not wait on; 0 when nobody measured."""
    waited = f" for {words.count(seconds, 'second')}" if seconds else ""
    return AWAY.replace("did not answer", f"did not answer{waited}")


def flow_not_found(flow_name: str) -> str:
    """The flow went away between choosing and confirming."""
    return (
        f"“{words.flow(flow_name)}” is no longer in Gong. Nobody was enrolled. Choose another flow; your query is kept."
    )


def field_not_mapped(flow_name: str, field_name: str) -> str:
    """The flow changed between choosing and confirming."""
    return (
        f"{words.flow(flow_name)} now also needs {words.flow(field_name)}."
        " Nobody was enrolled. Fill it in and confirm again."
    )


ALREADY_RUNNING = "A run of this enrollment is already going, so I did not start another. I follow that one."


def polytomic_refused(what: str, message: str, field_name: str, limit: int) -> str:
    """Plain text, with Polytomic's own words when `message` is given: never in a channel."""
    quoted = f": “{words.data(message, limit)}”" if message else ""
    where = f" ({words.data(field_name, words.FLOW_MAX)})" if field_name else ""
    asked = words.data(what, words.FLOW_MAX)
    return f"Polytomic refused {asked}{quoted}{where}. Nobody was enrolled. Change it and confirm again."


def locked_out(told: str) -> str:
    """The key does not open Polytomic any more."""
    return f"The bot's access to Polytomic was refused. Nobody was enrolled; your draft is kept. {told}"


def odd_answer(enrolled: int, told: str) -> str:
    """An answer that is not of the agreed shape."""
    return f"{ODD_ANSWER} {words.enrolled(enrolled)} {told}"


def enrolling_stopped(error: errors.EnrollingStopped) -> str:
    """Plain text: everything is stopped, so that nothing begins."""
    return f"Enrolling was stopped at {words.utc(error.at)}. Nothing was started; your draft is kept."


def draft_expired(error: errors.DraftExpired) -> str:
    """Why the draft is no longer there."""
    when = f" {words.date(error.ended_at)}" if error.ended_at else ""
    removed = "you started over, or it was older than 30 days, so it was removed"
    why = f"it was enrolled as `{error.draft_id}`" if error.enrolled else removed
    return f"This draft ended{when}: {why}. Nothing was enrolled now. Start with `/enroll-flow`."


def broke(reference: str, operators: Sequence[str] = (), *, enrollment_id: str = "") -> str:
    """Anything else; never a bare "something went wrong"."""
    so_far = f"Your enrollment {enrollment_id} goes on." if enrollment_id else "Nothing was enrolled."
    return (
        f"Something broke on my side. {so_far} Your draft is kept."
        f" Try again; if it stays, give {words.operators(operators)} reference {reference}."
    )


def not_allowed(
    standing: str, *, rule: str = "people", operators: Sequence[str] = (), groups: Sequence[str] = ()
) -> str:
    """Rule `people`: what, rule, owner, and what would pass."""
    owner = words.operators(operators)
    match standing:
        case Standing.GUEST:
            return GUEST
        case Standing.OUTSIDER | Standing.BOT:
            return OUTSIDER
        case Standing.NOBODY_YET:
            return f"Nobody may enroll yet: {owner} has to set ENROLL_USERS. Nothing was done."
        case Standing.UNKNOWN:
            return "Slack does not tell me now who you are. Nothing was done. Try again in a minute."
        case _:
            return _by_rule(rule, owner, groups)


def _by_rule(rule: str, owner: str, groups: Sequence[str]) -> str:
    match rule:
        case "requester":
            return "This enrollment belongs to somebody else. Only they can open it. Nothing changed."
        case "connect":
            return f"Only operators may connect Snowflake. Ask {owner}. Nothing was changed."
        case _:
            return f"{not_allowed_by.who_may(groups)} Nothing was enrolled. Rule `{rule}`, owner {owner}."


def not_yours(enrollment: Enrollment, deed: str = "cancel") -> str:
    """A button of somebody else's enrollment was pressed."""
    return (
        f"`{enrollment.id}` belongs to {words.mention(enrollment.requester_id)}."
        f" Only they or an operator can {deed} it. Nothing changed."
    )


def already_released(enrollment: Enrollment) -> str:
    """The rest was let go before this press."""
    when = f" {words.date(enrollment.released_at)}" if enrollment.released_at else ""
    return f"Already released by {words.mention(enrollment.released_by)}{when}. Your press changed nothing."


def query_not_yours(enrollment: Enrollment) -> str:
    """Somebody else wants to read a query."""
    return (
        f"Only {words.mention(enrollment.requester_id)}, the approvers and operators can read the query of"
        f" `{enrollment.id}`."
    )


def only_operators_judge(operators: Sequence[str]) -> str:
    """Somebody else pressed what only an operator may answer."""
    return f"Only operators can say what became of a run: {words.operators(operators)}. Nothing changed."


def no_run_known(enrollment: Enrollment) -> str:
    """An operator said that a run ended of which nobody knows whether it began."""
    return (
        f"I know of no run of `{enrollment.id}` that could have ended: its start was never answered. I look for one now"
        " and follow it if it is there. If Polytomic shows none either, press *It never ran*. Nothing was started."
    )


def old_button(enrollment: Enrollment, link: str = "") -> str:
    """A button from an earlier state was pressed."""
    see = f", {words.link(link, 'see it')}" if link else ""
    return f"This button is from an earlier state; nothing changed. Now: *{shown(enrollment).word}*{see}."


def already_open(enrollment: Enrollment) -> str:
    """The same query and flow are under way for this person."""
    return f"You already have this open: `{enrollment.id}`, *{shown(enrollment).word}*. Nothing was started."
