"""A certificate's whole life on the running site, in Debian's Chromium: its year passes in minutes."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from playwright.sync_api import Browser, expect

from tests.browser import traces
from tests.browser.conftest import Window, Windows
from tests.browser.people import LONG, Officer, Subscriber, calculate, read_english
from tests.interop.asking import Chain, fetch, until_responder_is_there
from tests.judges import judge
from tests.processes import Site, demo_site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EMAIL = "lam.siuming@example.com"
PASSWORD = "slow Otter 41 reads maps"
KEY_PASSWORD = "Tin-Hau 1955 lantern"
CHALLENGE = "seven paper cranes 88"
MAIL = re.compile("Apply now.*Secure e-mail certificate$")
OPERATORS = ("--operators", "First operator", "Second operator", "--wait", "30")
NOTICES = {336: "29 days", 352: "13 days", 359: "6 days", 364: "1 day"}  # the day in its life -> what is left of it


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A demo of this test's own, since its clock is moved."""
    judge("chromium")
    aging = demo_site(tmp_path / "site")
    try:
        aging.start()
        yield aging
    finally:
        aging.stop()


@pytest.fixture
def windows(browser: Browser, site: Site) -> Iterator[Windows]:
    opened = Windows(browser, site)
    yield opened
    opened.close()


@pytest.fixture
def lam(site: Site, windows: Windows) -> Subscriber:
    """The demo's subscriber, with a certificate for mail whose key lies in the browser."""
    slip = site.demo["subscriber"]
    person = Subscriber(windows(), slip["account"], PASSWORD, EMAIL)
    person.first_sign_in(slip["passcode"])
    person.begin(MAIL)
    person.prove_mailbox(windows())
    person.accept_agreement()
    person.make_key(key_type="p256", key_password=KEY_PASSWORD, challenge=CHALLENGE)
    return person


def moved(site: Site, lam: Subscriber, day: int) -> None:
    """Let it be `day` days after the beginning; the service's own certificates are renewed where half is over."""
    site.move_clock(day)
    site.manage("responder", *OPERATORS)
    site.manage("mail_certificate", *OPERATORS)
    until_responder_is_there(site)
    lam.window.go("/")


def mails_about(reader: Window, subject: re.Pattern[str], count: int) -> None:
    """Wait until the demo's mailbox shows `count` mails to him with this subject, and open the newest."""
    found = reader.page.locator("tr", has_text=EMAIL).get_by_role("link", name=subject)
    for _ in range(60):
        reader.go("/demo/mailbox/")
        if found.count() >= count:
            break
        reader.page.wait_for_timeout(500)
    expect(found).to_have_count(count)
    found.first.click()


def sign_in(lam: Subscriber) -> None:
    lam.try_sign_in(PASSWORD)
    expect(lam.window.page.locator("h1")).not_to_have_text("Sign in")


def certificate_in(window: Window, number: int = 0) -> x509.Certificate:
    """One of the certificates on the page of downloads, the newest first."""
    window.go("/certificates/")
    pem = window.page.locator("section[data-pem]").nth(number).get_attribute("data-pem")
    assert pem
    return x509.load_pem_x509_certificate(pem.encode())


def renewed(lam: Subscriber, windows: Windows, link: str) -> None:
    """Follow the link of a notice, prove the mailbox again, sign with the old key, have the new certificate."""
    page = lam.window.page
    page.goto(link)
    read_english(lam.window)
    lam.window.look("renewal")
    lam.window.picture("12-renewal")
    page.get_by_role("button", name=re.compile("Renew")).first.click()
    lam.window.look("renewal, mailbox to be proven")
    page.get_by_role("button", name="Send the link").click()
    lam.open_mailbox_link(windows())
    page.get_by_role("link", name="I have opened the link").click()
    lam.window.look("renew")
    page.locator("[name=accept]").check()
    page.get_by_label("Password of the old key").fill(KEY_PASSWORD)
    lam.window.picture("13-renew")
    page.get_by_role("button", name="Renew now").click()
    expect(page.locator("h1")).to_have_text("Your certificate is here", timeout=LONG)
    lam.window.look("renewed")


