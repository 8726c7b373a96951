"""The menu of each reader, and the operator's words in each language."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.states import AccountState, Role
from portal.context_processors import operator_words, page_language

pytestmark = pytest.mark.django_db


def menu(page: str) -> list[str]:
    found = re.search(r'<nav class="site-menu".*?</nav>', page, re.S)
    return re.findall(r"<a [^>]*>(.*?)</a>", found[0]) if found else []


def test_a_subscriber_sees_the_six_functions(subscriber_browser: Any) -> None:
    page = subscriber_browser().get("/").content.decode()
    assert menu(page) == [
        "Apply for a certificate", "Renew a certificate", "Download certificates", "Revoke a certificate",
        "View certificates", "Change the site password", "My details",
    ]  # fmt: skip
    assert "Sign out" in page


def test_the_line_of_this_page_is_marked(subscriber_browser: Any) -> None:
    page = subscriber_browser().get("/renewal/").content.decode()
    assert re.findall(r'<a href="([^"]*)" aria-current="page">', page) == ["/renewal/"]


def test_an_officer_sees_what_the_roles_allow(officer_browser: Any) -> None:
    assert menu(officer_browser(Role.APPROVING).get("/terms/").content.decode()) == ["Cases waiting", "Renewals due"]


def test_a_registration_officer_sees_the_desk(officer_browser: Any) -> None:
    page = officer_browser(Role.REGISTRATION).get("/terms/").content.decode()
    assert menu(page) == [
        "Cases waiting", "Register a person", "Passcode slips", "Reset a password", "Renewals due",
        "Revoke certificates",
    ]  # fmt: skip


def test_an_officer_without_the_code_has_no_officers_menu(officer_browser: Any) -> None:
    assert "Cases waiting" not in menu(officer_browser(Role.APPROVING, verified=False).get("/terms/").content.decode())


def test_a_slip_opens_no_menu(subscriber_browser: Any) -> None:
    page = subscriber_browser(AccountState.SLIP).get("/account/first-password/").content.decode()
    assert "Download certificates" not in menu(page)


def test_a_visitor_meets_the_centre_without_a_menu_and_finds_one_elsewhere() -> None:
    assert menu(Client().get("/").content.decode()) == []
    elsewhere = menu(Client().get("/terms/").content.decode())
    assert "Sign in" in elsewhere
    assert {"Renew a certificate", "Revoke a certificate"} <= set(elsewhere)


@pytest.mark.parametrize("language", ["zh-hant", "en", "pt"])
def test_the_operator_speaks_each_language(language: str) -> None:
    with translation.override(language):
        words = operator_words()
        assert page_language() == language
    assert words["notices"][0]["text"]
    assert all(words[key] for key in ("name", "operator", "help_line", "help_mail", "address", "fees"))


def test_another_language_falls_back_to_the_sites_own() -> None:
    with translation.override("fr"):
        assert page_language() == "en"
