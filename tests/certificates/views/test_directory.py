"""The public directory's pages."""

import re
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from cryptography import x509
from django.test import Client
from django.urls import reverse

from accounts.models import Subscriber
from certificates.models import Authority, Certificate
from certificates.selectors.directory import AT_MOST
from tests.certificates.making import issued, many, person

pytestmark = pytest.mark.django_db

SEARCH = "/search/"


@pytest.fixture
def certificate(authority: Authority) -> Certificate:
    """The certificate of somebody who is listed."""
    holder = person(email="mei@example.org", telephone="+853 2899 1234", address="Rua do Campo 7", id_number="7654321")
    Subscriber.objects.filter(pk=holder.pk).update(listed=True)
    return issued(holder, "personal")[0]


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_page_asks_and_finds_nothing_by_itself(certificate: Certificate) -> None:
    answer = Client().get(SEARCH)
    assert answer.status_code == 200
    assert certificate.number not in words(answer)
    assert 'type="search"' in words(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("typed", ["", "a", "%"])
def test_what_would_list_everything_is_refused_on_the_form(certificate: Certificate, typed: str) -> None:
    answer = Client().get(SEARCH, {"q": typed})
    assert answer.status_code == 422
    assert certificate.number not in words(answer)


def test_what_is_found_says_what_stands_in_the_certificate_and_no_more(certificate: Certificate) -> None:
    answer = Client().get(SEARCH, {"q": "MEI@example.org"})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    page = words(answer)
    for part in (f"/search/{certificate.number}/", "valid", "to sign", certificate.authority.name):
        assert part in page
    page += words(Client().get(f"/search/{certificate.number}/"))
    for personal in ("2899", "Rua do Campo", "7654321", "陳美", str(certificate.item.order.public_id)):
        assert personal not in page
    assert f'"/certificates/{certificate.number}' not in page  # the holder's own pages are not offered


def test_nothing_found_says_what_to_do(certificate: Certificate) -> None:
    answer = Client().get(SEARCH, {"q": "nobody@example.org"})
    assert answer.status_code == 200
    assert "ask the person for a signed mail" in words(answer)


def test_too_many_are_cut_and_not_counted(certificate: Certificate, authority: Authority) -> None:
    more = [one.pk for one in many(authority, 137)]
    copied = {"subscriber": certificate.subscriber, "search_name": "mei chan", "der": certificate.der}
    Certificate.objects.filter(pk__in=more).update(**copied)
    page = words(Client().get(SEARCH, {"q": "mei"}))
    assert len(set(re.findall(r"/search/(\d{10})/", page))) == AT_MOST
    assert "Narrow your search" in page
    assert not re.search(r"\b13[0-9]\b", page)


def test_the_page_of_a_published_certificate_has_everything_in_words(certificate: Certificate) -> None:
    page = words(Client().get(reverse("found", args=[certificate.number])))
    for part in ("The key may", "Mailboxes", "Policies", "Where to ask", "SHA-256 fingerprint"):
        assert part in page
    for kind in ("pem", "cer", "p7b"):
        assert f"/search/{certificate.number}.{kind}" in page


def test_the_files_are_the_certificates(certificate: Certificate) -> None:
    answer = Client().get(reverse("found-file", args=[certificate.number, "cer"]))
    assert answer.content == bytes(certificate.der)
    assert answer["Content-Disposition"] == f'attachment; filename="certificate-{certificate.number}.cer"'
    pem = Client().get(reverse("found-file", args=[certificate.number, "pem"])).content
    assert len(x509.load_pem_x509_certificates(pem)) == 3
    assert Client().get(f"/search/{certificate.number}.zip").status_code == 404


def test_what_is_not_listed_is_not_there(certificate: Certificate) -> None:
    addresses = [f"/search/{certificate.number}{end}" for end in ("/", ".pem", ".cer", ".p7b")]
    assert [Client().get(one).status_code for one in addresses] == [200] * 4
    Subscriber.objects.update(listed=False)
    assert [Client().get(one).status_code for one in addresses] == [404] * 4
    assert certificate.number not in words(Client().get(SEARCH, {"q": "mei@example.org"}))


def test_a_network_address_searches_sixty_times_in_ten_minutes(certificate: Certificate, clock: Any) -> None:
    search = {"q": "nobody@example.org"}
    assert [Client().get(SEARCH, search).status_code for _ in range(60)] == [200] * 60
    answer = Client().get(SEARCH, search)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert Client().get(SEARCH).status_code == 200  # the empty page stays open
    assert Client().get(SEARCH, search, REMOTE_ADDR="192.0.2.7").status_code == 200
    clock.shift(minutes=10)
    assert Client().get(SEARCH, search).status_code == 200


def test_numbers_are_not_to_be_guessed(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certificates.views.directory._LOOKS", 3)
    answers = [Client().get(f"/search/{number:010d}/").status_code for number in range(4)]
    assert answers == [404, 404, 404, 429]
    assert Client().get(f"/search/{certificate.number}.pem").status_code == 429


@pytest.mark.parametrize(
    "typed", ["\x00", "a\x00b", "\ud800", "%00", "\\", "\\%", "'\"", "🏴" * 100, "a\u202eb", "x" * 10_000]
)
def test_odd_searches_are_answered(certificate: Certificate, typed: str) -> None:
    sent = typed.encode("utf-8", "surrogatepass")
    answer = Client().get(SEARCH, QUERY_STRING="q=" + quote_from_bytes(sent))
    assert answer.status_code in (200, 422)
    assert certificate.number not in words(answer)
