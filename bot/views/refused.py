"""V7: a check that ended without numbers, in Snowflake's own words where it has some; only the requester reads it."""

from bot.enrollment.model.checks import Check, Refusal
from bot.enrollment.model.policies import Refused
from bot.errors import QueryProblem
from bot.views import blocked, ids, not_allowed, query_words, sentences, words
from bot.views.blocks import Block, View, actions, button, context, preformatted, rich, section
from bot.views.modal import closing, leading_back, modal

SNOWFLAKE_SAYS_MAX = 1500
FILE_PROBLEMS = {
    "not_text": "This file is not UTF-8 text.",
    "wrong_ending": "Choose a file that ends in .sql or .txt.",
    "unreadable": "Slack did not give me this file. Attach it again.",
}


def view(check: Check, *, root: bool = False, operators: tuple[str, ...] = ()) -> View:
    """Why this check was refused."""
    refusal = check.refusal or Refusal(kind="")
    if refusal.kind not in ("QueryRefused", "PolytomicAway"):
        return blocked.view(
            blocked.refused(refusal, operators),
            title="Not allowed" if refusal.kind == "NotAllowed" else "Cannot start",
            reference=refusal.reference,
            draft_id=check.draft_id,
            pushed=not root,
            external_id=check.external_id,
            check_again=refusal.kind in ("PolytomicBusy", "PolytomicOddAnswer"),
        )
    return _view(_blocks(refusal), check.draft_id, check.external_id, root=root)


def by_policy(rule: Refused, check: Check, *, root: bool = False) -> View:
    """A check whose list may not be enrolled, whatever is chosen beside it."""
    return blocked.view(
        not_allowed.sentence(rule),
        title="Not allowed",
        draft_id=check.draft_id,
        pushed=not root,
        external_id=check.external_id,
    )


def of_query(refusal: Refusal, draft_id: str, external_id: str = "", *, root: bool = False) -> View:
    """The same view for a query that was refused before a check began, such as an attached file's."""
    return _view(_blocks(refusal), draft_id, external_id, root=root)


def of_file(problem: str, draft_id: str, external_id: str = "", *, root: bool = False) -> View:
    """The same view for an attached file that holds no query; `problem` is slack_files' word for it."""
    said = f"*{FILE_PROBLEMS[problem]}* Nothing was run."
    return _view([section(said)], draft_id, external_id, root=root)


def _view(blocks: list[Block], draft_id: str, external_id: str, *, root: bool) -> View:
    return modal(
        ids.REFUSED,
        [*leading_back(root), *blocks],
        draft_id=draft_id,
        title="Query refused",
        close=closing(root),
        external_id=external_id,
    )


def _blocks(refusal: Refusal) -> list[Block]:
    if refusal.kind == "PolytomicAway":
        return [
            section(sentences.away(refusal.limit)),
            actions(button("Check again", ids.CHECK_AGAIN, style="primary")),
            *_reference(refusal),
        ]
    if refusal.problem == QueryProblem.SNOWFLAKE_SAID_NO:
        tail = f" Reference `{refusal.reference}`." if refusal.reference else ""
        return [
            section("*Snowflake refused the query.* Nothing was enrolled."),
            rich(preformatted(words.cut(words.lines(refusal.fragment), SNOWFLAKE_SAYS_MAX))),
            context(f"Snowflake names line and position in its own count.{tail}"),
        ]
    if refusal.problem == QueryProblem.SUPPRESSION:
        return _of_suppression(refusal)
    if refusal.problem == QueryProblem.TIMED_OUT:
        return [section(_timed_out(refusal.limit)), *_reference(refusal)]
    return [section(words.escape(query_words.query_refused(refusal))), *_reference(refusal)]


def _of_suppression(refusal: Refusal) -> list[Block]:
    """Snowflake's words stand here too: the operator whom the person asks will want them."""
    loud, quiet = query_words.suppression(refusal).split(". ", 1)
    quoted = words.cut(words.lines(refusal.fragment), SNOWFLAKE_SAYS_MAX)
    said = [rich(preformatted(quoted))] if refusal.fragment else []
    return [section(words.escape(f"*{loud}.* {quiet}")), *said, *_reference(refusal)]


def _timed_out(limit: int) -> str:
    first = query_words.timed_out(limit)
    loud, quiet = first.split(",", 1)
    return f"*{loud}*,{quiet} {query_words.WHAT_THEN}"


def _reference(refusal: Refusal) -> list[Block]:
    return [context(f"Reference `{refusal.reference}`")] if refusal.reference else []
