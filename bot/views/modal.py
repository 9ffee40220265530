"""The frame that all modal views share, and the alerts that may stand on top of any of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.views import ids
from bot.views.blocks import Block, Level, View, actions, alert, button, plain

TITLE = "Enroll contacts"
EDIT_QUERY = "Edit query"
CLOSE = "Close"
BACK = "Back"


@dataclass(frozen=True, slots=True)
class Notice:
    """An alert on top of a view: plain words, at most 200 characters are shown."""

    level: Level
    words: str


def modal(
    callback_id: str,
    blocks: Sequence[Block],
    *,
    draft_id: str = "",
    title: str = TITLE,
    submit: str = "",
    close: str = CLOSE,
    external_id: str = "",
) -> View:
    """A whole view; private_metadata holds the draft's id and nothing else."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, 24),
        "close": plain(close, 24),
        "blocks": list(blocks),
        "private_metadata": draft_id,
        "notify_on_close": True,
    }
    if submit:
        view["submit"] = plain(submit, 24)
    if external_id:
        view["external_id"] = external_id
    return view


def closing(root: bool) -> str:
    """What the close button says: a pushed view leads back to the form, a root one closes."""
    return CLOSE if root else EDIT_QUERY


def leading_back(root: bool) -> list[Block]:
    """The way to the form for a view that has no form beneath it."""
    return [actions(button("Edit query", ids.EDIT_QUERY))] if root else []


def alerts(notices: Sequence[Notice], most: int = 3) -> list[Block]:
    """The notices as alerts, at most three."""
    return [alert(notice.level, notice.words) for notice in notices[:most]]
