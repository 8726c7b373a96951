"""Every extension in words, in every language, for every profile and for strangers' certificates."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import translation

from ca.profiles import load_profiles
from certificates.selectors import Fact, describe
from certificates.selectors.words import holder, name_in_words
from tests.ca.authorities import demand, issued, issuing, root
from tests.certificates.making import new_key


def facts(der: bytes) -> dict[str, Fact]:
    return {str(fact.label): fact for fact in describe(der)}


def lines(der: bytes, label: str) -> list[str]:
    return [str(line) for line in facts(der)[label].lines]


def test_a_personal_signing_certificate_in_words() -> None:
    certificate = issued(issuing("p256"), demand("personal"))
    der = certificate.public_bytes(Encoding.DER)
    assert lines(der, "The key may") == [
        "sign (digitalSignature)",
        "sign as a binding declaration (contentCommitment)",
    ]
    assert facts(der)["The key may"].critical
    assert lines(der, "Purposes") == [
        "secure e-mail (emailProtection)",
        "sign in to servers (clientAuth)",
        "sign documents (documentSigning)",
    ]
    assert lines(der, "Policies") == [
        "policy number 1.3.6.1.4.1.99999.1.1",
        "practice statement: http://www.example.com/cps",
    ]
    assert lines(der, "Mailboxes") == ["tai.man@example.com"]
    assert lines(der, "Revocation list")[0].endswith(".crl")
    assert [line.split(": ")[0] for line in lines(der, "Where to ask")] == [
        "state of this certificate (OCSP)",
        "certificate of the issuer",
    ]
    assert lines(der, "Public key") == ["elliptic curve P-256"]
    assert lines(der, "Signature algorithm") == ["ECDSA, SHA-256"]
    assert lines(der, "Holder: Name") == ["陳大文 CHAN Tai Man"]
    digest = certificate.fingerprint(hashes.SHA256()).hex(" ").upper()
    assert lines(der, "SHA-256 fingerprint") == [digest]
    identifiers = [lines(der, f"Identifier of {key}")[0] for key in ("this key", "the issuer's key")]
    assert all(len(one.split()) == 20 for one in identifiers)


@pytest.mark.parametrize("language", ["en", "zh-hant", "pt"])
@pytest.mark.parametrize("slug", sorted(load_profiles()))
def test_every_profile_is_said_in_every_language_without_an_unknown_number(slug: str, language: str) -> None:
    with translation.override(language):
        for number, _ in enumerate(load_profiles()[slug].templates):
            said = describe(issued(issuing("p256"), demand(slug, which=number)).public_bytes(Encoding.DER))
            assert not [fact.label for fact in said if str(fact.label)[0].isdigit()]
            assert all(str(line) for fact in said for line in fact.lines)


def test_ca_certificates_are_said_too() -> None:
    der = root().certificate.public_bytes(Encoding.DER)
    assert lines(der, "Certificate authority") == ["may sign certificates"]
    assert lines(der, "The key may") == ["sign certificates (keyCertSign)", "sign revocation lists (cRLSign)"]


def test_what_no_profile_makes_is_shown_as_it_stands() -> None:
    now = datetime.now(UTC)
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.ObjectIdentifier("1.2.3.4"), "odd")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 255, now, now + timedelta(days=1))
    oid = x509.ObjectIdentifier("1.2.3.5")
    builder = builder.add_extension(x509.UnrecognizedExtension(oid, b"\x05\x00"), critical=False)
    der = builder.sign(key, None).public_bytes(Encoding.DER)
    assert lines(der, "Holder: 1.2.3.4") == ["odd"]
    assert lines(der, "1.2.3.5") == ["05 00"]
    assert lines(der, "Serial number") == ["FF"]
    assert "Ed25519" in lines(der, "Public key")[0]
    assert lines(der, "Signature algorithm") == ["1.3.101.112"]


def test_rsa_keys_have_their_size() -> None:
    now = datetime.now(UTC)
    key = new_key("rsa2048")
    builder = x509.CertificateBuilder(x509.Name([]), x509.Name([]), key.public_key(), 1, now, now + timedelta(days=1))
    der = builder.sign(key, hashes.SHA384()).public_bytes(Encoding.DER)
    assert lines(der, "Public key") == ["RSA, 2048 bits"]
    assert lines(der, "Signature algorithm") == ["RSA, SHA-384"]


def test_a_holder_in_short() -> None:
    wanted = demand("organisation")
    names = [wanted.registered.common_name, wanted.registered.organisation]
    certificate = issued(issuing("p256"), wanted)
    assert holder(certificate.public_bytes(Encoding.DER)) == names


def test_a_holder_without_a_name_is_all_that_stands_there() -> None:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "MO")])
    key = ed25519.Ed25519PrivateKey.generate()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    der = builder.sign(key, None).public_bytes(Encoding.DER)
    assert holder(der) == [name_in_words(der)] == ["Country: MO"]
