"""Keys in the browser where the straight way is closed: no store, another device, a refusal in between."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window, Windows
from tests.browser.people import LONG, Officer, Subscriber

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EMAIL = "rui.lei@example.com"
PASSWORD = "slow Otter 41 reads maps"
KEY_PASSWORD = "Tin-Hau 1955 lantern"
OTHER_PASSWORD = "Coloane 1966 ferry!"
CHALLENGE = "seven paper cranes 88"
PAIR, MAIL = re.compile("Apply now.*[Pp]ersonal"), re.compile("Apply now.*Secure e-mail certificate$")
# What a private window of some browsers does.
NO_STORE = "Object.defineProperty(window, 'indexedDB', {get() { throw new DOMException('closed', 'SecurityError'); }});"


@pytest.fixture
def rui(windows: Windows) -> Subscriber:
    """A person with a slip, who has signed in with it and chosen a password, in a window that stores nothing."""
    chan, wong = Officer(windows(), "chan"), Officer(windows(), "wong")
    chan.sign_in()
    wong.sign_in()
    reference = chan.register(
        id_number="5123456(1)", given_name="Rui", family_name="Lei", name_chinese="李銳", email=EMAIL, country="MO"
    )
    wong.approve(reference)
    slip = chan.print_slip("Rui Lei")
    window = windows()
    window.page.add_init_script(NO_STORE)
    person = Subscriber(window, slip.account, PASSWORD, EMAIL)
    person.first_sign_in(slip.passcode)
    return person


def to_the_key(person: Subscriber, title: re.Pattern[str], reader: Window) -> None:
    """Everything before the key page."""
    person.begin(title)
    if person.window.page.locator("h1").inner_text() == "Confirm your mailbox":
        person.prove_mailbox(reader)
    person.accept_agreement()
    expect(person.window.page.locator("h1")).to_have_text("Make your key")


def fill_key_page(page: Page, *, again: str = CHALLENGE) -> None:
    """Challenge phrase and key password."""
    page.fill("[name=challenge]", CHALLENGE)
    page.fill("[name=challenge_again]", again)
    page.locator("[data-making] [data-key-password]").fill(KEY_PASSWORD)
    page.locator("[data-making] [data-key-password-again]").fill(KEY_PASSWORD)
    page.locator("[data-key-submit]").click()


def saved(page: Page, button: Locator, folder: Path) -> Path:
    """The file that a button saves."""
    with page.expect_download(timeout=LONG) as download:
        button.click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_keys_survive_without_a_store_and_through_a_refusal(rui: Subscriber, windows: Windows, tmp_path: Path) -> None:
    # 1. In a window that stores nothing, the keys become files before the request is sent.
    to_the_key(rui, PAIR, windows())
    pending = _enrol_without_a_store(rui.window, tmp_path)

    # 2. On another device each key file finds its certificate and no other, and becomes a backup.
    device = Subscriber(windows(), rui.account, PASSWORD, EMAIL)
    device.try_sign_in(PASSWORD)
    expect(device.window.page.locator("h1")).to_have_text("Apply for a certificate")
    device.window.go("/certificates/")
    _bring_keys_in(device.window.page, pending)
    device.window.look("download with restored keys")
    for section in device.window.page.locator("section[data-pem]").all():
        _save_compatible_backup(device.window.page, section, tmp_path)

    # 3. A refused form leaves the key where it is, and the second try sends its request.
    to_the_key(device, MAIL, windows())
    _enrol_after_a_refusal(device.window)

    # 4. A wrong key password is said in words.
    page = device.window.page
    page.locator("form[data-tool=backup] [data-key-password]").fill("not the key password")
    page.get_by_role("button", name="Save the backup").click()
    expect(page.locator("form[data-tool=backup] [data-refusal]")).to_contain_text("not the key password you chose")


def _enrol_without_a_store(window: Window, folder: Path) -> list[Path]:
    page = window.page
    page.locator("[data-making] [data-key-password]").fill("密碼密碼密碼密碼密碼密碼")
    page.locator("[data-key-submit]").click()
    expect(page.locator("form [data-refusal]").last).to_contain_text("not every program can open")
    expect(page.locator("[data-no-store]")).to_be_visible()
    page.locator("[data-key-type]").select_option("p384")
    fill_key_page(page)
    rest = page.locator("[data-save-files]")
    expect(rest).to_be_visible(timeout=LONG)
    window.look("key without a store")
    rest.locator("[data-send]").click()
    expect(page.locator("form [data-refusal]").last).to_contain_text("save the file first")
    pending = [saved(page, button, folder) for button in rest.locator("[data-key-files] button").all()]
    for file in pending:
        key = load_pem_private_key(file.read_bytes(), KEY_PASSWORD.encode())
        assert isinstance(key, ec.EllipticCurvePrivateKey)
    rest.locator("[data-saved]").check()
    rest.locator("[data-send]").click()
    expect(page.locator("h1")).to_have_text("Your certificate is here", timeout=LONG)
    return pending


def _enrol_after_a_refusal(window: Window) -> None:
    page = window.page
    fill_key_page(page, again="another phrase 99")
    expect(page.locator("#error-summary")).to_be_visible(timeout=LONG)
    expect(page.locator("[data-stored]")).to_be_visible()
    expect(page.locator("[data-making]")).to_be_hidden()
    window.look("key that is there already")
    page.fill("[name=challenge]", CHALLENGE)
    page.fill("[name=challenge_again]", CHALLENGE)
    page.locator("[data-key-submit]").click()
    expect(page.locator("h1")).to_have_text("Your certificate is here", timeout=LONG)
    expect(page.locator("[data-key-state]")).to_contain_text("The key is in this browser")


def _bring_keys_in(page: Page, pending: list[Path]) -> None:
    sections = page.locator("section[data-pem]").all()
    assert len(sections) == len(pending)
    for section in sections:
        expect(section.locator("[data-key-state]")).to_contain_text("not in this browser")
        item = section.get_attribute("data-item")
        mine = next(file for file in pending if file.stem.endswith(f"-{item}"))
        other = next(file for file in pending if file != mine)
        tool = section.locator("[data-tool-root=restore]")
        tool.locator("summary").click()
        tool.locator("[data-file-password]").fill(KEY_PASSWORD)
        tool.locator("[data-file]").set_input_files(other)
        tool.locator("[type=submit]").click()
        expect(tool.locator("[data-refusal]")).to_contain_text("does not belong to this certificate", timeout=LONG)
        tool.locator("[data-file]").set_input_files(mine)
        tool.locator("[type=submit]").click()
        expect(section.locator("[data-key-state]")).to_contain_text("The key is in this browser", timeout=LONG)


def _save_compatible_backup(page: Page, section: Locator, folder: Path) -> None:
    tool = section.locator("[data-tool-root=backup]")
    tool.locator("summary").click()
    tool.locator("[data-key-password]").fill(KEY_PASSWORD)
    tool.get_by_label("Use another password for the file").check()
    tool.locator("[data-new-password]").fill(OTHER_PASSWORD)
    tool.locator("[data-new-password-again]").fill(OTHER_PASSWORD)
    tool.get_by_label("Compatible file for older systems").check()
    file = saved(page, tool.locator("[type=submit]"), folder)
    key, certificate, chain = pkcs12.load_key_and_certificates(file.read_bytes(), OTHER_PASSWORD.encode())
    assert key is not None
    assert certificate is not None
    assert key.public_key() == certificate.public_key()
    assert len(chain) == 2
