"""What people fill in to ask for a revocation."""

from typing import Any

import pytest

from revocation.forms.requests import PaperForm, PhraseForm, WhyForm
from revocation.states import Reason

PHRASE = {"named": "0012345678", "phrase": " Blue  HERON ", "reason": "lost", "scope": "one", "captcha_1": "1234"}
PAPER = {"form_number": "R-1", "names": "1\n2\n1", "reason": "misused"}


def errors(form: Any) -> list[str]:
    return list(form.errors)


def test_a_right_form_is_taken() -> None:
    form = PhraseForm(PHRASE)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["reason"] is Reason.LOST
    assert form.cleaned_data["phrase"] == " Blue  HERON ", "the service knows what counts"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"named": ""}, "named"),
        ({"named": "certificate"}, "named"),
        ({"named": "1" * 201}, "named"),
        ({"phrase": ""}, "phrase"),
        ({"phrase": "x" * 1001}, "phrase"),
        ({"reason": "misused"}, "reason"),
        ({"scope": "both"}, "scope"),
        ({"explanation": "x" * 2001}, "explanation"),
        ({"captcha_1": ""}, "captcha_1"),
    ],
)
def test_what_a_visitor_may_not_send(change: dict[str, str], field: str) -> None:
    assert errors(PhraseForm({**PHRASE, **change})) == [field]


def test_the_phrase_is_not_written_back() -> None:
    assert "HERON" not in str(PhraseForm(PHRASE)["phrase"])


def test_who_is_signed_in_says_why() -> None:
    assert WhyForm({"reason": "unused"}).is_valid()
    assert errors(WhyForm({})) == ["reason"]


def test_a_paper_form_may_give_every_reason_and_names_each_once() -> None:
    form = PaperForm(PAPER)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["names"] == ["1", "2"]


def test_a_company_number_is_read_in_one_form() -> None:
    form = PaperForm({**PAPER, "names": "", "organisation": " ａ１２ 34b "})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["organisation"] == "A1234B"
