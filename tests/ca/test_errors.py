"""Refusals are stable: one code, one text in plain words, for each."""

import re

from ca.errors import CsrHoldsPrivateKey, CsrTooLarge, LintErrors, OutlivesIssuer, Refusal


def _all(kind: type[Refusal]) -> list[type[Refusal]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _all(child))]


def test_every_refusal_has_a_code_and_a_text_of_its_own() -> None:
    own = [kind for kind in _all(Refusal) if kind.__module__ == "ca.errors"]
    assert len(own) > 20
    for kind in own:
        assert "code" in vars(kind)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
        assert kind.text.endswith(".")
        assert Refusal.codes()[kind.code] == kind.text
    assert len({kind.code for kind in own}) == len({kind.text for kind in own}) == len(own)


def test_codes_can_be_asked_for_a_family_only() -> None:
    assert set(OutlivesIssuer.codes()) == {"outlives-issuer", "issuer-ended"}


def test_details_are_kept_beside_the_text() -> None:
    assert (CsrTooLarge("17000 bytes").detail, CsrTooLarge().detail) == ("17000 bytes", "")
    assert str(CsrTooLarge()) == CsrTooLarge.text
    assert LintErrors(("one (ERROR)", "two (ERROR)")).findings == ("one (ERROR)", "two (ERROR)")
    assert CsrHoldsPrivateKey("ab12").spki_sha256 == "ab12"
    assert CsrHoldsPrivateKey().spki_sha256 == ""
