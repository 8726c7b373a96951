"""The issuing door: what comes out is what was prepared, and it is right byte by byte."""

import secrets
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID

from ca import errors, service
from ca.keys import PublicKey, Signer
from ca.lint import LINT_VERSION
from ca.profiles import load_profiles, profile
from ca.service import Demand, Issuer, RevokedEntry, issue, prepare, revocation_list
from tests.ca import der
from tests.ca.authorities import REGISTERED, csr, demand, issued, issuing, key, root, short_lived
from tests.judges import judge

NOW = datetime(2027, 3, 1, 12, 34, 56, 789_000, tzinfo=UTC)
DAY = timedelta(days=1)


def never(_spki_sha256: str) -> bool:
    return False


def prepared(wanted: Demand, issuer: Issuer | None = None, now: datetime = NOW) -> service.Prepared:
    return prepare(issuer or issuing("p256"), wanted, now=now, blocked=never)


# --- prepare ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", list(load_profiles()))
def test_what_was_prepared_is_what_is_signed(slug: str) -> None:
    for which in range(len(profile(slug).templates)):
        ready = prepared(demand(slug, which=which))
        certificate = x509.load_der_x509_certificate(issue(issuing("p256"), ready.tbs))
        assert certificate.tbs_certificate_bytes == ready.tbs
        assert certificate.serial_number == ready.serial
        assert certificate.not_valid_before_utc == ready.not_before
        assert certificate.not_valid_after_utc == ready.not_after
        assert ready.lint_version == LINT_VERSION
        certificate.verify_directly_issued_by(issuing("p256").certificate)


def test_signing_again_gives_the_same_certificate() -> None:
    ready = prepared(demand("personal"))
    assert issue(issuing("p256"), ready.tbs) == issue(issuing("p256"), ready.tbs)


@pytest.mark.parametrize("slug", ["personal", "secure-email", "ocsp-responder"])
def test_validity_counts_its_last_second(slug: str) -> None:
    ready = prepared(demand(slug))
    assert ready.not_after - ready.not_before + timedelta(seconds=1) == profile(slug).validity_days * DAY
    assert timedelta(0) <= NOW - ready.not_before <= timedelta(minutes=5)
    assert ready.not_before.tzinfo is UTC
    assert ready.not_before.microsecond == 0


def test_another_time_zone_means_the_same_moment() -> None:
    elsewhere = NOW.astimezone(tz=ZoneInfo("Asia/Taipei"))
    assert prepared(demand("personal"), now=elsewhere).not_before == prepared(demand("personal")).not_before


def test_a_certificate_is_cut_short_where_its_issuer_ends(tmp_path: Path) -> None:
    issuer = short_lived(NOW, tmp_path)
    ready = prepared(demand("personal"), issuer, NOW + 200 * DAY)
    assert ready.not_after == issuer.certificate.not_valid_after_utc
    certificate = x509.load_der_x509_certificate(issue(issuer, ready.tbs))
    assert certificate.not_valid_after_utc == issuer.certificate.not_valid_after_utc


def test_a_certificate_never_begins_before_its_issuer(tmp_path: Path) -> None:
    issuer = short_lived(NOW, tmp_path)
    assert prepared(demand("personal"), issuer, NOW).not_before == issuer.certificate.not_valid_before_utc


@pytest.mark.parametrize("now", [NOW - timedelta(seconds=1), NOW + 366 * DAY, NOW + 40 * 365 * DAY])
def test_outside_its_own_validity_an_issuer_signs_nothing(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(errors.IssuerEnded):
        prepared(demand("personal"), short_lived(NOW, tmp_path), now)


def _times(certificate: bytes) -> list[tuple[int, bytes]]:
    """The tags and texts of notBefore and notAfter."""
    found = [(certificate[at], certificate[start:end]) for at, start, end in der.elements(certificate)]
    return [(tag, text) for tag, text in found if tag in (0x17, 0x18)]


@pytest.mark.parametrize(
    ("now", "tags"),
    [
        (datetime(2027, 3, 1, tzinfo=UTC), [0x17, 0x17]),
        (datetime(2049, 3, 1, tzinfo=UTC), [0x17, 0x18]),
        (datetime(2050, 3, 1, tzinfo=UTC), [0x18, 0x18]),
        (datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC), [0x17, 0x17]),
    ],
)
def test_the_time_type_follows_the_year(tmp_path: Path, now: datetime, tags: list[int]) -> None:
    issuer = short_lived(now - DAY, tmp_path)
    certificate = issue(issuer, prepared(demand("secure-email"), issuer, now).tbs)
    own = _times(certificate)
    assert [tag for tag, _ in own] == tags
    assert all(text.endswith(b"Z") and b"." not in text for _, text in own)
    if tags[0] == 0x18:
        assert own[0][1].startswith(b"20500228235900")


