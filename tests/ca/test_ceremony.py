"""The ceremony: what a CA certificate says, what the minutes say, and what is refused."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca import ceremony, errors
from ca.ceremony import key_path, make_issuing, make_root, root_crl
from ca.keycheck import check_key
from ca.keys.file import FileSigner
from ca.lint import lint_certificate
from ca.service import Issuer, RevokedEntry
from tests.ca.authorities import (
    OPERATORS,
    PASSPHRASE,
    ROOT_ADDRESSES,
    issuing,
    plan,
    presence,
    root,
)
from tests.judges import judge

NOW = datetime(2028, 2, 29, 12, 0, 0, 500_000, tzinfo=UTC)


def a_root(where: Path, years: int = 20) -> Issuer:
    made = make_root(plan("root", "p384", years), presence(NOW, where))
    signer = FileSigner(key_path(where, "root"), PASSPHRASE)
    return Issuer("root", x509.load_der_x509_certificate(made.der), signer, ROOT_ADDRESSES)


@pytest.mark.parametrize("key_type", ["p384", "p256", "rsa4096"])
def test_a_root(tmp_path: Path, key_type: str) -> None:
    made = make_root(plan("root", key_type, 20), presence(NOW, tmp_path))
    certificate = x509.load_der_x509_certificate(made.der)
    assert lint_certificate(made.der) == ()
    certificate.verify_directly_issued_by(certificate)
    assert check_key(certificate.public_key()) == key_type
    assert FileSigner(key_path(tmp_path, "root"), PASSPHRASE).public_key == certificate.public_key()
    assert certificate.not_valid_before_utc == NOW.replace(microsecond=0)
    assert certificate.not_valid_after_utc == datetime(2048, 2, 29, 11, 59, 59, tzinfo=UTC)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, None)
    assert made.record.act == "root"
    assert made.record.fingerprints["certificate"] == sha256(made.der).hexdigest()


def test_an_issuing_ca(tmp_path: Path) -> None:
    parent = a_root(tmp_path)
    made = make_issuing(plan("g03", "p256", 10), presence(NOW, tmp_path), root=parent)
    certificate = x509.load_der_x509_certificate(made.der)
    assert lint_certificate(made.der) == ()
    certificate.verify_directly_issued_by(parent.certificate)
    extensions = certificate.extensions
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (True, True, 0)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.key_cert_sign, usage.value.crl_sign) == (True, True, True)
    assert not usage.value.digital_signature
    (policy,) = extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert policy.policy_identifier == x509.oid.CertificatePoliciesOID.ANY_POLICY
    (point,) = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name == [x509.UniformResourceIdentifier(ROOT_ADDRESSES.crl)]
    (access,) = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert access.access_location.value == ROOT_ADDRESSES.ca_issuers
    assert made.record == ceremony.Record("issuing", "g03", OPERATORS, NOW, made.record.fingerprints)


def test_an_issuing_ca_never_outlives_its_root(tmp_path: Path) -> None:
    parent = a_root(tmp_path, years=5)
    made = make_issuing(plan("g03", "p256", 10), presence(NOW, tmp_path), root=parent)
    certificate = x509.load_der_x509_certificate(made.der)
    assert certificate.not_valid_after_utc == parent.certificate.not_valid_after_utc
    assert certificate.not_valid_after_utc == datetime(2033, 2, 28, 11, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("moved", [timedelta(days=-1), timedelta(days=366 * 6)])
def test_a_root_that_is_not_valid_makes_nothing(tmp_path: Path, moved: timedelta) -> None:
    parent = a_root(tmp_path, years=5)
    with pytest.raises(errors.IssuerEnded):
        make_issuing(plan("g03", "p256", 10), presence(NOW + moved, tmp_path), root=parent)
    assert not key_path(tmp_path, "g03").exists()


def test_a_key_is_never_made_twice(tmp_path: Path) -> None:
    parent = a_root(tmp_path)
    before = key_path(tmp_path, "root").read_bytes()
    with pytest.raises(errors.KeyExists):
        a_root(tmp_path)
    with pytest.raises(errors.KeyExists):
        make_issuing(plan("root", "p256", 10), presence(NOW, tmp_path), root=parent)
    assert key_path(tmp_path, "root").read_bytes() == before


@pytest.mark.parametrize(
    "operators", [("Ana", "Ana"), ("Ana", " ana "), ("Ana", ""), ("", "Ana"), ("Ana  Silva", "Ana Silva")]
)
def test_two_different_people_are_needed(tmp_path: Path, operators: tuple[str, str]) -> None:
    alone = replace(presence(NOW, tmp_path), operators=operators)
    with pytest.raises(errors.OperatorsSame):
        make_root(plan("root", "p256", 20), alone)
    with pytest.raises(errors.OperatorsSame):
        make_issuing(plan("g04", "p256", 10), alone, root=root())
    with pytest.raises(errors.OperatorsSame):
        root_crl(root(), alone, number=1)
    assert list(tmp_path.iterdir()) == []


def test_a_bad_name_leaves_no_key(tmp_path: Path) -> None:
    bad = replace(plan("root", "p256", 20), subject=(("common_name", "Root\n"),))
    with pytest.raises(errors.NameNotAllowed):
        make_root(bad, presence(NOW, tmp_path))
    with pytest.raises(errors.NameNotAllowed):
        make_issuing(bad, presence(None, tmp_path), root=root())
    assert list(tmp_path.iterdir()) == []


def test_the_linter_stops_a_ca_that_breaks_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceremony, "lint_certificate", lambda _der: ("a rule (ERROR)",))
    with pytest.raises(errors.LintErrors):
        make_root(plan("root", "p256", 20), presence(NOW, tmp_path))


def test_the_roots_list_holds_for_twelve_months(tmp_path: Path) -> None:
    parent = a_root(tmp_path)
    entries = [RevokedEntry(77, NOW, "cACompromise")]
    made = root_crl(parent, presence(NOW, tmp_path), number=2, entries=entries)
    crl = x509.load_der_x509_crl(made.der)
    assert crl.last_update_utc == NOW.replace(microsecond=0)
    assert crl.next_update_utc == crl.last_update_utc + timedelta(days=365)
    assert crl.get_revoked_certificate_by_serial_number(77) is not None
    assert made.record.fingerprints == {"crl": sha256(made.der).hexdigest()}
    assert (made.record.act, made.record.operators) == ("root-crl", OPERATORS)


def test_openssl_accepts_the_chain(tmp_path: Path) -> None:
    for issuer, name in ((root(), "root"), (issuing("rsa4096"), "ca")):
        (tmp_path / f"{name}.pem").write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    command = [judge("openssl"), "verify", "-x509_strict", "-CAfile", str(tmp_path / "root.pem")]
    result = subprocess.run([*command, str(tmp_path / "ca.pem")], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
