"""Every refusal of the CA has a text that can be translated."""

import re

import pytest

from ca.errors import Refusal
from certificates.reasons import _TEXTS, explain


@pytest.mark.parametrize("code", sorted(Refusal.codes()))
def test_every_code_is_explained(code: str) -> None:
    text = str(explain(code))
    assert re.fullmatch(r".+[.)]", text)
    assert code == "refused" or text != str(explain("refused"))


def test_no_text_outlives_its_refusal() -> None:
    assert set(_TEXTS) == set(Refusal.codes())


def test_an_unknown_code_has_a_text_too() -> None:
    assert str(explain("no such code")) == str(explain("refused"))
