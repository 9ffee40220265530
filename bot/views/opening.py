"""V0: what stands there while the form is being filled in, and when it could not be."""

from bot.views import ids
from bot.views.blocks import View, actions, alert, button, context, section
from bot.views.modal import modal


def view(draft_id: str = "") -> View:
    """The view that is opened before anything is known."""
    return modal(
        ids.OPENING,
        [
            section(":hourglass_flowing_sand: Opening your form…"),
            context("Nothing is sent to Gong until you confirm the numbers."),
        ],
        draft_id=draft_id,
    )


def failed(reference: str, draft_id: str = "") -> View:
    """The same view when the form could not be loaded."""
    words = f"The form could not be loaded. Nothing was enrolled; your draft is kept. Reference {reference}."
    return modal(
        ids.OPENING,
        [alert("error", words), actions(button("Try again", ids.REOPEN, style="primary"))],
        draft_id=draft_id,
    )
