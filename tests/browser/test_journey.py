"""From the passcode slip to a working certificate, on the running site, in Debian's Chromium."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from playwright.sync_api import expect

from tests.browser import traces
from tests.browser.conftest import Windows
from tests.browser.people import Officer, Subscriber
from tests.judges import judge
from tests.processes import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EMAIL = "ana.sousa@example.com"
PASSWORD = "slow Otter 41 reads maps"
KEY_PASSWORD = "Tin-Hau 1955 lantern"
CHALLENGE = "seven paper cranes 88"
PAIR, MAIL = re.compile("Apply now.*[Pp]ersonal"), re.compile("Apply now.*([Ss]ecure|e-mail)")


@pytest.fixture
def chan(windows: Windows) -> Officer:
    officer = Officer(windows(), "chan")
    officer.sign_in()
    return officer


@pytest.fixture
def wong(windows: Windows) -> Officer:
    officer = Officer(windows(), "wong")
    officer.sign_in()
    return officer


@pytest.fixture
def roots(site: Site, tmp_path: Path) -> Iterator[list[str]]:
    """Arguments of `openssl verify`: the root as trust anchor, the issuing CA in between."""
    curl = judge("curl")
    files = {}
    for slug in ("demo-root", "demo-g03"):
        files[slug] = tmp_path / f"{slug}.pem"
        der = subprocess.run([curl, "-sf", f"{site.status_url}/ca/{slug}.cer"], capture_output=True, check=True).stdout
        convert = [judge("openssl"), "x509", "-inform", "DER", "-out", str(files[slug])]
        subprocess.run(convert, input=der, check=True)
    yield ["-x509_strict", "-CAfile", str(files["demo-root"]), "-untrusted", str(files["demo-g03"])]


def opened(file: Path) -> tuple[object, x509.Certificate]:
    """Key and certificate of a .p12 as another program reads them."""
    key, certificate, _ = pkcs12.load_key_and_certificates(file.read_bytes(), KEY_PASSWORD.encode())
    assert certificate is not None
    assert key is not None
    assert key.public_key() == certificate.public_key()
    return key, certificate


def verified(certificate: x509.Certificate, roots: list[str], folder: Path) -> None:
    """OpenSSL verifies the certificate up to our root."""
    file = folder / f"{certificate.serial_number}.pem"
    file.write_bytes(certificate.public_bytes(Encoding.PEM))
    command = [judge("openssl"), "verify", *roots, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stdout.strip().endswith("OK"), result.stdout + result.stderr


def test_a_person_gets_a_pair_and_a_mail_certificate(
    site: Site, windows: Windows, chan: Officer, wong: Officer, roots: list[str], tmp_path: Path
) -> None:
    # 1. One officer registers, another approves, a slip is printed.
    reference = chan.register(
        id_number="7654321(0)",
        given_name="Ana",
        family_name="Sousa",
        name_chinese="蘇安娜",
        email=EMAIL,
        country="MO",
    )
    expect(chan.window.page.get_by_role("button", name="Approve")).to_have_count(0)
    wong.approve(reference)
    slip = chan.print_slip("Ana Sousa")

    # 2. She signs in with it, must choose a password, and enrols for the pair with a key made in her browser.
    ana = Subscriber(windows(), slip.account, PASSWORD, EMAIL)
    ana.first_sign_in(slip.passcode)
    ana.begin(PAIR)
    if ana.window.page.locator("h1").inner_text() == "Confirm your mailbox":
        ana.prove_mailbox(windows())
    ana.accept_agreement()
    ana.make_key(key_type="p256", key_password=KEY_PASSWORD, challenge=CHALLENGE)
    backups = ana.save_backups(KEY_PASSWORD, tmp_path)
    assert len(backups) == 2
    serials = set()
    for backup in backups:
        key, certificate = opened(backup)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        verified(certificate, roots, tmp_path)
        serials.add(certificate.serial_number)
    assert len(serials) == 2

    # 3. The certificate for her mailbox, with its link where the pair needed none.
    ana.begin(MAIL)
    if ana.window.page.locator("h1").inner_text() == "Confirm your mailbox":
        ana.prove_mailbox(windows())
    ana.accept_agreement()
    ana.make_key(key_type="p256", key_password=KEY_PASSWORD, challenge=CHALLENGE)
    (backup,) = ana.save_backups(KEY_PASSWORD, tmp_path)
    key, certificate = opened(backup)
    verified(certificate, roots, tmp_path)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == [EMAIL]

    # 4. All three stand in the list; one is seen in words; the key can be deleted after the checked backup.
    ana.window.go("/certificates/")
    sections = ana.window.page.locator("section[data-pem]")
    expect(sections).to_have_count(3)
    ana.window.look("download")
    ana.window.picture("10-download")
    ana.window.page.get_by_role("link", name="View in words").first.click()
    ana.window.look("view")
    ana.window.picture("11-view")
    ana.window.go("/certificates/")
    first = sections.first
    first.locator("[data-delete-open]").click()
    first.get_by_role("button", name="Delete the key", exact=True).click()
    expect(first.locator("[data-delete-section]")).to_be_hidden()

    # 5. Of all this, nothing that must stay secret lies where it must not.
    sent = [request for window in (ana.window, chan.window, wong.window) for request in window.watch.sent]
    traces.private_key_is_nowhere(site, sent, key)
    traces.is_nowhere(site, sent, KEY_PASSWORD)
    traces.is_nowhere(site, [], CHALLENGE)
    traces.is_nowhere(site, [], slip.passcode)
    traces.is_nowhere(site, [], slip.passcode.replace("-", ""))
    traces.is_nowhere(site, [], PASSWORD)


def test_three_strikes_a_reset_and_a_pair_on_rsa(
    site: Site, windows: Windows, chan: Officer, wong: Officer, roots: list[str], tmp_path: Path
) -> None:
    demo = site.demo["subscriber"]
    lam = Subscriber(windows(), demo["account"], PASSWORD, "lam.siuming@example.com")
    page = lam.window.page

    # 1. Three wrong passwords lock the account; the right one no longer opens it, and the text tells nothing.
    for _ in range(3):
        lam.try_sign_in("not my passcode")
        wrong = page.locator(".error-summary").inner_text()
    lam.try_sign_in(demo["passcode"])
    assert page.locator(".error-summary").inner_text() == wrong
    lam.window.look("sign-in refused")
    page.get_by_role("link", name="My account is locked").click()
    lam.window.look("locked")

    # 2. He asks for a new slip; two officers give it.
    lam.window.go("/enrollment/reset/")
    lam.window.look("reset wish")
    reference = chan.enter_reset(demo["account"])
    expect(chan.window.page.get_by_role("button", name="Approve")).to_have_count(0)
    wong.approve(reference)
    slip = chan.print_slip(demo["name"])
    assert slip.passcode != demo["passcode"]

    # 3. The old passcode is dead, the new one opens; a pair of RSA keys is made in the browser.
    lam.try_sign_in(demo["passcode"])
    expect(page.locator(".error-summary")).to_be_visible()
    lam.first_sign_in(slip.passcode)
    lam.begin(PAIR)
    if page.locator("h1").inner_text() == "Confirm your mailbox":
        lam.prove_mailbox(windows())
    lam.accept_agreement()
    lam.make_key(key_type="rsa3072", key_password=KEY_PASSWORD, challenge=CHALLENGE)
    for backup in lam.save_backups(KEY_PASSWORD, tmp_path):
        key, certificate = opened(backup)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert key.key_size == 3072
        verified(certificate, roots, tmp_path)
    traces.is_nowhere(site, [], slip.passcode)
