"""What the centre's pages say."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from certificates.models import Authority

pytestmark = pytest.mark.django_db


def page(address: str, language: str = "en") -> str:
    response = Client().get(address, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


def test_the_centre_has_four_doors_sign_in_notices_and_help() -> None:
    home = page("/")
    assert home.count('<li class="door') == 4
    for address in (
        "/enrollment/",
        "/search/",
        "/renewal/",
        "/revocation/",
        "/account/sign-in/",
        "/trust/",
        "/guides/",
    ):
        assert f'href="{address}"' in home
    for part in ("help_line", "address", "fees"):
        assert settings.SITE[part]["en"] in home
    assert settings.SITE["notices"][0]["en"] in home


def test_the_root_is_shown_with_fingerprints_to_compare() -> None:
    now = timezone.now()
    der = b"stand-in for a certificate"
    Authority.objects.create(
        slug="root-g1", name="Test Root", certificate=der, sha256=hashlib.sha256(der).hexdigest(), not_before=now,
        not_after=now + timedelta(days=9), ca_issuers_url="http://s/ca", crl_url="http://s/crl",
        ocsp_url="http://s/ocsp", cps_url="http://s/cps",
    )  # fmt: skip
    shown = page("/trust/")
    for made in (hashlib.sha256(der), hashlib.sha1(der)):
        digest = made.hexdigest().upper()
        assert " ".join(digest[at : at + 2] for at in range(0, len(digest), 2)) in shown
    assert f'href="{settings.STATUS_URL}/ca/root-g1.cer"' in shown


def test_without_a_root_the_page_says_so() -> None:
    assert "no root certificate yet" in page("/trust/")


def test_the_guides_cover_every_program() -> None:
    guides = page("/guides/")
    for anchor in ("windows", "macos", "ios", "android", "firefox", "thunderbird", "outlook"):
        assert f'href="#{anchor}"' in guides
        assert f'id="{anchor}"' in guides


@pytest.mark.parametrize(
    ("form", "number"), [("registration", "SG-101"), ("revocation", "SG-201"), ("password-reset", "SG-301")]
)
def test_a_form_to_print_carries_its_number(form: str, number: str) -> None:
    assert number in page(f"/forms/{form}/")
    assert number in page("/forms/")


def test_there_is_no_other_form() -> None:
    assert Client().get("/forms/other/").status_code == 404


def test_the_language_switch_stands_on_every_page_and_leads_back() -> None:
    client = Client()
    shown = client.get("/guides/?x=1").content.decode()
    assert 'name="next" value="/guides/?x=1"' in shown
    assert shown.count('name="language" value="') == 3
    answer = client.post("/account/language/", {"language": "pt", "next": "/guides/?x=1"})
    assert answer["Location"] == "/guides/?x=1"
    assert '<html lang="pt">' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("pt-PT", "pt"),
        ("pt-BR", "pt"),
        ("fr", "en"),
    ],
)
def test_the_browsers_language_is_followed_until_one_is_chosen(accepted: str, tag: str) -> None:
    assert f'<html lang="{tag}">' in page("/", accepted)
