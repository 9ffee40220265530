"""Ids people can read aloud, and keys that repeat exactly when they should."""

import re

from bot.enrollment import names


def test_ids_are_six_digits_of_crockfords_base_32() -> None:
    """No letter that is mistaken for a digit."""
    assert all(re.fullmatch(r"E-[0-9A-HJKMNP-TV-Z]{6}", names.enrollment_id()) for _ in range(200))
    assert re.fullmatch(r"R-[0-9A-HJKMNP-TV-Z]{6}", names.reference())


def test_the_same_call_has_the_same_key_and_another_has_another() -> None:
    """A killed step repeats under its key; the next attempt does not."""
    assert names.key("E-7K2M9Q", "start_run", 0, 0) == names.key("E-7K2M9Q", "start_run", 0, 0)
    assert names.key("E-7K2M9Q", "start_run", 0, 0) != names.key("E-7K2M9Q", "start_run", 0, 1)
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,255}", names.key("E-7K2M9Q", "start_run", 0, 0))


def test_what_polytomic_sees_carries_the_id() -> None:
    """An object whose creation was never answered is found again by its name."""
    assert "E-7K2M9Q" in names.model_name("E-7K2M9Q")
    assert "E-7K2M9Q" in names.sync_name("E-7K2M9Q")
