"""The key ceremony: two operators, three acts, minutes, and never over an existing key."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import CommandError, call_command

from audit.models import Event
from certificates.models import Authority, PublishedList
from certificates.rules import key_file
from tests.certificates.making import OPERATORS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.CA_KEY_DIR = tmp_path / "keys"
    return tmp_path / "keys"


def hold(act: str, **options: Any) -> None:
    call_command("ceremony", act, **{"operators": OPERATORS, **options})


def root(**options: Any) -> Authority:
    hold("root", **{"slug": "r", "name": "Root", "country": "TW", "organisation": "Sigillum", **options})
    return Authority.objects.get(slug=options.get("slug", "r"))


def issuing(**options: Any) -> Authority:
    hold("issuing", **{"root": "r", "slug": "g1", "name": "G1", **options})
    return Authority.objects.get(slug=options.get("slug", "g1"))


def certificate_of(row: Authority) -> x509.Certificate:
    return x509.load_der_x509_certificate(bytes(row.certificate))


def test_a_root_with_its_list_and_an_issuing_ca_under_it(folder: Path) -> None:
    top, below = root(), issuing()
    parent, child = certificate_of(top), certificate_of(below)
    child.verify_directly_issued_by(parent)
    assert parent.subject.rfc4514_string() == "CN=Root,O=Sigillum,C=TW"
    assert isinstance(parent.public_key(), ec.EllipticCurvePublicKey)
    assert (parent.public_key().key_size, child.public_key().key_size) == (384, 256)  # type: ignore[union-attr]
    assert (top.parent, below.parent) == (None, top)
    assert (top.not_before, below.not_after) == (parent.not_valid_before_utc, child.not_valid_after_utc)
    assert below.ca_issuers_url == "http://status.sigillum.example/ca/g1.cer"
    assert below.crl_url == "http://status.sigillum.example/crl/g1.crl"
    assert (below.ocsp_url, top.ocsp_url) == ("http://status.sigillum.example/ocsp", "")
    access = child.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [one.access_location.value for one in access] == [top.ca_issuers_url]
    assert {row.authority for row in PublishedList.objects.all()} == {top, below}


def test_keys_are_for_their_owner_alone_and_not_in_the_clear(folder: Path) -> None:
    root()
    path = key_file(folder, "r")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()


def test_minutes_and_record_name_the_operators_and_the_fingerprints(folder: Path) -> None:
    row = root()
    minutes = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "minutes").iterdir())]
    assert [one["act"] for one in minutes] == ["root", "root-crl"] or [one["act"] for one in minutes] == [
        "root-crl",
        "root",
    ]
    for one in minutes:
        assert one["operators"] == list(OPERATORS)
    made = next(one for one in minutes if one["act"] == "root")
    assert made["sha256"]["certificate"] == row.sha256
    assert "BEGIN CERTIFICATE" in made["certificate"]
    event = Event.objects.get(name="ceremony.root")
    assert event.subject == "ca:r"
    assert event.details["sha256"]["certificate"] == row.sha256
    assert event.details["operators"] == list(OPERATORS)


def test_the_root_s_next_list_has_a_higher_number() -> None:
    row = root()
    hold("root-crl", root="r")
    numbers = list(PublishedList.objects.filter(authority=row).order_by("pk").values_list("number", flat=True))
    assert numbers[1] > numbers[0]
    row.refresh_from_db()
    assert row.crl_number == numbers[1]


def test_a_new_generation_retires_the_one_before() -> None:
    root()
    first, second = issuing(), issuing(slug="g2", name="G2", key_type="rsa4096")
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "active")
    key = certificate_of(second).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert key.key_size == 4096
    assert Event.objects.filter(name="authority.retired", subject="ca:g1").exists()


@pytest.mark.parametrize("operators", [("Ana", "ana "), ("Ana", ""), ("", "")])
def test_one_operator_is_not_enough(operators: tuple[str, str], folder: Path) -> None:
    with pytest.raises(CommandError, match="two different operators"):
        root(operators=operators)
    assert not key_file(folder, "r").exists()
    assert not Authority.objects.exists()


def test_a_key_is_never_written_over(folder: Path) -> None:
    folder.mkdir()
    key_file(folder, "r").write_text("something")
    with pytest.raises(CommandError, match="never written over"):
        root()
    assert key_file(folder, "r").read_text() == "something"


def test_a_slug_is_never_used_again(folder: Path) -> None:
    root()
    key_file(folder, "r").unlink()
    with pytest.raises(CommandError, match="never used again"):
        root()
    with pytest.raises(CommandError, match="never used again"):
        issuing(slug="r")
    with pytest.raises(CommandError, match="no root"):
        issuing(root="nothing")


def test_the_root_s_key_may_lie_elsewhere(folder: Path, tmp_path: Path) -> None:
    passphrase = tmp_path / "root-passphrase"
    passphrase.write_text("another passphrase\n")
    elsewhere = {"root_key_dir": tmp_path / "safe", "root_passphrase_file": passphrase}
    root(**elsewhere)
    issuing(**elsewhere)
    assert key_file(tmp_path / "safe", "r").exists()
    assert not key_file(folder, "r").exists()
    assert key_file(folder, "g1").exists()
    with pytest.raises(CommandError, match="key cannot be used"):
        hold("root-crl", root="r")


def test_without_a_place_for_keys_nothing_begins(settings: Any, tmp_path: Path) -> None:
    settings.CA_KEY_PASSPHRASE_FILE = tmp_path / "none"
    with pytest.raises(CommandError, match="passphrase file cannot be read"):
        root()
    settings.CA_KEY_DIR = None
    with pytest.raises(CommandError, match="CA_KEY_DIR"):
        root()
