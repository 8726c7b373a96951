"""`manage.py demo`: filled once, kept afterwards, private."""

import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, EllipticCurvePublicKey
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.models import Account, Officer
from accounts.rules import normalise_account, normalise_passcode
from accounts.states import AccountState, Role
from certificates.models import Authority, Order, PublishedList
from certificates.states import OrderState
from enrollment.models import Entitlement
from portal.management import demo_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(tmp_path: Path, settings: Settings) -> Path:
    """A folder where the demo may lay its keys and sign-ins; gives demo.json's path."""
    settings.DEMO = True
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in ("root", "signing", "status", "mail"):
        (keys / f"{name}.passphrase").write_text(f"the passphrase of {name}")
    settings.CA_KEY_DIR, settings.CA_KEY_PASSPHRASE_FILE = keys / "signing", keys / "signing.passphrase"
    settings.STATUS_KEY_DIR, settings.STATUS_KEY_PASSPHRASE_FILE = keys / "status", keys / "status.passphrase"
    settings.MAIL_KEY_DIR, settings.MAIL_KEY_PASSPHRASE_FILE = keys / "mail", keys / "mail.passphrase"
    return tmp_path / "demo.json"


@pytest.fixture
def keys(demo: Path) -> Path:
    """Where the demo lays its keys."""
    return demo.parent / "keys"


def _fill(demo: Path, *arguments: str) -> str:
    output = StringIO()
    call_command("demo", "--var", str(demo.parent), *arguments, stdout=output)
    return output.getvalue()


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _curve(authority: Authority) -> object:
    key = x509.load_der_x509_certificate(bytes(authority.certificate)).public_key()
    assert isinstance(key, EllipticCurvePublicKey)
    return type(key.curve)


def test_it_makes_the_authorities(demo: Path, keys: Path) -> None:
    _fill(demo, "--without-people")
    root = Authority.objects.get(parent=None)
    issuing = Authority.objects.get(parent=root)
    assert _curve(root) is SECP384R1
    assert _curve(issuing) is SECP256R1
    assert "G03" in issuing.name
    assert (keys / "root" / f"{root.slug}.key").exists()
    assert [path.name for path in (keys / "signing").glob("*.key")] == [f"{issuing.slug}.key"]
    for authority in (root, issuing):
        assert PublishedList.objects.filter(authority=authority, next_update__gt=timezone.now()).exists()
    orders = {order.profile: order.state for order in Order.objects.all()}
    assert orders == {"ocsp-responder": OrderState.PLACED, "service-mail": OrderState.PLACED}
    assert not demo.exists()


def test_everybody_can_sign_in_with_what_it_says(demo: Path) -> None:
    printed = _fill(demo)
    found = _read(demo)
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600
    for officer in found["officers"]:
        account = Account.objects.get(username=officer["username"])
        assert account.check_password(officer["password"])
        assert TOTPDevice.objects.filter(user=account).count() == 1
        assert {officer["username"], officer["password"], officer["totp_secret"]} <= set(printed.split())
    roles = {role for officer in Officer.objects.all() for role in officer.roles}
    assert {Role.REGISTRATION, Role.APPROVING} <= roles
    account = Account.objects.get(username=normalise_account(found["subscriber"]["account"]))
    assert account.state == AccountState.SLIP
    assert account.check_password(normalise_passcode(found["subscriber"]["passcode"]))
    assert found["subscriber"]["passcode"] in printed
    assert set(Entitlement.objects.values_list("profile", flat=True)) == {"personal", "secure-email"}


def test_a_second_start_keeps_everything(demo: Path, keys: Path, settings: Settings) -> None:
    _fill(demo)
    before, signing = _read(demo), sorted((keys / "signing").iterdir())
    settings.PUBLIC_URL = "http://127.0.0.1:9000"
    printed = _fill(demo)
    assert _read(demo) == {**before, "url": "http://127.0.0.1:9000"}
    assert "http://127.0.0.1:9000" in printed
    assert sorted((keys / "signing").iterdir()) == signing
    assert Authority.objects.count() == 2
    assert Order.objects.count() == 2


def test_a_used_slip_is_said_to_be_used(demo: Path) -> None:
    assert "(used" not in _fill(demo)
    account = normalise_account(_read(demo)["subscriber"]["account"])
    Account.objects.filter(username=account).update(state=AccountState.ACTIVE)
    assert "(used" in _fill(demo)


def test_keys_of_a_broken_off_start_do_not_block_the_next(demo: Path, keys: Path) -> None:
    for folder, slug in (("root", "demo-root"), ("signing", "demo-g03")):
        (keys / folder).mkdir()
        (keys / folder / f"{slug}.key").write_text("half")
    _fill(demo, "--without-people")
    assert Authority.objects.count() == 2


def test_lost_sign_ins_are_said_plainly(demo: Path) -> None:
    _fill(demo)
    demo.unlink()
    with pytest.raises(CommandError, match="make clean"):
        _fill(demo)
    assert demo_people.are_there()


def test_it_is_for_demos_only(demo: Path, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="Only for a demo"):
        _fill(demo)
    assert not Authority.objects.exists()
