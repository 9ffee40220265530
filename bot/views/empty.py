"""V6: a check that leaves nobody to enroll, and why."""

from bot.enrollment.model.checks import Check, LeftOut, Preflight
from bot.views import funnel, ids, review, review_choices, words
from bot.views.blocks import Block, View, preformatted, rich, section
from bot.views.modal import closing, leading_back, modal

_NAMES_SHOWN = 12


def view(check: Check, *, root: bool = False, left_out_sent: bool = False) -> View:
    """Nobody to enroll."""
    return modal(
        ids.EMPTY,
        [*leading_back(root), *_blocks(check, left_out_sent)],
        draft_id=check.draft_id,
        title="Nobody to enroll",
        close=closing(root),
        external_id=check.external_id,
    )


def _blocks(check: Check, left_out_sent: bool) -> list[Block]:
    preflight = check.preflight
    if preflight is None or preflight.funnel.rows == 0:
        return [_no_rows(check)]
    if not preflight.id_column:
        return [_no_id_column(preflight)]
    wrong = _only_wrong(preflight)
    if wrong:
        return [_wrong_kind(preflight, wrong), *_list(check, left_out_sent)]
    said = f"*All {words.count(preflight.funnel.rows, 'row')} are left out.*"
    if preflight.funnel.rows == 1:
        said = "*The only row is left out.*"
    return [
        section(f"{said}\nNothing was enrolled."),
        rich(preformatted(funnel.preflight_lines(preflight))),
        *_list(check, left_out_sent),
    ]


def _no_rows(check: Check) -> Block:
    tables = words.escape(", ".join(check.tables), 500) or "–"
    return section(
        f"*The query returned no rows.* Nothing was enrolled. Loosen the WHERE, or check the table: {tables}."
    )


def _no_id_column(preflight: Preflight) -> Block:
    names = [words.code(name, 30) for name in preflight.columns[:_NAMES_SHOWN]]
    more = len(preflight.columns) - len(names)
    listed = ", ".join(names) + (f" and {words.number(more)} more" if more else "")
    return review_choices.id_column(
        preflight,
        f"*No contact id column.* The query returns {listed}. Gong needs the CRM's contact id:"
        " select it as `contact_id`, or choose a column:",
    )


def _only_wrong(preflight: Preflight) -> int:
    """How many values there are when every one of them is no CRM contact id."""
    left_out = dict(preflight.funnel.left_out)
    wrong = left_out.get(LeftOut.NOT_A_CONTACT_ID, 0)
    return wrong if wrong == preflight.funnel.rows - left_out.get(LeftOut.NO_ID, 0) else 0


def _wrong_kind(preflight: Preflight, wrong: int) -> Block:
    column = words.code(preflight.id_column, 100)
    looks = words.escape(preflight.most_look_like, words.REASON_MAX)
    most = f" Most values here look like: {looks}." if looks else ""
    values = "value" if wrong == 1 else "values"
    return section(
        f"*None of the {words.number(wrong)} {values} in {column} is a CRM contact id.*"
        " A Salesforce contact id starts with 003 and has 15 or 18 characters; a HubSpot one is digits only."
        f"{most}"
    )


def _list(check: Check, left_out_sent: bool) -> list[Block]:
    if left_out_sent:
        return [section("Sent to your messages.")]
    if check.preflight is None:
        return []
    return [section(funnel.left_out_words(check.preflight.funnel), accessory=review.send_left_out(check))]
