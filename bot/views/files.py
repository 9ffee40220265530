"""4.7: the two files that name contacts; they go to one person's direct messages and nowhere else."""

import csv
import io
from collections.abc import Iterable, Sequence

from bot.enrollment.model.checks import LeftOutRow
from bot.enrollment.model.enrollments import Outcome
from bot.views import words

KEEP_IT = "Keep this out of channels."
_FORMULA = ("=", "+", "-", "@")

WHAT_TO_DO = {
    Outcome.NOT_IN_CRM: (
        "Check the id in the CRM. New contacts reach Gong after its next CRM import: try again later."
    ),
    Outcome.ALREADY_IN_FLOW: "Nothing to do.",
    Outcome.EXCLUSIVE_FLOW: "Finish or leave that flow in Gong first.",
    Outcome.COOL_OFF: "Wait, or ask your Gong administrator.",
    Outcome.DO_NOT_CONTACT: "Do not enroll.",
    Outcome.NOT_A_VALID_ID: "Check the column and the id.",
    Outcome.GONE: "They left the query between your review and the run. Enroll again if they belong in.",
    Outcome.OTHER: "See gong_message.",
}


def refused_name(enrollment_id: str) -> str:
    """What the file of refused contacts is called."""
    return f"{enrollment_id}-refused.csv"


def left_out_name(enrollment_id: str) -> str:
    """What the file of left out rows is called."""
    return f"{enrollment_id}-left-out.csv"


def refused_comment(enrollment_id: str, contacts: int) -> str:
    """The sentence beside the file."""
    return f"{words.count(contacts, 'refused contact')} of {enrollment_id}. {KEEP_IT}"


def left_out_comment(enrollment_id: str, rows: int) -> str:
    """The sentence beside the file."""
    return f"{words.count(rows, 'row')} left out of {enrollment_id}. {KEEP_IT}"


def refused_csv(contacts: Iterable[tuple[str, Outcome, str]]) -> bytes:
    """One line per contact: source value, our reason, what to do, and Gong's own words."""
    lines = [(source, outcome.value, WHAT_TO_DO.get(outcome, ""), message) for source, outcome, message in contacts]
    return _csv(("contact_id", "reason", "what_to_do", "gong_message"), lines)


def left_out_csv(rows: Iterable[LeftOutRow]) -> bytes:
    """One line per value that was left out, sorted by reason; blanks have an empty id and their number of rows."""
    ordered = sorted(rows, key=lambda row: row.reason.value)
    lines = [(row.contact_id, row.reason.value, row.detail, str(row.rows)) for row in ordered]
    return _csv(("contact_id", "reason", "detail", "rows"), lines)


def _csv(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _cell(value: str) -> str:
    """A spreadsheet must not run what a CRM field begins with."""
    return f"'{value}" if value.startswith(_FORMULA) else value
