"""What a refusal means, from Gong's words, and how one run's counts and log files add up to outcomes. Pure."""

from collections.abc import Mapping

from bot.enrollment.model.enrollments import Outcome, Run, RunStatus, State, Tally

# Gong's words for a refused contact are not documented (polytomic-api.md section 11): the first fragment that occurs
# decides, so the more particular ones stand first, and what none of them knows stays "other" with Gong's own words.
_FRAGMENTS: tuple[tuple[str, Outcome], ...] = (
    ("already in", Outcome.ALREADY_IN_FLOW),
    ("already enrolled", Outcome.ALREADY_IN_FLOW),
    ("already assigned", Outcome.ALREADY_IN_FLOW),
    ("exclusive", Outcome.EXCLUSIVE_FLOW),
    ("cool", Outcome.COOL_OFF),
    ("do not contact", Outcome.DO_NOT_CONTACT),
    ("do-not-contact", Outcome.DO_NOT_CONTACT),
    ("opted out", Outcome.DO_NOT_CONTACT),
    ("malformed", Outcome.NOT_A_VALID_ID),
    ("not a valid", Outcome.NOT_A_VALID_ID),
    ("invalid crmid", Outcome.NOT_IN_CRM),
    ("not found", Outcome.NOT_IN_CRM),
    ("unknown", Outcome.NOT_IN_CRM),
    ("does not exist", Outcome.NOT_IN_CRM),
    ("not in the crm", Outcome.NOT_IN_CRM),
)


def outcome_of(message: str) -> Outcome:
    """Our reason for Gong's message."""
    folded = message.casefold()
    return next((outcome for fragment, outcome in _FRAGMENTS if fragment in folded), Outcome.OTHER)


def summed(total: int, runs: Mapping[int, Run], reasons: Mapping[Outcome, int]) -> Tally:
    """The counts over the frozen list, from the newest run of each batch.

    Polytomic's counts are the truth; the log files only split `refused` into reasons, and what they do not name is
    "other". People who were in a batch and not in its completed run have left the query: they are `gone`. A run that
    was cut short says nothing of those it did not come to.
    """
    ended = [run for run in runs.values() if run.ended_at is not None and run.status is RunStatus.COMPLETED]
    refused = sum(run.errors for run in runs.values())
    gone = sum(max(run.size - run.moved - run.errors, 0) for run in ended if run.total and run.total < run.size)
    named = {outcome: count for outcome, count in reasons.items() if count}
    unnamed = refused - sum(named.values())
    if unnamed > 0:
        named[Outcome.OTHER] = named.get(Outcome.OTHER, 0) + unnamed
    return Tally(
        total=total,
        enrolled=sum(run.moved for run in runs.values()),
        refused=refused,
        gone=gone,
        reasons=tuple(sorted(named.items(), key=lambda item: (-item[1], item[0]))),
    )


def end_of(tally: Tally) -> State:
    """The end state when every batch has ended: enrolled only if everybody is in."""
    if tally.enrolled == tally.total:
        return State.ENROLLED
    return State.PARTLY_ENROLLED if tally.enrolled else State.FAILED
