"""What may be sent with an order, and what may be looked for."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st

from ca.csr import LARGEST_CSR
from certificates.forms import AgreementForm, KeyForm, SearchForm
from certificates.rules import looked_for


@pytest.mark.parametrize("typed", ["li", "mei chan", "a@b.example", "4F 0A", "0123456789", "陳美"])
def test_what_somebody_may_know(typed: str) -> None:
    assert SearchForm({"q": typed}).is_valid()


@pytest.mark.parametrize("typed", ["", " ", "a", " a ", "ａ", "0", "0x0", "-", "陳", "x" * 255, "me\x00i"])
def test_what_would_leaf_through_the_directory_is_refused(typed: str) -> None:
    form = SearchForm({"q": typed})
    assert not form.is_valid()
    assert form.errors["q"]


def test_an_agreement_is_ticked() -> None:
    assert AgreementForm({"version": "1", "accept": "on"}).is_valid()
    assert "Tick this box" in str(AgreementForm({"version": "1"}).errors["accept"])


def sent(values: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


PHRASES = {"challenge": "Blue heron 26", "challenge_again": "Blue heron 26"}


def key_form(values: dict[str, Any], files: tuple[bytes, ...] = (), needed: int = 1) -> KeyForm:
    uploads = [SimpleUploadedFile(f"{place}.csr", content) for place, content in enumerate(files)]
    return KeyForm(sent({**PHRASES, **values}), MultiValueDict({"csr_file": uploads}), needed=needed)


def test_requests_come_from_the_page_or_from_files() -> None:
    page = key_form({"csr": ["first", "", "second"]}, needed=2)
    assert page.is_valid()
    assert page.csrs == (b"first", b"second")
    mixed = key_form({"csr": ["first"]}, (b"\x30\x00",), needed=2)
    assert mixed.is_valid()
    assert mixed.csrs == (b"first", b"\x30\x00")


def test_there_are_as_many_requests_as_certificates() -> None:
    assert "No signing request came" in str(key_form({"csr": [" "]}).errors)
    assert "does not fit" in str(key_form({"csr": ["a", "b"]}).errors)
    assert "does not fit" in str(key_form({"csr": ["a"]}, needed=2).errors)


def test_a_large_file_is_not_read_to_its_end() -> None:
    form = key_form({}, (b"x" * 60_000,))
    assert form.is_valid()
    assert len(form.csrs[0]) == LARGEST_CSR + 1


def test_both_phrases_are_alike_and_never_shown_again() -> None:
    form = key_form({"csr": ["a"], "challenge_again": "Blue heron 27"})
    assert list(form.errors) == ["challenge_again"]
    assert "Blue heron" not in str(form)


@given(st.text(max_size=300) | st.text(alphabet="0123456789abcdefx:- @.%_\\", max_size=60))
@settings(max_examples=500, deadline=1000)
def test_whatever_is_typed_is_looked_for_or_refused(typed: str) -> None:
    form = SearchForm({"q": typed})
    if form.is_valid():
        wanted = looked_for(form.cleaned_data["q"])
        assert len(wanted.text) >= 2
        assert "\x00" not in wanted.text
