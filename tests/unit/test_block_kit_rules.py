"""The sandbox's Slack takes what Slack takes and refuses what it refuses, by a table of both."""

import pytest

from bot.sandbox.slack.block_kit import Problem, problems_of_message, problems_of_view
from tests.unit.block_kit_bad import BAD_MESSAGES, BAD_VIEWS
from tests.unit.block_kit_good import GOOD_MESSAGES, GOOD_VIEWS
from tests.unit.block_kit_parts import Json, modal, said, section


@pytest.mark.parametrize("view", GOOD_VIEWS.values(), ids=GOOD_VIEWS.keys())
def test_takes_a_good_view(view: Json) -> None:
    """A view within Slack's rules has no problem."""
    assert [] == problems_of_view(view)


@pytest.mark.parametrize("message", GOOD_MESSAGES.values(), ids=GOOD_MESSAGES.keys())
def test_takes_a_good_message(message: Json) -> None:
    """A message within Slack's rules has no problem."""
    assert [] == problems_of_message(message)


@pytest.mark.parametrize(("view", "pointer"), BAD_VIEWS.values(), ids=BAD_VIEWS.keys())
def test_refuses_a_bad_view(view: Json, pointer: str) -> None:
    """A view outside Slack's rules is refused as invalid_arguments, and the first place named is the wrong one."""
    problems = problems_of_view(view)
    assert [("invalid_arguments", pointer)] == [(one.code, one.pointer) for one in problems[:1]]


@pytest.mark.parametrize(("message", "code", "pointer"), BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
def test_refuses_a_bad_message(message: Json, code: str, pointer: str) -> None:
    """A message outside Slack's rules is refused with Slack's code, and the first place named is the wrong one."""
    problems = problems_of_message(message)
    assert [(code, pointer)] == [(one.code, one.pointer) for one in problems[:1]]


def test_a_view_of_more_than_250_kb_is_too_large() -> None:
    """Every block may be fine and the whole still be more than Slack carries."""
    view = modal(*[section("é" * 3000)] * 50)
    assert [Problem("view_too_large", "/view", "the view is larger than 250 KB")] == problems_of_view(view)


def test_text_beside_blocks_can_be_left_to_slacks_own_leniency() -> None:
    """Slack itself takes blocks without text; we do only when asked to."""
    assert [] == problems_of_message({"blocks": [section()]}, needs_text=False)


def test_nothing_at_all_is_refused_even_then() -> None:
    """Neither text nor blocks is no message."""
    assert ["no_text"] == [one.code for one in problems_of_message(said(text=""), needs_text=False)]


def test_the_table_is_as_long_as_promised() -> None:
    """At least forty of each."""
    assert len(GOOD_VIEWS) + len(GOOD_MESSAGES) >= 40
    assert len(BAD_VIEWS) + len(BAD_MESSAGES) >= 40
