"""The CA's keys: loaded once, only where they were given, only the right ones; and the clock."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from audit.models import Event
from ca.errors import SignerUnusable
from certificates.errors import ClockWrong, KeysNotHere
from certificates.jobs import keys
from certificates.models import Authority
from certificates.rules import key_file
from tests.certificates.making import ceremony
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


def test_a_key_is_loaded_once(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = keys.issuer_of(authority)
    monkeypatch.setattr(keys, "FileSigner", None)
    assert keys.issuer_of(Authority.objects.get(pk=authority.pk)) is issuer
    assert isinstance(issuer.signer.public_key, ec.EllipticCurvePublicKey)
    assert issuer.addresses.ocsp == "http://status.sigillum.example/ocsp"
    assert issuer.slug == authority.slug


@pytest.mark.parametrize("missing", ["CA_KEY_DIR", "CA_KEY_PASSPHRASE_FILE"])
def test_a_process_without_keys_cannot_sign(missing: str, authority: Authority, settings: Any) -> None:
    setattr(settings, missing, None)
    with pytest.raises(KeysNotHere):
        keys.issuer_of(authority)


def test_a_missing_key_or_passphrase_is_said(authority: Authority, settings: Any, tmp_path: Path) -> None:
    settings.CA_KEY_DIR = tmp_path
    with pytest.raises(SignerUnusable):
        keys.issuer_of(authority)
    settings.CA_KEY_PASSPHRASE_FILE = tmp_path / "none"
    with pytest.raises(SignerUnusable):
        keys.issuer_of(authority)


def test_a_key_of_another_ca_is_not_used(authority: Authority, settings: Any, tmp_path: Path) -> None:
    other = key_file(settings.CA_KEY_DIR, ceremony().slug)
    key_file(tmp_path, authority.slug).write_bytes(other.read_bytes())
    settings.CA_KEY_DIR = tmp_path
    with pytest.raises(SignerUnusable, match="not the one of its certificate"):
        keys.issuer_of(authority)


def test_the_right_time_is_ours_when_all_agree(db: None) -> None:
    assert not Event.objects.exists()
    assert keys.right_time()


@pytest.mark.parametrize("seconds", [-6, 6, -86400, 86400 * 40])
def test_a_clock_that_is_off_has_no_right_time(seconds: float, authority: Authority, lone_clock: Clock) -> None:
    lone_clock.shift(seconds=seconds)
    with pytest.raises(ClockWrong):
        keys.right_time()
