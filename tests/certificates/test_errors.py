"""Refusals carry a code and a text."""

import pytest

from certificates.errors import CertificateRefusal, CsrRefused


@pytest.mark.parametrize("refusal", CertificateRefusal.__subclasses__())
def test_every_refusal_says_what_to_do(refusal: type[CertificateRefusal]) -> None:
    made = CsrRefused("csr-several", "One at a time.") if issubclass(refusal, CsrRefused) else refusal()
    assert made.code != CertificateRefusal.code
    assert str(made.args[0]) == str(made.text)
    assert str(made.text).endswith(".")
