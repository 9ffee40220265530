"""4.6: what is out and who waits for it, to those who can mend it; and the word in the thread when it has healed."""

from bot.enrollment.model.outages import Outage, OutageKind, Waiting
from bot.views import ids, words
from bot.views.blocks import Message, actions, button, section

NEW_KEY = "Set a new `POLYTOMIC_API_KEY` and restart; `python -m bot doctor` checks it."


def message(outage: Outage, waiting: Waiting) -> Message:
    """The one message that follows the outage; once it has healed there is nothing to press any more."""
    if outage.healed_at is not None:
        return _past(outage)
    if outage.kind is OutageKind.KEY:
        return _shown(_key(outage, waiting))
    said = _gong(waiting)
    press = button("Reconnect Gong", ids.CONNECT_GONG, value=ids.of_connection(outage.connection_id), style="primary")
    return {"text": said, "blocks": [section(said), actions(press)]}


def healed(outage: Outage) -> Message:
    """The outage is over, and how many have gone on."""
    over = "Polytomic takes my key again." if outage.kind is OutageKind.KEY else "Gong is connected again."
    went_on = f" {words.count(outage.resumed, 'enrollment')} went on." if outage.resumed else ""
    return _shown(f"{over}{went_on}")


def _shown(said: str) -> Message:
    return {"text": said, "blocks": [section(said)]}


def _past(outage: Outage) -> Message:
    since, until = words.date(outage.since), words.date(outage.healed_at or outage.since)
    what = "Polytomic refused my key" if outage.kind is OutageKind.KEY else "Gong needed consent again"
    return _shown(f"{what} from {since} to {until}.")


def _gong(waiting: Waiting) -> str:
    said = "Gong needs consent again."
    if not waiting.count:
        return said
    go_on = "It goes on by itself." if waiting.count == 1 else "They go on by themselves."
    return f"{said} {_wait(waiting.count)}: {_ids(waiting)}. {go_on}"


def _key(outage: Outage, waiting: Waiting) -> str:
    parts = [f"Polytomic refuses my key since {words.date(outage.since)} (401 or 403)."]
    parts += [_people(waiting)] if waiting.count or not waiting.ended else []
    if waiting.ended:
        syncs = "The sync" if waiting.ended == 1 else "The syncs"
        verb = "is" if waiting.ended == 1 else "are"
        parts.append(f"{syncs} of {words.count(waiting.ended, 'ended enrollment')} {verb} still to be switched off.")
    return " ".join([*parts, NEW_KEY, f"`{outage.reference}`"])


def _people(waiting: Waiting) -> str:
    """How many wait, and what is known of their people: "nobody" only where it is certain."""
    if not waiting.count:
        return "No enrollment waits; checks end without numbers, and nobody is enrolled."
    wait = _wait(waiting.count)
    if not waiting.begun:
        return f"{wait}; nobody was enrolled."
    if waiting.count == 1:
        return f"{wait}; it had begun, so some of its contacts may be enrolled."
    who = "they" if waiting.begun == waiting.count else f"{words.number(waiting.begun)} of them"
    whose = "its" if waiting.begun == 1 else "their"
    return f"{wait}; {who} had begun, so some of {whose} contacts may be enrolled."


def _wait(count: int) -> str:
    return f"{words.count(count, 'enrollment')} {'waits' if count == 1 else 'wait'}"


def _ids(waiting: Waiting) -> str:
    more = waiting.count - len(waiting.ids)
    named = ", ".join(f"`{one}`" for one in waiting.ids)
    return f"{named} and {words.number(more)} more" if more > 0 else named
