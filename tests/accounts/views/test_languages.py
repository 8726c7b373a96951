"""The language switch."""

import pytest
from django.conf import settings
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db

SWITCH = "/account/language/"


@pytest.mark.parametrize(("language", "tag"), [("zh-hant", "zh-Hant"), ("en", "en"), ("pt", "pt")])
def test_a_visitor_s_choice_is_remembered(client: Client, language: str, tag: str) -> None:
    answer = client.post(SWITCH, {"language": language, "next": "/account/locked/?a=b"})
    assert answer["Location"] == "/account/locked/?a=b"
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == language
    assert f'lang="{tag}' in client.get("/account/locked/").content.decode().split("<head>")[0]


def test_an_account_s_choice_is_kept_for_its_mails(client: Client) -> None:
    person = factories.subscriber(language="en")
    factories.signed_in(client, person)
    client.post(SWITCH, {"language": "pt", "next": "/"})
    person.account.refresh_from_db()
    assert person.account.language == "pt"


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    person = factories.subscriber(language="en")
    factories.signed_in(client, person)
    answer = client.post(SWITCH, {"language": "xx", "next": "/"})
    person.account.refresh_from_db()
    assert person.account.language == "en"
    assert settings.LANGUAGE_COOKIE_NAME not in answer.cookies


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_the_switch_never_leads_elsewhere(client: Client, elsewhere: str) -> None:
    assert client.post(SWITCH, {"language": "en", "next": elsewhere})["Location"] == "/"


def test_looking_changes_nothing(client: Client) -> None:
    assert client.get(SWITCH, {"language": "pt"}).status_code == 405
