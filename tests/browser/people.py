"""What people do on the screens: officers and subscribers, each in a browser window of their own."""

import re
import time
from base64 import b32decode
from dataclasses import dataclass
from pathlib import Path

from django_otp.oath import TOTP
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.processes import Site

_STEP = 30  # seconds that a one-time code lasts
_used: dict[str, int] = {}  # a code opens once: the last step used for each secret
LONG = 60_000  # milliseconds; only a guard against hanging


def one_time_code(secret: str, site: Site) -> str:
    """The code of the site's now, as an authenticator app shows it; waits for the next where this one was used."""
    moved = site.moved_days * 24 * 3600
    while (step := int(time.time() + moved) // _STEP) <= _used.get(secret, 0):
        time.sleep(0.5)
    _used[secret] = step
    code = TOTP(b32decode(secret), _STEP, 0, 6, 0)
    code.time = step * _STEP
    return f"{code.token():06d}"


def read_english(window: Window) -> None:
    """Choose the language; without a choice the account's own is shown after signing in."""
    with window.page.expect_navigation():
        window.page.get_by_role("button", name="English").click()


def calculate(window: Window) -> None:
    """Let the browser calculate in the place of the picture's digits."""
    window.page.get_by_text("I can use neither the picture nor the sound").click()
    window.page.get_by_role("button", name="Calculate instead").click()
    expect(window.page.locator("input[name=work]")).not_to_have_value("", timeout=LONG)


@dataclass
class Slip:
    """What stands on a passcode slip."""

    account: str
    passcode: str


@dataclass
class Officer:
    """An officer at their screen."""

    window: Window
    username: str

    def sign_in(self) -> None:
        """Password, calculation, one-time code."""
        page, found = self.window.page, self.window.site.demo["officers"]
        mine = next(one for one in found if one["username"] == self.username)
        self.window.go("/account/officer/")
        read_english(self.window)
        self.window.look("officer sign-in")
        page.fill("[name=username]", self.username)
        page.fill("[name=password]", mine["password"])
        calculate(self.window)
        page.get_by_role("button", name="Go on to the one-time code").click()
        expect(page.locator("h1")).to_have_text("One-time code")
        self.window.look("one-time code")
        page.locator("input[autocomplete=one-time-code]").fill(one_time_code(mine["totp_secret"], self.window.site))
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator("h1")).to_have_text("Cases waiting")
        self.window.look("queue")

    def register(self, **fields: str) -> str:
        """Enter a person with all documents and all certificates on offer; gives back the case's reference."""
        page = self.window.page
        self.window.go("/desk/register/?kind=personal")
        for name, value in fields.items():
            page.fill(f"[name={name}]", value)
        page.locator("select[name=language]").select_option("en")
        for name in ("profiles", "documents_seen"):
            for box in page.locator(f"[name={name}]").all():
                box.check()
        self.window.look("register")
        self.window.picture("1-register")
        page.get_by_role("button", name="Enter for approval").click()
        expect(page.locator("h1")).to_contain_text("Registration")
        self.window.look("case")
        return page.url.rstrip("/").rsplit("/", 1)[1]

    def approve(self, reference: str) -> None:
        """Read the case and approve it."""
        page = self.window.page
        self.window.go("/desk/")
        page.get_by_role("link", name=reference).click()
        self.window.look("case to decide")
        self.window.picture("2-approve")
        page.get_by_role("button", name="Approve").click()
        expect(page.locator(".site-main")).to_contain_text("Approved.")

    def print_slip(self, name: str) -> Slip:
        """Print the slip that is due for a person."""
        page = self.window.page
        self.window.go("/desk/slips/")
        self.window.look("slips")
        for box in page.locator("[name=slip]").all():
            box.uncheck()
        page.get_by_label(re.compile(f"Print the slip for .*{name}")).check()
        page.get_by_role("button", name="Print the ticked slips").click()
        self.window.look("print slips")
        self.window.picture("3-slip")
        return Slip(page.locator(".slip-account").inner_text(), page.locator(".slip-secret").inner_text())

    def enter_reset(self, account: str) -> str:
        """Enter a reset for an account whose holder stands at the counter; gives back the case's reference."""
        page = self.window.page
        self.window.go("/desk/reset/")
        self.window.look("reset")
        form = page.locator("form", has=page.locator("[name=account]"))
        form.locator("[name=account]").fill(account)
        form.locator("[name=identity_check]").fill("Identity card seen at the counter")
        form.get_by_role("button").last.click()
        expect(page.locator("h1")).to_contain_text("Password reset")
        return page.url.rstrip("/").rsplit("/", 1)[1]