def test_serials_are_random_positive_and_at_most_20_octets() -> None:
    serials = {service.serial_number() for _ in range(2000)}
    assert len(serials) == 2000
    assert all(1 <= serial < 2**159 for serial in serials)
    assert max(serial.bit_length() for serial in serials) > 150


@pytest.mark.parametrize("lowest", [0, 2**159 - 2])
def test_the_ends_of_the_serials_range(monkeypatch: pytest.MonkeyPatch, lowest: int) -> None:
    limits: list[int] = []

    def randbelow(limit: int) -> int:
        limits.append(limit)
        return lowest

    monkeypatch.setattr(secrets, "randbelow", randbelow)
    certificate = issued(issuing("p256"), demand("personal"), NOW)
    assert limits == [2**159 - 1]
    assert certificate.serial_number == lowest + 1


def test_a_bad_request_is_refused_again_at_the_door() -> None:
    with pytest.raises(errors.CsrUnreadable):
        prepared(replace(demand("personal"), csr=b"nothing"))


def test_the_profile_says_which_keys() -> None:
    chosen = replace(profile("personal"), key_types=("p384",))
    with pytest.raises(errors.KeyTypeNotAllowed):
        prepared(replace(demand("personal"), profile=chosen))


def test_a_blocked_key_is_refused() -> None:
    asked: list[str] = []

    def blocked(spki_sha256: str) -> bool:
        asked.append(spki_sha256)
        return True

    with pytest.raises(errors.KeyBlocked):
        prepare(issuing("p256"), demand("personal"), now=NOW, blocked=blocked)
    assert asked == [prepared(demand("personal")).spki_sha256]


def test_a_bad_name_is_refused() -> None:
    with pytest.raises(errors.NameNotAllowed):
        prepared(replace(demand("personal"), registered=replace(REGISTERED, common_name="a\u202eb")))


def test_a_mailbox_is_needed_where_the_certificate_holds_one() -> None:
    with pytest.raises(errors.NameNotAllowed):
        prepared(replace(demand("personal"), registered=replace(REGISTERED, email="")))


def test_the_linter_stops_what_breaks_a_rule() -> None:
    """The S/MIME rules want addresses that the whole world can reach."""
    inside = replace(issuing("p256").addresses, crl="http://ca.internal/crl/g03.crl")
    with pytest.raises(errors.LintErrors) as refusal:
        prepared(demand("secure-email-mv"), replace(issuing("p256"), addresses=inside))
    assert "internal_domain_name" in refusal.value.findings[0]


def test_nothing_is_signed_before_the_linter_spoke() -> None:
    issuer = replace(issuing("p256"), signer=_Signer(issuing("p256").signer, b""))
    assert prepared(demand("personal"), issuer).tbs


# --- issue -----------------------------------------------------------------------------------------------------


class _Signer:
    """A signer that answers with what a test wants."""

    def __init__(self, real: Signer, answer: bytes | None = None) -> None:
        self.public_key: PublicKey = real.public_key
        self._real, self._answer = real, answer

    def sign(self, data: bytes) -> bytes:
        """Refuses while there is nothing to answer."""
        assert self._answer, "nothing was to be signed"
        return self._answer

    def check(self) -> None:
        """As the real one."""
        self._real.check()


@pytest.mark.parametrize("answer", [b"\0", b"\x30\x06\x02\x01\x01\x02\x01\x01", b"x" * 72])
def test_a_wrong_signature_never_leaves_the_door(answer: bytes) -> None:
    issuer = replace(issuing("p256"), signer=_Signer(issuing("p256").signer, answer))
    with pytest.raises(errors.SignatureMismatch):
        issue(issuer, prepared(demand("personal")).tbs)


def test_a_signer_with_another_key_is_noticed() -> None:
    issuer = replace(issuing("p256"), signer=root("p256").signer)
    with pytest.raises(errors.SignatureMismatch):
        issue(issuer, prepared(demand("personal")).tbs)


