"""Download and view: the owner's files in every form, and nothing for anybody else."""

import io
import zipfile
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7
from django.test import Client
from django.urls import reverse

from accounts.models import Subscriber
from certificates import jobs
from certificates.models import Authority, Certificate
from certificates.selectors import certificates_of
from tests import factories
from tests.certificates.making import placed

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(authority: Authority) -> Subscriber:
    subscriber = factories.subscriber()
    jobs.issue_orders([placed(subscriber, "personal").pk, placed(subscriber).pk])
    return subscriber


@pytest.fixture
def page(client: Client, holder: Subscriber) -> Client:
    return factories.signed_in(client, holder)


def of(holder: Subscriber) -> list[Certificate]:
    return list(certificates_of(holder))


def test_the_download_page_lists_all_with_pem_for_the_script(page: Client, holder: Subscriber) -> None:
    response = page.get(reverse("certificates:list"))
    text = response.content.decode()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    for certificate in of(holder):
        assert f'value="{certificate.number}"' in text
    assert text.count("data-pem=") == 3
    assert text.count("BEGIN CERTIFICATE") == 3 * 3


def test_without_certificates_the_page_says_what_to_do(client: Client, db: None) -> None:
    text = factories.signed_in(client, factories.subscriber()).get(reverse("certificates:list")).content.decode()
    assert "You have no certificate yet." in text


def test_the_view_page_says_every_extension_in_words(page: Client, holder: Subscriber) -> None:
    for certificate in of(holder):
        response = page.get(reverse("certificates:view", args=[certificate.number]))
        text = response.content.decode()
        assert response.status_code == 200
        for words in ("secure e-mail (emailProtection)", "Revocation list", "SHA-256 fingerprint", "UTC+8"):
            assert words in text
        assert text.count("<h1>") == 1


def test_files_come_as_pem_der_and_pkcs7(page: Client, holder: Subscriber, authority: Authority) -> None:
    certificate = of(holder)[0]
    leaf = x509.load_der_x509_certificate(bytes(certificate.der))
    ca = [x509.load_der_x509_certificate(bytes(one.certificate)) for one in (authority, authority.parent) if one]
    types = {
        "pem": "application/x-pem-file",
        "cer": "application/pkix-cert",
        "p7b": "application/x-pkcs7-certificates",
    }
    files: dict[str, bytes] = {}
    for kind, content_type in types.items():
        response = page.get(reverse("certificates:file", args=[certificate.number, kind]))
        assert (response.status_code, response["Content-Type"]) == (200, content_type)
        assert response["Content-Disposition"] == f'attachment; filename="certificate-{certificate.number}.{kind}"'
        assert "no-store" in response["Cache-Control"]
        files[kind] = response.content
    assert x509.load_pem_x509_certificates(files["pem"]) == [leaf, *ca]
    assert files["cer"] == bytes(certificate.der)
    assert set(pkcs7.load_der_pkcs7_certificates(files["p7b"])) == {leaf, *ca}


@pytest.mark.parametrize("method", ["get", "post"])
def test_several_come_in_one_file(method: str, page: Client, holder: Subscriber) -> None:
    numbers = [one.number for one in of(holder)[:2]]
    send = getattr(page, method)
    pem = send(reverse("certificates:bundle"), {"number": numbers, "format": "pem"})
    assert len(x509.load_pem_x509_certificates(pem.content)) == 4
    p7b = send(reverse("certificates:bundle"), {"number": numbers, "format": "p7b"})
    assert len(pkcs7.load_der_pkcs7_certificates(p7b.content)) == 4
    packed = send(reverse("certificates:bundle"), {"number": numbers, "format": "der"})
    assert packed["Content-Disposition"] == 'attachment; filename="certificates.zip"'
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        names = archive.namelist()
        assert {f"certificate-{number}.cer" for number in numbers} < set(names)
        assert len([x509.load_der_x509_certificate(archive.read(name)) for name in names]) == 4


def test_ticking_nothing_leads_back_with_a_word(page: Client) -> None:
    response = page.get(reverse("certificates:bundle"), {"format": "pem"}, follow=True)
    assert response.redirect_chain == [(reverse("certificates:list"), 302)]
    assert "Tick at least one certificate" in response.content.decode()


@pytest.mark.parametrize("kind", ["", "zip", "cer", "exe"])
def test_other_forms_are_not_found(kind: str, page: Client, holder: Subscriber) -> None:
    number = of(holder)[0].number
    assert page.get(reverse("certificates:bundle"), {"number": number, "format": kind}).status_code == 404


def addresses(holder: Subscriber) -> list[tuple[str, Any]]:
    number = of(holder)[0].number
    files: list[tuple[str, Any]] = [
        (reverse("certificates:file", args=[number, kind]), {}) for kind in ("pem", "cer", "p7b")
    ]
    bundle = (reverse("certificates:bundle"), {"number": number, "format": "pem"})
    return [*files, bundle, (reverse("certificates:view", args=[number]), {})]


def test_a_stranger_finds_nothing(client: Client, holder: Subscriber) -> None:
    stranger = factories.signed_in(client, factories.subscriber())
    for address, query in addresses(holder):
        assert stranger.get(address, query).status_code == 404
    mixed = {"number": [of(holder)[0].number, "0000000000"], "format": "pem"}
    assert factories.signed_in(Client(), holder).get(reverse("certificates:bundle"), mixed).status_code == 404


def test_visitors_are_led_to_sign_in_and_officers_refused(client: Client, holder: Subscriber) -> None:
    officer = factories.signed_in(Client(), factories.officer())
    for address, query in [*addresses(holder), (reverse("certificates:list"), {})]:
        assert client.get(address, query)["Location"].startswith(reverse("accounts:sign-in"))
        assert officer.get(address, query).status_code == 403


def test_a_download_page_stays_small_in_queries(page: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        page.get(reverse("certificates:list"))
