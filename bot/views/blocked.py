"""V8: not allowed, or cannot start; the sentence of ux.md section 5 and its reference."""

from typing import Literal

from bot.enrollment.model.checks import Refusal
from bot.views import ids, not_allowed, sentences, words
from bot.views.blocks import View, actions, button, context, section
from bot.views.modal import CLOSE, EDIT_QUERY, modal

Title = Literal["Not allowed", "Cannot start"]


def view(
    said: str,
    *,
    title: Title = "Cannot start",
    reference: str = "",
    draft_id: str = "",
    pushed: bool = False,
    external_id: str = "",
    check_again: bool = False,
    show_enrollment: str = "",
) -> View:
    """The sentence (mrkdwn), what can be pressed, and the reference."""
    blocks = [section(said)]
    if check_again:
        blocks.append(actions(button("Check again", ids.CHECK_AGAIN, style="primary")))
    if show_enrollment:
        blocks.append(actions(button("Show it", ids.SHOW, value=show_enrollment)))
    if reference:
        blocks.append(context(f"Reference `{reference}`"))
    return modal(
        ids.BLOCKED,
        blocks,
        draft_id=draft_id,
        title=title,
        close=EDIT_QUERY if pushed else CLOSE,
        external_id=external_id,
    )


def refused(refusal: Refusal, operators: tuple[str, ...] = ()) -> str:
    """Mrkdwn: why a check ended, when it was not for its query."""
    match refusal.kind:
        case "NotAllowed" if refusal.refused:
            return not_allowed.sentence(refusal.refused)
        case "FlowNotFound":
            return sentences.flow_not_found(refusal.flow_name)
        case "PolytomicBusy" if refusal.until:
            return (
                f"Polytomic asks me to wait until {words.time(refusal.until)}. Nothing was enrolled; check again then."
            )
        case "PolytomicRefused":
            return words.escape(sentences.polytomic_refused("the check", refusal.fragment, "", 150))
        case "PolytomicLockedOut" | "PolytomicOddAnswer":
            told = words.told(operators)
            locked_out = refusal.kind == "PolytomicLockedOut"
            return sentences.locked_out(told) if locked_out else sentences.odd_answer(0, told)
        case _:
            away = refusal.kind in ("PolytomicAway", "PolytomicBusy")
            return sentences.away(refusal.limit) if away else sentences.broke(refusal.reference, operators)
