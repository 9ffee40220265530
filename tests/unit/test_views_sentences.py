"""Every error has words, and they are those of ux.md sections 3 and 5."""

from datetime import datetime
from typing import Any

import pytest

from bot import errors
from bot.enrollment.model.checks import Refusal
from bot.enrollment.model.enrollments import State
from bot.enrollment.model.people import Standing
from bot.errors import QueryProblem
from bot.views import notices, query_words, sentences
from tests.unit import view_builders as some
from tests.unit.view_builders import DATE, ID, NOW, REFERENCE

OPERATORS = ("U0OPERATOR",)
LATE = "Snowflake did not finish within 10 minutes, so I stopped waiting"
WHY = query_words.NOT_YOUR_QUERY


@pytest.mark.parametrize(
    ("expected", "problem", "facts"),
    [
        ("Write a SELECT here, or choose “A .sql file” above.", QueryProblem.EMPTY, {}),
        ("There is only a comment here. Write one SELECT.", QueryProblem.ONLY_A_COMMENT, {}),
        (
            "Line 4, column 1: a second statement starts here. Send one SELECT; nothing was run.",
            QueryProblem.SECOND_STATEMENT,
            {"line": 4, "column": 1},
        ),
        (
            "Line 1, column 1: DELETE is not a SELECT. I only run queries that read; nothing was run.",
            QueryProblem.NOT_A_SELECT,
            {"line": 1, "column": 1, "fragment": "delete"},
        ),
        (
            "Line 3, column 14: I cannot read this from “FORM” on. Try it in Snowflake, then paste it again.",
            QueryProblem.UNREADABLE,
            {"line": 3, "column": 14, "fragment": "FORM"},
        ),
        (
            "I cannot read this. Try it in Snowflake, then paste it again.",
            QueryProblem.UNREADABLE,
            {},
        ),
        (
            "Line 2, column 20: “:plan” is a variable. Put its value in.",
            QueryProblem.VARIABLE,
            {"line": 2, "column": 20, "fragment": ":plan"},
        ),
        (
            "Line 2, column 6: “@stage” is not a table. Select from tables or views.",
            QueryProblem.NOT_A_TABLE,
            {"line": 2, "column": 6, "fragment": "@stage"},
        ),
        (
            "Line 1, column 8: “F” is not a function I run. Use ordinary SQL functions; nothing was run.",
            QueryProblem.NOT_A_FUNCTION,
            {"line": 1, "column": 8, "fragment": "F"},
        ),
        (
            (
                "This query is 9,412 bytes once encoded; the limit is 8,000."
                " Make it a view in Snowflake and select from that. Nothing was run."
            ),
            QueryProblem.TOO_LONG,
            {"size": 9412, "limit": 8000},
        ),
        (
            "This query returns 100,001 rows; the limit is 100,000. Narrow the WHERE. Nothing was enrolled.",
            QueryProblem.TOO_MANY_ROWS,
            {"size": 100_001, "limit": 100_000},
        ),
        (
            (
                "Snowflake did not finish within 10 minutes, so I stopped waiting. Nothing was enrolled."
                " Narrow the query, or try when the warehouse is less busy."
            ),
            QueryProblem.TIMED_OUT,
            {"limit": 600},
        ),
        ("Snowflake refused the query. Nothing was enrolled.", QueryProblem.SNOWFLAKE_SAID_NO, {"fragment": "x"}),
        (
            f"Snowflake refused the operators' suppression query. {WHY}",
            QueryProblem.SUPPRESSION,
            {"fragment": "x"},
        ),
        (
            f"{LATE} for the operators' suppression query. {WHY}",
            QueryProblem.SUPPRESSION,
            {"limit": 600},
        ),
        (
            f"The operators' suppression query gives 1 value that is no contact id. {WHY}",
            QueryProblem.SUPPRESSION,
            {"size": 1},
        ),
    ],
)
def test_a_refused_query_says_where_and_why(expected: str, problem: QueryProblem, facts: dict[str, Any]) -> None:
    """The same words from the error and from the check's row."""
    assert expected == query_words.query_refused(errors.QueryRefused(problem, **facts))
    assert expected == query_words.query_refused(Refusal("QueryRefused", problem.value, **facts))


