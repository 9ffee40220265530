"""The alerts that the review shows when a submit is refused and nothing was started (ux.md V5)."""

from bot import errors
from bot.views import not_allowed, sentences, words
from bot.views.modal import Notice

_IN_AN_ALERT = 80


def flow_gone(flow_name: str) -> Notice:
    """The flow went away between the check and the submit."""
    name = words.data(flow_name, words.FLOW_MAX)
    return Notice("error", f"{name} is no longer in Gong. Nothing was started. Edit the query form to choose another.")


def too_old(age: float) -> Notice:
    """The numbers are older than they may be; `age` in seconds."""
    minutes = words.minutes(age)
    return Notice("error", f"This check is {minutes} old. Nothing was started.")


def edited() -> Notice:
    """The draft was changed elsewhere after this check."""
    return Notice("error", "The query was changed after this check. Nothing was started. Check again.")


def of(error: BaseException, *, reference: str = "") -> Notice:
    """Any other reason, within the 200 characters of an alert."""
    tail = f" Reference {reference}." if reference else ""
    match error:
        case errors.FlowNotFound():
            return flow_gone(error.flow_name)
        case errors.FieldNotMapped():
            flow, name = words.data(error.flow_name, 40), words.data(error.field_name, 40)
            return Notice("error", f"{flow} now also needs {name}. Nobody was enrolled. Fill it in and confirm again.")
        case errors.PolytomicRefused():
            said = sentences.polytomic_refused("this", error.message, "", _IN_AN_ALERT)
            return Notice("error", f"{said}{tail}")
        case errors.NotAllowed() if error.refused:
            return Notice("error", not_allowed.plain(error.refused, brief=True))
        case _:
            return Notice("error", words.unmarked(sentences.ephemeral(error, reference=reference)))
