"""The filter of the officers' list."""

from datetime import timedelta

import pytest

from renewal.filters import DueFilter

MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, ("", -MONTH, MONTH)),
        ({"days": "7", "organisation": " MO-1 "}, ("MO-1", timedelta(0), timedelta(days=7))),
        ({"days": "ended"}, ("", -MONTH, timedelta(0))),
    ],
)
def test_words_become_a_span(asked: dict[str, str], wanted: tuple[str, timedelta, timedelta]) -> None:
    found = DueFilter(asked).wanted
    assert found is not None
    assert (found["organisation"], found["least"], found["most"]) == wanted


@pytest.mark.parametrize("asked", [{"days": "1000000"}, {"organisation": "a\x00b"}, {"organisation": "x" * 65}])
def test_wrong_words_do_not_stand_for_everybody(asked: dict[str, str]) -> None:
    assert DueFilter(asked).wanted is None