def test_every_problem_of_a_query_has_words() -> None:
    """Also when nothing else is known about it."""
    for problem in QueryProblem:
        assert query_words.query_refused(errors.QueryRefused(problem))[0].isupper() or problem in (
            QueryProblem.VARIABLE,
            QueryProblem.NOT_A_TABLE,
            QueryProblem.NOT_A_FUNCTION,
        )


LEAVES: list[errors.AppError] = [
    errors.QueryRefused(QueryProblem.EMPTY),
    errors.FlowNotFound("Q4 Renewal"),
    errors.FieldNotMapped("Q4 Renewal", "Owner"),
    errors.NotAllowed("people", Standing.NOT_LISTED),
    errors.EnrollingStopped(NOW),
    errors.AlreadyRunning(ID),
    errors.DraftExpired(ID, ended_at=NOW, enrolled=True),
    errors.PolytomicAway("GET /x", "no answer", recorded=False),
    errors.PolytomicBusy("GET /x", "429", retry_after=3),
    errors.PolytomicRefused("GET /x", status=422, message="bad", field="target"),
    errors.PolytomicLockedOut("GET /x", status=401),
    errors.PolytomicOddAnswer("GET /x", "odd"),
    errors.SlackUndelivered("not_in_channel"),
    errors.ImpossibleRow("enrollment", ID, "its batch does not exist"),
    errors.Misconfigured("PUBLIC_URL", "PUBLIC_URL must start with https://."),
]


def leaves(kind: type[errors.AppError]) -> set[type[errors.AppError]]:
    """The classes below this one that have none below them."""
    below = kind.__subclasses__()
    return {leaf for one in below for leaf in leaves(one)} if below else {kind}


def test_no_leaf_is_forgotten() -> None:
    """A new error needs words first."""
    assert leaves(errors.AppError) == {type(error) for error in LEAVES}


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: type(error).__name__)
def test_every_leaf_has_words_on_every_surface(error: errors.AppError) -> None:
    """Whole sentences, no template left open, none of the words that are not ours."""
    said = [
        sentences.view(error, reference=REFERENCE, operators=OPERATORS),
        sentences.ephemeral(error, reference=REFERENCE, operators=OPERATORS),
        notices.of(error).words,
    ]
    if isinstance(error, errors.PersonCanFix | errors.PolytomicRefused):
        said.append(sentences.field(error))
    for one in said:
        assert one.endswith((".", "…"))
        assert "{" not in one.replace("{date_short_pretty}", "").replace("{time}", "")
        assert not [word for word in ("!", "oops", "please", "successfully", "sorry") if word in one.replace("<!", "<")]


@pytest.mark.parametrize(
    ("expected", "error"),
    [
        (
            "“Q4 Renewal” is no longer in Gong. Nobody was enrolled. Choose another flow; your query is kept.",
            errors.FlowNotFound("Q4 Renewal"),
        ),
        (
            "Q4 Renewal now also needs Owner. Nobody was enrolled. Fill it in and confirm again.",
            errors.FieldNotMapped("Q4 Renewal", "Owner"),
        ),
        (
            (
                f"This draft ended {DATE}: it was enrolled as `E-7K2M9Q`. Nothing was enrolled now."
                " Start with `/enroll-flow`."
            ),
            errors.DraftExpired(ID, ended_at=NOW, enrolled=True),
        ),
        (
            (
                "This draft ended: you started over, or it was older than 30 days, so it was removed."
                " Nothing was enrolled now. Start with `/enroll-flow`."
            ),
            errors.DraftExpired(ID, ended_at=None, enrolled=False),
        ),
        (
            (
                "The bot's access to Polytomic was refused. Nobody was enrolled; your draft is kept."
                " <@U0OPERATOR> was told."
            ),
            errors.PolytomicLockedOut("GET /x", status=403),
        ),
        (
            (
                "Polytomic gave an answer I do not understand, so I stopped before doing anything else."
                " Nobody was enrolled. <@U0OPERATOR> was told."
            ),
            errors.PolytomicOddAnswer("GET /x", "odd"),
        ),
        (
            "Enrolling was stopped at 2026-11-23 14:05 UTC. Nothing was started; your draft is kept.",
            errors.EnrollingStopped(NOW),
        ),
        (
            "A run of this enrollment is already going, so I did not start another. I follow that one.",
            errors.AlreadyRunning(ID),
        ),
    ],
)
def test_the_words_of_a_view(expected: str, error: errors.AppError) -> None:
    """As in the table."""
    assert expected == sentences.view(error, operators=OPERATORS)