@dataclass
class Subscriber:
    """A subscriber at their screen."""

    window: Window
    account: str
    password: str
    email: str
    links_opened: int = 0

    def try_sign_in(self, password: str) -> None:
        """Type account and password, calculate, and send."""
        page = self.window.page
        self.window.go("/account/sign-in/")
        read_english(self.window)
        self.window.look("sign-in")
        self.window.picture("4-sign-in")
        page.fill("[name=username]", self.account)
        page.fill("[name=password]", password)
        calculate(self.window)
        page.locator(".site-main").get_by_role("button", name="Sign in").click()

    def first_sign_in(self, passcode: str) -> None:
        """Sign in with the slip, and choose a password."""
        page = self.window.page
        self.try_sign_in(passcode)
        expect(page.locator("h1")).to_have_text("Choose your password")
        self.window.look("first password")
        self.window.go("/certificates/")  # nothing else is open yet
        expect(page.locator("h1")).to_have_text("Choose your password")
        for field in page.locator("main input[type=password]").all():
            field.fill(self.password)
        page.get_by_role("button", name="Set password").click()
        expect(page.locator("h1")).to_have_text("Apply for a certificate")
        read_english(self.window)  # of somebody signed in, it is the language of the mails, too
        self.window.look("apply")

    def begin(self, title: re.Pattern[str]) -> None:
        """Start an order, confirm the data."""
        page = self.window.page
        self.window.go("/enrollment/")
        page.get_by_role("button", name=title).click()
        expect(page.locator("h1")).to_have_text("Are these data right?")
        self.window.look("data")
        self.window.picture("5-data")
        page.get_by_role("button", name="Everything is right").click()

    def prove_mailbox(self, reader: Window) -> None:
        """Have the link sent, open it in another window from the demo's mailbox, press its button, come back."""
        page = self.window.page
        expect(page.locator("h1")).to_have_text("Confirm your mailbox")
        self.window.look("mailbox")
        page.get_by_role("button", name="Send the link").click()
        self.open_mailbox_link(reader)
        page.get_by_role("link", name="I have opened the link").click()

    def open_mailbox_link(self, reader: Window) -> None:
        """Find the newest link in the demo's mailbox, in another window, open it and press its button."""
        self.links_opened += 1
        mine = reader.page.locator("tr", has_text=self.email).get_by_role("link", name="mailbox")
        for _ in range(60):
            reader.go("/demo/mailbox/")
            if mine.count() >= self.links_opened:
                break
            reader.page.wait_for_timeout(500)
        reader.look("demo mailbox")
        expect(mine).to_have_count(self.links_opened)
        mine.first.click()
        reader.page.locator("a[href*='/account/mailbox/']").click()
        reader.look("mailbox link")
        reader.page.locator("main").get_by_role("button").click()
        expect(reader.page.locator("main")).to_contain_text(re.compile("confirmed|proven", re.I))

    def accept_agreement(self) -> None:
        """Read and accept."""
        page = self.window.page
        expect(page.locator("h1")).to_have_text("Subscriber agreement")
        self.window.look("agreement")
        self.window.picture("6-agreement")
        page.locator("[name=accept]").check()
        page.get_by_role("button", name="Accept and go on").click()

    def make_key(self, *, key_type: str, key_password: str, challenge: str) -> None:
        """Fill the key page, have the key made, wait for the certificate."""
        page = self.window.page
        expect(page.locator("h1")).to_have_text("Make your key")
        self.window.look("key")
        page.fill("[name=challenge]", challenge)
        page.fill("[name=challenge_again]", challenge)
        page.locator("[data-key-type]").select_option(key_type)
        page.locator("[data-making] [data-key-password]").fill(key_password)
        page.locator("[data-making] [data-key-password-again]").fill(key_password)
        self.window.picture("7-key")
        page.get_by_role("button", name="Make the key and send the request").click()
        expect(page.locator("h1")).to_have_text("Your certificate is here", timeout=LONG)
        self.window.look("issued")
        self.window.picture("8-issued")

    def save_backups(self, key_password: str, folder: Path) -> list[Path]:
        """Save each certificate's backup, check it, and delete the key from the browser."""
        page = self.window.page
        files: list[Path] = []
        for section in page.locator("section[data-pem]").all():
            save = section.locator("[data-tool-root=backup]")
            if save.get_attribute("open") is None:
                save.locator("summary").click()
            save.locator("[data-key-password]").first.fill(key_password)
            with page.expect_download(timeout=LONG) as download:
                save.get_by_role("button", name="Save the backup").click()
            file = folder / f"{len(files)}-{download.value.suggested_filename}"
            download.value.save_as(file)
            files.append(file)
            check = section.locator("[data-tool-root=check]")
            if check.get_attribute("open") is None:
                check.locator("summary").click()
            check.locator("[data-file]").set_input_files(file)
            check.locator("[data-file-password]").fill(key_password)
            delete = section.locator("[data-delete-open]")
            expect(delete).to_be_disabled()
            check.get_by_role("button", name="Check the backup").click()
            expect(delete).to_be_enabled(timeout=LONG)
        self.window.picture("9-backup-checked")
        return files

    def delete_first_key(self) -> None:
        """Delete the first certificate's key from the browser, after its backup was checked."""
        section = self.window.page.locator("section[data-pem]").first
        section.locator("[data-delete-open]").click()
        section.get_by_role("button", name="Delete the key", exact=True).click()
        expect(section.locator("[data-delete-section]")).to_be_hidden()