@pytest.mark.parametrize("key_type", ["p384", "rsa2048"])
def test_a_signer_of_another_kind_is_noticed(key_type: str) -> None:
    issuer = replace(issuing("p256"), signer=root(key_type).signer)
    with pytest.raises(errors.SignatureMismatch):
        issue(issuer, prepared(demand("personal")).tbs)


def test_bytes_for_another_issuer_are_refused_before_signing() -> None:
    ready = prepared(demand("personal"), issuing("p384"))
    issuer = replace(issuing("p256"), signer=_Signer(issuing("p256").signer))
    with pytest.raises(errors.SignatureMismatch):
        issue(issuer, ready.tbs)


@pytest.mark.parametrize("tbs", [b"", b"\x30\x00", b"x", csr("p256")])
def test_what_is_no_certificate_is_never_signed(tbs: bytes) -> None:
    issuer = replace(issuing("p256"), signer=_Signer(issuing("p256").signer))
    with pytest.raises(errors.SignatureMismatch):
        issue(issuer, tbs)


def test_trailing_bytes_are_refused() -> None:
    with pytest.raises(errors.SignatureMismatch):
        issue(issuing("p256"), prepared(demand("personal")).tbs + b"\0")


def test_stored_bytes_that_outlive_the_issuer_are_refused(tmp_path: Path) -> None:
    old, young = short_lived(NOW - 100 * DAY, tmp_path / "a"), short_lived(NOW, tmp_path / "b")
    ready = prepared(demand("personal"), young)
    with pytest.raises(errors.OutlivesIssuer):
        issue(replace(old, signer=_Signer(old.signer)), ready.tbs)


# --- what stands in it -----------------------------------------------------------------------------------------


def test_every_extension_of_a_signing_certificate() -> None:
    issuer = issuing("p256")
    certificate = issued(issuer, demand("personal"), NOW)
    extensions = certificate.extensions
    authority = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    own = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert (authority.key_identifier, authority.authority_cert_issuer) == (own.digest, None)
    subject_key = extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert subject_key == x509.SubjectKeyIdentifier.from_public_key(key("p256").public_key())
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.digital_signature, usage.value.content_commitment) == (True, True)
    assert not usage.value.key_agreement
    extended = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    purposes = [oid.dotted_string for oid in extended.value]
    assert purposes == ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.36"]
    mailbox = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(mailbox) == [x509.RFC822Name("tai.man@example.com")]
    (policy,) = extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert policy.policy_identifier.dotted_string == "1.3.6.1.4.1.99999.1.1"
    assert policy.policy_qualifiers == ["http://www.example.com/cps"]
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name == [x509.UniformResourceIdentifier(issuer.addresses.crl)]
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [(a.access_method, a.access_location.value) for a in access] == [
        (AuthorityInformationAccessOID.OCSP, issuer.addresses.ocsp),
        (AuthorityInformationAccessOID.CA_ISSUERS, issuer.addresses.ca_issuers),
    ]
    assert [extension.oid for extension in extensions if extension.critical] == [x509.KeyUsage.oid]


@pytest.mark.parametrize(
    ("slug", "which", "key_type", "bits"),
    [
        ("personal", 1, "rsa2048", {"key_encipherment"}),
        ("personal", 1, "p256", {"key_agreement"}),
        ("secure-email", 0, "rsa3072", {"digital_signature", "key_encipherment"}),
        ("secure-email", 0, "p384", {"digital_signature", "key_agreement"}),
        ("officer", 0, "p256", {"digital_signature"}),
    ],
)
def test_key_usage_follows_the_algorithm(slug: str, which: int, key_type: str, bits: set[str]) -> None:
    certificate = issued(issuing("p256"), demand(slug, key_type, which), NOW)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    assert {name for name in (*names, "key_cert_sign", "crl_sign") if getattr(usage, name)} == bits


def test_only_the_responder_is_never_asked_about() -> None:
    responder = issued(issuing("p256"), demand("ocsp-responder"), NOW)
    assert responder.extensions.get_extension_for_class(x509.OCSPNoCheck)
    with pytest.raises(x509.ExtensionNotFound):
        issued(issuing("p256"), demand("officer"), NOW).extensions.get_extension_for_class(x509.OCSPNoCheck)


