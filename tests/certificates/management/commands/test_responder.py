"""The responder's key and order: made once, renewed at half-life, waited for."""

import io
import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.core.management import CommandError, call_command

from ca.keys.file import FileSigner
from certificates import jobs
from certificates.models import Authority, Certificate, Order
from certificates.rules import key_file
from tests.certificates.making import OPERATORS
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.STATUS_KEY_DIR = tmp_path / "status"
    return tmp_path / "status"


def run(**options: Any) -> str:
    out = io.StringIO()
    call_command("responder", **{"operators": OPERATORS, **options}, stdout=out)
    return out.getvalue()


def issue() -> None:
    jobs.issue_orders(list(Order.objects.filter(state="placed").values_list("pk", flat=True)))


def test_key_and_order_are_made_once(authority: Authority, folder: Path, settings: Any) -> None:
    assert "is placed" in run()
    assert "is placed" in run()
    issue()
    assert "nothing to do" in run()
    assert Order.objects.count() == 1
    certificate = x509.load_der_x509_certificate(bytes(Certificate.objects.get().der))
    (path,) = folder.iterdir()
    assert path == key_file(folder, Certificate.objects.get().public_key.spki_sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    signer = FileSigner(path, settings.STATUS_KEY_PASSPHRASE_FILE.read_bytes().strip())
    assert signer.public_key == certificate.public_key()
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert certificate.extensions.get_extension_for_class(x509.OCSPNoCheck)


def test_after_half_of_its_life_it_is_renewed(authority: Authority, clock: Clock) -> None:
    run()
    issue()
    clock.shift(days=44)
    assert "nothing to do" in run()
    clock.shift(days=2)
    assert "is placed" in run()
    issue()
    assert Certificate.objects.filter(profile="ocsp-responder").count() == 2


def test_a_lost_key_is_made_anew(authority: Authority, folder: Path) -> None:
    run()
    issue()
    for path in folder.iterdir():
        path.unlink()
    assert "is placed" in run()
    for path in folder.iterdir():
        path.unlink()
    run()
    assert Order.objects.count() == 3


def test_it_waits_for_the_certificate(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certificates.management.service_keys.time.sleep", lambda _: issue())
    assert "is issued" in run(wait=5)
    assert "nothing to do" in run(wait=5)


def test_a_worker_that_does_not_come_is_said(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 100, 2))
    monkeypatch.setattr("certificates.management.service_keys.time.monotonic", lambda: next(moments))
    monkeypatch.setattr("certificates.management.service_keys.time.sleep", lambda _: None)
    with pytest.raises(CommandError, match="not there"):
        run(wait=5)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"operators": ("Ana", "Ana")}, "different operators"), ({"authority": "none"}, "no such CA")],
)
def test_it_says_what_is_wrong(options: dict[str, Any], said: str, authority: Authority) -> None:
    with pytest.raises(CommandError, match=said):
        run(**options)


def test_without_a_ca_or_a_place_nothing_begins(db: None, settings: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Hold the ceremony first"):
        run()
    settings.STATUS_KEY_PASSPHRASE_FILE = tmp_path / "none"
    with pytest.raises(CommandError, match="cannot be read"):
        run()
    settings.STATUS_KEY_DIR = None
    with pytest.raises(CommandError, match="STATUS_KEY_DIR"):
        run()