@pytest.mark.parametrize(
    ("expected", "standing"),
    [
        (
            (
                "You are not among those who may enroll. Members of <!subteam^S0REVOPS> may. Nothing was enrolled."
                " Rule `people`, owner <@U0OPERATOR>."
            ),
            Standing.NOT_LISTED,
        ),
        ("Nobody may enroll yet: <@U0OPERATOR> has to set ENROLL_USERS. Nothing was done.", Standing.NOBODY_YET),
        ("Guests cannot enroll contacts. Ask a full member of this workspace. Nothing was done.", Standing.GUEST),
        ("People outside this workspace cannot use this bot.", Standing.OUTSIDER),
        ("Slack does not tell me now who you are. Nothing was done. Try again in a minute.", Standing.UNKNOWN),
    ],
)
def test_who_may_not_hears_why_and_who_may(expected: str, standing: Standing) -> None:
    """What, rule, owner, and what would pass."""
    error = errors.NotAllowed("people", standing)
    assert expected == sentences.view(error, operators=OPERATORS, groups=("U1", "S0REVOPS"))


def test_anything_else_is_said_with_a_reference() -> None:
    """Never a bare "something went wrong"."""
    assert (
        "Something broke on my side. Nothing was enrolled. Your draft is kept."
        " Try again; if it stays, give your operator reference R-4H8D2K."
    ) == sentences.ephemeral(RuntimeError("secret"), reference=REFERENCE)
    goes_on = sentences.ephemeral(RuntimeError("secret"), reference=REFERENCE, enrollment_id=ID)
    assert "Your enrollment E-7K2M9Q goes on." in goes_on


def test_buttons_that_came_too_late() -> None:
    """Someone else's, an old one, one that is open already."""
    running = some.enrollment(State.RUNNING)
    assert (
        "`E-7K2M9Q` belongs to <@U0REQUESTER>. Only they or an operator can cancel it. Nothing changed."
    ) == sentences.not_yours(running)
    assert (
        "This button is from an earlier state; nothing changed. Now: *Running*, <https://x|see it>."
    ) == sentences.old_button(running, "https://x")
    assert "You already have this open: `E-7K2M9Q`, *Running*. Nothing was started." == sentences.already_open(running)


def test_the_review_says_why_nothing_was_started() -> None:
    """As alerts, in plain text."""
    said = "Q4 Renewal is no longer in Gong. Nothing was started. Edit the query form to choose another."
    assert said == notices.of(errors.FlowNotFound("Q4 Renewal")).words
    expired = notices.of(
        errors.DraftExpired(ID, ended_at=datetime.fromtimestamp(NOW.timestamp(), NOW.tzinfo), enrolled=True)
    )
    assert "This draft ended 2026-11-23 14:05 UTC: it was enrolled as E-7K2M9Q." in expired.words


@pytest.mark.parametrize("error", [*LEAVES, RuntimeError("secret")], ids=lambda error: type(error).__name__)
def test_an_alert_holds_the_whole_sentence(error: BaseException) -> None:
    """200 characters, no tokens, no marks, and the reference where the log has the cause."""
    said = notices.of(error, reference=REFERENCE).words
    assert len(said) <= 200
    assert not [mark for mark in "<>`*" if mark in said]
    if not isinstance(error, errors.PersonCanFix | errors.Misconfigured):
        assert REFERENCE in said


def test_a_long_refusal_still_fits_an_alert() -> None:
    """Polytomic's words give way."""
    long = errors.PolytomicRefused("GET /x", status=422, message="x" * 3000, field="y" * 3000)
    assert len(notices.of(long, reference=REFERENCE).words) <= 200
    assert len(notices.of(errors.FieldNotMapped("x" * 300, "y" * 300)).words) <= 200