def test_only_the_key_is_taken_from_a_request() -> None:
    builder = x509.CertificateSigningRequestBuilder(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "The President")])
    ).add_extension(x509.SubjectAlternativeName([x509.RFC822Name("president@example.com")]), critical=False)
    request = builder.sign(key("p256"), hashes.SHA256())
    asked = replace(demand("personal"), csr=request.public_bytes(Encoding.DER))
    assert b"resident" not in prepared(asked).tbs
    public = prepared(asked).tbs
    assert key("p256").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) in public


def test_openssl_reads_the_same(tmp_path: Path) -> None:
    certificate = issued(issuing("p256"), demand("organisation"), NOW)
    path = tmp_path / "one.pem"
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    command = [judge("openssl"), "x509", "-in", str(path), "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"]
    text = subprocess.run(command, check=True, capture_output=True).stdout.decode()
    assert "O=澳門範例有限公司" in text
    assert "organizationIdentifier=VATMO-12345678" in text
    assert "Signature Algorithm: ecdsa-with-SHA256" in text
    assert "Not Before: Mar  1 12:33:56 2027 GMT" in text
    assert "X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation\n" in text


def test_a_subject_is_told_in_words() -> None:
    assert "serialNumber=S-0123456789" in prepared(demand("personal")).subject
    assert "emailAddress=tai.man@example.com" in prepared(demand("secure-email")).subject


@pytest.mark.parametrize("key_type", ["rsa4096", "p384"])
def test_every_kind_of_issuer_signs(key_type: str) -> None:
    certificate = issued(issuing(key_type), demand("personal"), NOW)
    assert isinstance(issuing(key_type).certificate.public_key(), rsa.RSAPublicKey) is (key_type == "rsa4096")
    assert (
        certificate.signature_algorithm_oid.dotted_string
        == {
            "rsa4096": "1.2.840.113549.1.1.11",
            "p384": "1.2.840.10045.4.3.3",
        }[key_type]
    )


# --- revocation list -------------------------------------------------------------------------------------------


def listed(entries: list[RevokedEntry], issuer: Issuer | None = None) -> x509.CertificateRevocationList:
    raw = revocation_list(
        issuer or issuing("p256"), iter(entries), number=17, this_update=NOW, next_update=NOW + 3 * DAY
    )
    return x509.load_der_x509_crl(raw)


def test_an_empty_list_is_whole() -> None:
    crl = listed([])
    assert len(crl) == 0
    assert crl.last_update_utc == NOW.replace(microsecond=0)
    assert crl.next_update_utc == NOW.replace(microsecond=0) + 3 * DAY
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 17
    identifier = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    own = issuing("p256").certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert identifier == own.digest
    assert not any(extension.critical for extension in crl.extensions)


@pytest.mark.parametrize("key_type", ["p256", "p384", "rsa4096"])
def test_openssl_verifies_the_list(tmp_path: Path, key_type: str) -> None:
    issuer = issuing(key_type)
    crl = listed([RevokedEntry(2**159 - 1, NOW, "keyCompromise"), RevokedEntry(5, NOW, None)], issuer)
    (tmp_path / "ca.pem").write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    (tmp_path / "crl.pem").write_bytes(crl.public_bytes(Encoding.PEM))
    command = [judge("openssl"), "crl", "-in", str(tmp_path / "crl.pem"), "-CAfile", str(tmp_path / "ca.pem")]
    result = subprocess.run([*command, "-noout", "-text"], check=True, capture_output=True, text=True)
    assert "verify OK" in result.stderr
    assert "Version 2" in result.stdout
    assert "Serial Number: 7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF" in result.stdout
    assert result.stdout.count("Key Compromise") == result.stdout.count("CRL Reason Code") == 1


def test_a_reason_that_may_not_be_listed_is_refused() -> None:
    for reason in ("unspecified", "removeFromCRL", "key-compromise", ""):
        with pytest.raises(errors.ReasonNotAllowed):
            listed([RevokedEntry(5, NOW, reason)])


def test_the_linter_stops_a_list_that_breaks_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "lint_crl", lambda _der: ("a rule (ERROR)",))
    with pytest.raises(errors.LintErrors):
        listed([])


def test_a_list_that_another_key_signed_is_thrown_away() -> None:
    with pytest.raises(errors.SignatureMismatch):
        listed([], replace(issuing("p256"), signer=root("p256").signer))
