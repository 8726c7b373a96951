"""The linter bites: what it must find is planted here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.lint import LINT_VERSION, lint_certificate, lint_crl, lint_ocsp
from ca.profiles import load_profiles, profile
from ca.profiles.model import Template
from tests.ca.authorities import demand, issued, issuing, key, root


def test_the_version_says_which_linter() -> None:
    assert LINT_VERSION.startswith("pkilint 0.")


@pytest.mark.parametrize("slug", list(load_profiles()))
def test_what_the_profiles_make_is_sound(slug: str) -> None:
    for which, template in enumerate(profile(slug).templates):
        raw = issued(issuing("p256"), demand(slug, which=which)).public_bytes(Encoding.DER)
        assert lint_certificate(raw, profile(slug).policy_pack, template) == ()
        assert lint_certificate(raw) == ()


def test_the_cas_are_sound() -> None:
    for issuer in (root(), issuing("p256"), issuing("rsa4096")):
        assert lint_certificate(issuer.certificate.public_bytes(Encoding.DER)) == ()


def test_a_bare_certificate_breaks_rules() -> None:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bare")])
    bare = x509.CertificateBuilder(name, name, key("p256").public_key(), 5, now, now + timedelta(days=1))
    findings = lint_certificate(bare.sign(key("p256"), hashes.SHA256()).public_bytes(Encoding.DER))
    assert any("authority_key_identifier_extension_absent (ERROR)" in finding for finding in findings)


def _as_smime(slug: str, policy: str, pack: str) -> tuple[str, ...]:
    """The findings of an S/MIME pack in a certificate of another profile."""
    template = replace(profile(slug).templates[0], policy_oids=(policy,))
    raw = issued(issuing("p256"), demand(slug)).public_bytes(Encoding.DER)
    return lint_certificate(raw, pack, template)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_the_smime_rules_are_those_of_the_named_type(level: int) -> None:
    findings = _as_smime("personal", f"2.23.140.1.5.{level}.2", "smime-multipurpose")
    assert any("cabf.smime" in finding for finding in findings)


def test_strict_is_stricter_than_multipurpose() -> None:
    template: Template = profile("secure-email-mv").templates[0]
    loose = replace(template, extended_key_usage=("emailProtection", "clientAuth"))
    wanted = replace(demand("secure-email-mv"), template=loose)
    raw = issued(issuing("p256"), wanted).public_bytes(Encoding.DER)
    assert lint_certificate(raw, "smime-multipurpose", loose) == ()
    assert lint_certificate(raw, "smime-strict", loose) != ()


@pytest.mark.parametrize("raw", [b"", b"\x30\x00", b"nothing", b"\x30\x82\xff\xff"])
def test_what_cannot_be_read_is_an_error(raw: bytes) -> None:
    assert lint_certificate(raw) != ()
    assert lint_crl(raw) != ()
    assert lint_ocsp(raw) != ()


def test_a_list_without_extensions_breaks_rules() -> None:
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder(root().certificate.subject, now, now + timedelta(days=1))
    raw = builder.sign(key("p256"), hashes.SHA256()).public_bytes(Encoding.DER)
    assert any("(ERROR)" in finding for finding in lint_crl(raw))