def revoked_with_phrase(window: Window, number: str) -> str:
    """Without signing in: number, phrase, reason. Gives back the reference of the case."""
    page = window.page
    window.go("/revocation/")
    read_english(window)
    window.look("revocation")
    page.fill("[name=named]", number)
    page.fill("[name=phrase]", CHALLENGE.upper())
    page.locator("[name=reason][value=exposed]").check()
    window.picture("14-revocation")
    calculate(window)
    page.get_by_role("button", name="Have it revoked").click()
    expect(page.locator(".site-main .mono").first).to_be_visible(timeout=LONG)
    window.look("revocation sent")
    return page.locator(".site-main .mono").first.inner_text()


def said(site: Site, leaf: x509.Certificate, folder: Path) -> str:
    """What `openssl ocsp` says; its own clock stays where it is, so that it must allow for the site's."""
    later = str(int(leaf.not_valid_before_utc.timestamp()) + 3600)
    answer = Chain(folder, leaf).openssl_ocsp("-validity_period", "99999999", "-attime", later)
    assert "Response verify OK" in answer
    return answer


def approved(window: Window, reference: str) -> None:
    """An approving officer signs in and decides."""
    wong = Officer(window, "wong")
    wong.sign_in()
    window.go(f"/desk/cases/{reference}/")
    window.look("case of a revocation")
    window.picture("15-decide-revocation")
    window.page.get_by_role("button", name="Approve").click()
    expect(window.page.locator(".site-main")).to_contain_text("Approved.")


def _until_listed(site: Site, leaf: x509.Certificate) -> None:
    """The list that the certificate names has it, within the 15 minutes that are promised."""
    address = Chain.list_address(leaf)
    end = time.monotonic() + 15 * 60
    while not x509.load_der_x509_crl(fetch(address)).get_revoked_certificate_by_serial_number(leaf.serial_number):
        assert time.monotonic() < end, site.log("signing").read_text()
        time.sleep(1)


def test_a_year_from_the_first_key_to_the_revocation(
    site: Site, windows: Windows, lam: Subscriber, tmp_path: Path
) -> None:
    page, reader = lam.window.page, windows()
    old = certificate_in(lam.window)

    # 1. Eleven months later the notices come, each once.
    notice = re.compile("certificate ends", re.I)
    for count, (day, left) in enumerate(NOTICES.items(), start=1):
        moved(site, lam, day)
        mails_about(reader, notice, count)
        expect(reader.page.locator("h1")).to_have_text(f"Your certificate ends in {left}")
    reader.look("notice")
    link = reader.page.locator("main a[href*='/renewal/']").get_attribute("href")
    assert link

    # 2. On the last day he follows the link: one page, one signature of the old key, a new certificate.
    sign_in(lam)
    renewed(lam, windows, link)
    new = certificate_in(lam.window)
    assert new.serial_number != old.serial_number
    assert new.public_key() != old.public_key()
    assert (new.not_valid_after_utc - old.not_valid_after_utc).days >= 360

    # 3. The old one ends; nobody is told, since it was renewed.
    moved(site, lam, 366)
    mails_about(reader, notice, len(NOTICES))
    sign_in(lam)
    lam.window.go("/certificates/")
    expect(page.locator("section[data-pem]").last).to_contain_text("expired")
    number = page.locator("section[data-pem]").first.get_by_text(re.compile(r"^\d{10}$")).first.inner_text()
    assert "good" in said(site, new, tmp_path)

    # 4. Somebody has seen the new key: without signing in it is suspended at once, then an officer decides.
    reference = revoked_with_phrase(windows(), number)
    assert "certificateHold" in said(site, new, tmp_path)
    approved(windows(), reference)
    assert "keyCompromise" in said(site, new, tmp_path)
    _until_listed(site, new)
    mails_about(reader, re.compile("revoked", re.I), 1)
    for secret in (CHALLENGE, PASSWORD, KEY_PASSWORD):
        traces.is_nowhere(site, [], secret)
