"""Section 2: the private answers to the command's words: help, what is not there yet, what is not known."""

import difflib

from bot.views import ids, words
from bot.views.blocks import Element, Message, actions, button, section

KNOWN = ("help", "status", "cancel", "connect", "stop", "resume")

RESERVED = {
    "history": "`history` is not here yet. `/enroll-flow status` shows your last 10.",
    "retry": "`retry` is not here yet. Type `/enroll-flow`: Gong refuses those already in the flow.",
    "undo": ("`undo` is not here yet. People leave a flow in Gong. To end one that still runs: `/enroll-flow cancel`."),
    "saved": "`saved` is not here yet. Keep the query in a .sql file and upload it.",
    "schedule": "`schedule` is not here yet. A person starts every enrollment.",
    "settings": "`settings` is not here yet. Operators change `policy.toml`.",
    "why": "`why` is not here yet. `/enroll-flow status` shows what your enrollments wait for.",
    "receipt": "`receipt` is not here yet. Once a run has ended, its receipt stands in the thread of its message.",
}

_FOR_ALL = """*Enroll Flow* puts the contacts of a Snowflake query into a Gong Engage flow.
`/enroll-flow`   start, or go on with your draft
`/enroll-flow SELECT …`   start with this query typed
`/enroll-flow status`   your enrollments and what they wait for; add an id for one of them
`/enroll-flow cancel E-7K2M9Q`   cancel one of yours
`/enroll-flow connect`   see, connect or reconnect Snowflake and Gong
"""

_FOR_OPERATORS = """`/enroll-flow stop &lt;reason&gt;`   hold everything, for everyone
`/enroll-flow resume`   lift the stop
"""

_LAST = (
    "Nothing reaches Gong before you have seen the numbers and pressed *Enroll*."
    " Threads: use the shortcut *Enroll contacts*."
)

_OFFERED = {
    "help": ("Show help", ids.RUN_HELP),
    "status": ("Show status", ids.RUN_STATUS),
    "connect": ("Show connections", ids.RUN_CONNECT),
}


def say(text: str, *buttons: Element) -> Message:
    """A private answer of one sentence or a few (mrkdwn)."""
    blocks = [section(text), *([actions(*buttons)] if buttons else [])]
    return {"response_type": "ephemeral", "text": text, "blocks": blocks}


def help(*, operator: bool = False) -> Message:
    """What can be typed; only operators are told what only they may do."""
    return say(_help(operator))


def reserved(word: str) -> Message:
    """A word that is kept for later says so itself."""
    return say(RESERVED[word.casefold()])


def unknown(word: str, *, operator: bool = False) -> Message:
    """A word nobody knows; a near one is offered, and nothing is done."""
    near = difflib.get_close_matches(word.casefold(), KNOWN, n=1, cutoff=0.6)
    typed = words.code(word, 40)
    if not near:
        return say(f"I don't know {typed}. Nothing was done.\n\n{_help(operator)}")
    said = f"I don't know {typed}. Did you mean `{near[0]}`?"
    if near[0] not in _OFFERED:
        return say(f"{said} Type `/enroll-flow {near[0]}`.", *_buttons("help"))
    return say(said, *_buttons(near[0], "help"))


def _help(operator: bool) -> str:
    return f"{_FOR_ALL}{_FOR_OPERATORS if operator else ''}{_LAST}"


def _buttons(*offered: str) -> list[Element]:
    return [button(*_OFFERED[one]) for one in dict.fromkeys(offered)]
