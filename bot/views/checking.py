"""V4: what the check is doing, one line per step."""

from datetime import datetime

from bot.enrollment.model.checks import Check, CheckStage
from bot.views import ids, words
from bot.views.blocks import View, context, section
from bot.views.modal import closing, leading_back, modal

PATIENCE = 30
CLOSE_IT = "Nothing is sent to Gong. You may close this; I will write to you when the check is done."

# What each line says before, during and after its step.
_LINES = {
    CheckStage.QUERY: ("The query", "Reading the query…", "The query is one read-only SELECT"),
    CheckStage.ROWS: ("Rows in Snowflake", "Running the query in Snowflake…", "{rows} in Snowflake"),
    CheckStage.IDS: ("Contact ids", "Reading contact ids…", "Contact ids read"),
    CheckStage.LEFT_OUT: (
        "Blanks, duplicates, wrong ids, opt-outs",
        "Leaving out blanks, duplicates, wrong ids, opt-outs…",
        "Blanks, duplicates, wrong ids, opt-outs left out",
    ),
    CheckStage.FLOW: ("What the flow requires", "Reading what the flow requires…", "What the flow requires"),
}


def view(check: Check, now: datetime, *, root: bool = False) -> View:
    """The checking view; `check.stage` is the step in hand, those before it are done."""
    blocks = [*leading_back(root), section("\n".join(_lines(check))), context(CLOSE_IT)]
    if check.stage is CheckStage.ROWS and (now - check.created_at).total_seconds() >= PATIENCE:
        blocks.append(context(f"Snowflake is still working, since {words.date(check.created_at)}."))
    return modal(
        ids.CHECKING,
        blocks,
        draft_id=check.draft_id,
        title="Checking contacts",
        close=closing(root),
        external_id=check.external_id,
    )


def _lines(check: Check) -> list[str]:
    stages = list(CheckStage)
    here = stages.index(check.stage)
    rows = words.count(check.rows or 0, "row")
    lines = []
    for place, stage in enumerate(stages):
        before, during, after = _LINES[stage]
        if place < here:
            lines.append(f":white_check_mark: {after.format(rows=rows)}")
        elif place == here:
            lines.append(f":hourglass_flowing_sand: {during}")
        else:
            lines.append(f":white_small_square: {before}")
    return lines
