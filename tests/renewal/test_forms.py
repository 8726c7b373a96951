"""What the renewal page may send."""

import base64
from typing import Any

import pytest
from django.http import QueryDict

from ca.cms import LARGEST_CMS
from renewal.forms import RenewalForm

PHRASE = "Blue heron 2026"


def form(needed: int = 1, **values: Any) -> RenewalForm:
    data = QueryDict(mutable=True)
    sent = {"version": "1", "accept": "on", "csr": ["a"], "proof_kind": "phrase", "phrase": PHRASE, **values}
    for name, value in sent.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return RenewalForm(data, needed=needed)


def test_a_phrase_is_enough() -> None:
    sent = form(proof=base64.b64encode(b"left over").decode())
    assert sent.is_valid()
    assert sent.signature == b""
    assert sent.csrs == (b"a",)
    assert sent.cleaned_data["challenge"] == ""


@pytest.mark.parametrize("size", [1, 1000, LARGEST_CMS + 1])
def test_a_signature_comes_in_base64(size: int) -> None:
    signature = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    for text in (base64.b64encode(signature).decode(), base64.encodebytes(signature).decode()[:45_000]):
        sent = form(proof_kind="signature", proof=text, phrase="")
        assert sent.is_valid(), sent.errors
        assert sent.signature == signature


@pytest.mark.parametrize("text", ["", " ", "!", "AAA", "陳", "-_-_"])
def test_what_is_no_base64_is_told(text: str) -> None:
    assert "No signature came" in str(form(proof_kind="signature", proof=text).errors)


def test_a_proof_without_end_is_not_decoded() -> None:
    sent = form(proof_kind="signature", proof="A" * 100_000)
    assert list(sent.errors) == ["proof"]
    assert sent.signature == b""


@pytest.mark.parametrize("kind", ["", "both", "SIGNATURE"])
def test_the_kind_of_proof_is_chosen(kind: str) -> None:
    assert "proof_kind" in form(proof_kind=kind).errors


def test_a_phrase_is_typed_where_it_proves() -> None:
    assert list(form(phrase="  ").errors) == ["phrase"]
    assert form(proof_kind="signature", proof="AAAA", phrase="").is_valid()


def test_the_new_phrase_is_typed_twice_or_not_at_all() -> None:
    assert form(challenge="Another 7", challenge_again="Another 7").is_valid()
    for first, second in (("Another 7", ""), ("", "Another 7"), ("Another 7", "Another 8")):
        assert list(form(challenge=first, challenge_again=second).errors) == ["challenge_again"]


def test_no_phrase_is_ever_shown_again() -> None:
    assert PHRASE not in str(form(accept="", challenge=PHRASE, challenge_again=PHRASE))
