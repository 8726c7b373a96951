"""What may be looked for."""

import pytest

from certificates.forms import SearchForm


@pytest.mark.parametrize("typed", ["li", "mei chan", "a@b.example", "4F 0A", "0123456789", "陳美"])
def test_what_somebody_may_know(typed: str) -> None:
    assert SearchForm({"q": typed}).is_valid()


@pytest.mark.parametrize("typed", ["", " ", "a", " a ", "ａ", "0", "0x0", "-", "陳", "x" * 255, "me\x00i"])
def test_what_would_leaf_through_the_directory_is_refused(typed: str) -> None:
    form = SearchForm({"q": typed})
    assert not form.is_valid()
    assert form.errors["q"]
