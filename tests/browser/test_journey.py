"""From the passcode slip to a working certificate, on the running site, in Debian's Chromium."""

import re
import subprocess
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
Opened = tuple[object, x509.Certificate]
PASSWORD = "slow Otter 41 reads maps"
KEY_PASSWORD = "Tin-Hau 1955 lantern"
CHALLENGE = "seven paper cranes 88"
PAIR, MAIL = re.compile("Apply now.*[Pp]ersonal"), re.compile("Apply now.*Secure e-mail certificate$")


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
def roots(site: Site, tmp_path: Path) -> list[str]:
    """Arguments of `openssl verify`: the root as trust anchor, the issuing CA in between."""
    curl = judge("curl")
    files = {}
    for slug in ("demo-root", "demo-g03"):
        files[slug] = tmp_path / f"{slug}.pem"
        der = subprocess.run([curl, "-sf", f"{site.status_url}/ca/{slug}.cer"], capture_output=True, check=True).stdout
        convert = [judge("openssl"), "x509", "-inform", "DER", "-out", str(files[slug])]
        subprocess.run(convert, input=der, check=True)
    return ["-x509_strict", "-CAfile", str(files["demo-root"]), "-untrusted", str(files["demo-g03"])]


def opened(file: Path) -> Opened:
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


def enrolled(person: Subscriber, windows: Windows, title: re.Pattern[str], key_type: str, folder: Path) -> list[Opened]:
    """Go through all steps for one certificate (or pair), save and check the backups, and read them elsewhere."""
    person.begin(title)
    if person.window.page.locator("h1").inner_text() == "Confirm your mailbox":
        person.prove_mailbox(windows())
    person.accept_agreement()
    person.make_key(key_type=key_type, key_password=KEY_PASSWORD, challenge=CHALLENGE)
    return [opened(backup) for backup in person.save_backups(KEY_PASSWORD, folder)]


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

    # 2. She signs in with it, must choose a password, and enrols for her mailbox, which she proves by the link.
    ana = Subscriber(windows(), slip.account, PASSWORD, EMAIL)
    ana.first_sign_in(slip.passcode)
    (mail,) = enrolled(ana, windows, MAIL, "p256", tmp_path)
    names = mail[1].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.RFC822Name) == [EMAIL]

    # 3. Then for the pair: the mailbox is proven, so that the step is passed over.
    pair = enrolled(ana, windows, PAIR, "p256", tmp_path)
    assert len({certificate.serial_number for _, certificate in pair}) == 2
    for key, certificate in (*pair, mail):
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        verified(certificate, roots, tmp_path)

    # 4. All three stand in the list, and can be read in words; a key with a checked backup can be deleted.
    page = ana.window.page
    ana.window.go("/certificates/")
    expect(page.locator("section[data-pem]")).to_have_count(3)
    ana.window.look("download")
    ana.window.picture("10-download")
    page.get_by_role("link", name="View in words").first.click()
    ana.window.look("view")
    ana.window.picture("11-view")
    ana.window.go("/certificates/")
    ana.delete_first_key()

    # 5. Of all this, nothing that must stay secret lies where it must not.
    sent = [request for window in (ana.window, chan.window, wong.window) for request in window.watch.sent]
    for key, _ in (mail, *pair):
        traces.private_key_is_nowhere(site, sent, key)
    traces.is_nowhere(site, sent, KEY_PASSWORD)
    for secret in (CHALLENGE, slip.passcode, slip.passcode.replace("-", ""), PASSWORD):
        traces.is_nowhere(site, [], secret)  # these are sent, and kept nowhere


def test_three_strikes_a_reset_and_a_pair_on_rsa(
    site: Site, windows: Windows, chan: Officer, wong: Officer, roots: list[str], tmp_path: Path
) -> None:
    demo = site.demo["subscriber"]
    lam = Subscriber(windows(), demo["account"], PASSWORD, "lam.siuming@example.com")
    page = lam.window.page

    # 1. Three wrong passwords lock the account; the right one no longer opens it, and the text tells nothing.
    for _ in range(3):
        lam.try_sign_in("not my passcode")
        wrong = page.locator("#error-summary").inner_text()
    lam.try_sign_in(demo["passcode"])
    assert page.locator("#error-summary").inner_text() == wrong
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
    expect(page.locator("#error-summary")).to_be_visible()
    lam.first_sign_in(slip.passcode)
    for key, certificate in enrolled(lam, windows, PAIR, "rsa3072", tmp_path):
        assert isinstance(key, rsa.RSAPrivateKey)
        assert key.key_size == 3072
        verified(certificate, roots, tmp_path)
    traces.is_nowhere(site, [], slip.passcode)
