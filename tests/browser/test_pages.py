"""Every page in Chinese and Portuguese, wide and narrow; two tabs, the way back, and a tab closed in the middle."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window, Windows
from tests.browser.people import LONG, Officer, Subscriber, read_english

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LANGUAGES = {"zh-hant": "zh-Hant", "pt": "pt"}  # as the site names them, and as a page must name itself
EMAIL = "ines.ho@example.com"
PASSWORD = "slow Otter 41 reads maps"
KEY_PASSWORD = "Tin-Hau 1955 lantern"
CHALLENGE = "seven paper cranes 88"
PAIR, MAIL = re.compile("Apply now.*[Pp]ersonal"), re.compile("Apply now.*Secure e-mail certificate$")
PUBLIC = [
    "/",
    "/enrollment/",
    "/enrollment/reset/",
    "/renewal/",
    "/revocation/",
    "/search/",
    "/report/",
    "/practice-statement/",
    "/trust/",
    "/guides/",
    "/forms/",
    "/forms/registration/",
    "/terms/",
    "/privacy/",
    "/accessibility/",
    "/account/locked/",
    "/account/sign-in/",
    "/account/officer/",
    "/demo/mailbox/",
    "/nothing/stands/here/",
]
DESK = ["/desk/", "/desk/register/?kind=personal", "/desk/register/?kind=organisation", "/desk/reset/", "/desk/slips/"]
OWN = ["/enrollment/", "/certificates/", "/certificates/view/", "/account/password/", "/desk/"]
# The journey looks at these in English.
SEEN = (
    "officer sign-in, one-time code, queue, register, case, case to decide, slips, print slips, sign-in, "
    "first password, apply, data, mailbox, demo mailbox, mailbox link, agreement"
)


def opened(windows: Windows) -> Window:
    """A window that does not look again at what other tests have looked at."""
    window = windows()
    window.axe_seen.update(SEEN.split(", "))
    return window


def speak(window: Window, language: str) -> None:
    """Choose a language on the page's own buttons."""
    with window.page.expect_navigation():
        window.page.locator(f"button[name=language][value='{language}']").click()


def walk(window: Window, paths: list[str]) -> None:
    """Each page in each language: it says which language it speaks, fits both widths, and axe finds nothing."""
    for language, tag in LANGUAGES.items():
        window.go("/")
        speak(window, language)
        for path in paths:
            window.go(path)
            expect(window.page.locator("html")).to_have_attribute("lang", tag)
            expect(window.page.locator("h1")).to_have_count(1)
            window.look(f"{path} in {language}")


def test_public_pages_in_chinese_and_portuguese(windows: Windows) -> None:
    walk(windows(), PUBLIC)


def test_the_menu_of_a_narrow_screen_with_keys_only(windows: Windows) -> None:
    window = windows()
    page = window.page
    page.set_viewport_size({"width": 360, "height": 900})
    window.go("/guides/")
    page.locator("[data-menu-toggle]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#menu a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-menu-toggle]")).to_be_focused()
    expect(page.locator("#menu")).to_be_hidden()


@pytest.fixture
def ines(windows: Windows) -> Subscriber:
    """A person with a fresh slip; before she has it, the desk is looked at with her case in it."""
    chan, wong = Officer(opened(windows), "chan"), Officer(opened(windows), "wong")
    chan.sign_in()
    reference = chan.register(
        id_number="7890123(4)", given_name="Inês", family_name="Ho", name_chinese="何依娜", email=EMAIL, country="MO"
    )
    walk(chan.window, [*DESK, f"/desk/cases/{reference}/"])
    read_english(chan.window)
    wong.sign_in()
    wong.approve(reference)
    slip = chan.print_slip("Inês Ho")
    person = Subscriber(opened(windows), slip.account, PASSWORD, EMAIL)
    person.first_sign_in(slip.passcode)
    return person


def fill_and_send(page: Page) -> None:
    """The key page, filled in and sent; the key is of the kind that the page offers."""
    page.fill("[name=challenge]", CHALLENGE)
    page.fill("[name=challenge_again]", CHALLENGE)
    page.locator("[data-making] [data-key-password]").fill(KEY_PASSWORD)
    page.locator("[data-making] [data-key-password-again]").fill(KEY_PASSWORD)
    page.locator("[data-key-submit]").click()


def begun(person: Subscriber, title: re.Pattern[str], reader: Window) -> str:
    """Everything before the key page, with a step back and forth on the way; gives back the key page's address."""
    person.begin(title)
    page = person.window.page
    if page.locator("h1").inner_text() == "Confirm your mailbox":
        person.prove_mailbox(reader)
    person.accept_agreement()
    expect(page.locator("h1")).to_have_text("Make your key")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Subscriber agreement")
    page.go_forward()
    expect(page.locator("h1")).to_have_text("Make your key")
    return page.url


def test_two_tabs_the_way_back_and_a_tab_closed(ines: Subscriber, windows: Windows) -> None:
    reader = opened(windows)
    _two_tabs_get_the_same_order(ines, begun(ines, MAIL, reader))
    _a_closed_tab_loses_nothing(ines, begun(ines, PAIR, reader))

    # What she has now fits every page, in both languages.
    page, home = ines.window.page, ines.window.site.url
    number = page.locator("section[data-certificate]").first.get_attribute("data-certificate")
    walk(ines.window, [*OWN, page.url.removeprefix(home), f"/certificates/{number}/"])


def _two_tabs_get_the_same_order(person: Subscriber, address: str) -> None:
    first, second = person.window.page, person.window.page.context.new_page()
    second.goto(address)
    expect(second.locator("[data-making]")).to_be_visible()
    fill_and_send(first)
    expect(first.locator("h1")).to_have_text("Your certificate is here", timeout=LONG)

    # The second tab sends other keys for this order: it is shown the same one, whose key still lies in the browser.
    fill_and_send(second)
    expect(second.locator("h1")).to_have_text("Your certificate is here", timeout=LONG)
    assert second.url == first.url
    expect(second.locator(".site-main")).to_contain_text("sent already, from another tab")
    for tab in (first, second):
        tab.reload()
        expect(tab.locator("[data-key-state]")).to_contain_text("The key is in this browser")

    # The way back, and the address of a step that is over, lead to where the order stands.
    second.go_back()
    second.goto(address)
    expect(second.locator("h1")).to_have_text("Your certificate is here")
    second.close()


def _a_closed_tab_loses_nothing(person: Subscriber, address: str) -> None:
    first, closing = person.window.page, person.window.page.context.new_page()
    first.goto(f"{person.window.site.url}/enrollment/")  # its button is older than the order
    closing.goto(address)
    with closing.expect_request(lambda request: request.method == "POST", timeout=LONG):
        fill_and_send(closing)
    closing.close()
    first.get_by_role("button", name=re.compile("^Go on.*[Pp]ersonal")).click()
    if first.locator("h1").inner_text() == "Make your key":  # closed before the request was there: the key is kept
        expect(first.locator("[data-stored]")).to_be_visible()
        first.fill("[name=challenge]", CHALLENGE)
        first.fill("[name=challenge_again]", CHALLENGE)
        first.locator("[data-key-submit]").click()
    expect(first.locator("h1")).to_have_text("Your certificate is here", timeout=LONG)
    for state in first.locator("[data-key-state]").all():
        expect(state).to_contain_text("The key is in this browser")
