"""From the counter to a working certificate, through the real pages."""

from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from certificates.models import Authority
from certificates.states import OrderState
from tests.certificates.making import Key, new_key
from tests.factories import officer, signed_in, subscriber
from tests.flows import journey
from tests.flows.journey import Applicant, pem

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant(ca: Authority) -> Applicant:
    """Registered by one officer, approved by another, with a slip printed and a password of their own."""
    desk = journey.officer_at_desk(officer("chan", roles=[Role.REGISTRATION]))
    approver = journey.officer_at_desk(officer("wong", roles=[Role.APPROVING]))
    reference = journey.registered(desk)
    assert journey.decided(approver, reference).status_code == 302
    account, passcode = journey.printed(desk)
    client, answer = journey.signed_in(account, passcode)
    assert answer.status_code == 302
    assert client.get(reverse("enrollment:home"))["Location"] == reverse("accounts:first-password")
    first = {"new": journey.NEW_PASSWORD, "again": journey.NEW_PASSWORD}
    assert journey.post(client, reverse("accounts:first-password"), first).status_code == 302
    return Applicant(client)


def ready_for_key(applicant: Applicant, profile: str) -> None:
    applicant.begin(profile)
    applicant.confirm()
    applicant.prove_mailbox()
    applicant.agree()
    assert applicant.here() == applicant.address("key")


def spki(key: Key | x509.Certificate) -> bytes:
    public = key.public_key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("kind", ["p256", "rsa3072"])
def test_from_the_counter_to_a_secure_email_certificate(applicant: Applicant, kind: str) -> None:
    ready_for_key(applicant, "secure-email")
    key = new_key(kind)

    assert applicant.send(pem(key)).status_code == 302
    following = applicant.client.get(applicant.address("order"))
    assert following.context["order"].state == "placed"
    assert applicant.client.get(applicant.address("status")).json()["next"] is None

    assert applicant.have_signed().state == OrderState.ISSUED
    assert applicant.client.get(applicant.address("status")).json()["next"] == applicant.address("order")
    page = applicant.client.get(applicant.address("order"))
    assert page.templates[0].name == "certificates/issued.html"
    (row,) = page.context["certificates"]
    file = applicant.client.get(row["pem_url"])
    certificate = x509.load_pem_x509_certificates(file.content)[0]
    assert spki(certificate) == spki(key)
    names = certificate.subject
    assert names.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Mei Chan"
    assert names.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)[0].value == "mei.chan@example.org"
    assert "certificate" in journey.mails_sent()[-1].subject.lower()


def test_a_pair_comes_whole(applicant: Applicant, django_assert_max_num_queries: Any) -> None:
    ready_for_key(applicant, "personal")
    signing = new_key("rsa3072")
    encryption = rsa.generate_private_key(65537, 3072)  # `new_key` gives the same RSA key in the whole run

    assert applicant.send(pem(signing), pem(encryption)).status_code == 302
    assert applicant.have_signed().state == OrderState.ISSUED

    with django_assert_max_num_queries(15):
        rows = applicant.client.get(applicant.address("order")).context["certificates"]
    found = [x509.load_pem_x509_certificates(applicant.client.get(row["pem_url"]).content)[0] for row in rows]
    assert [spki(one) for one in found] == [spki(signing), spki(encryption)]
    usages = [one.extensions.get_extension_for_class(x509.KeyUsage).value for one in found]
    assert [usage.digital_signature for usage in usages] == [True, False]
    assert [usage.key_encipherment for usage in usages] == [False, True]


def test_the_second_order_reuses_the_proof_of_the_mailbox(applicant: Applicant) -> None:
    ready_for_key(applicant, "secure-email")
    applicant.send(pem())

    applicant.begin("personal")
    applicant.confirm()

    assert applicant.here() == applicant.address("agreement")


def test_every_page_of_the_journey_is_kept_in_no_cache(applicant: Applicant) -> None:
    ready_for_key(applicant, "secure-email")
    for page in ("data", "mailbox", "agreement", "key", "report-error"):
        answer = applicant.client.get(applicant.address(page))
        assert answer.status_code == 200, page
        assert "no-store" in answer["Cache-Control"], page


def test_a_stranger_finds_nothing_of_the_order(applicant: Applicant) -> None:
    ready_for_key(applicant, "secure-email")
    stranger = signed_in(Client(), subscriber())
    for page in ("order", "data", "mailbox", "agreement", "key", "status", "report-error"):
        assert stranger.get(applicant.address(page)).status_code == 404, page
        assert stranger.post(applicant.address(page)).status_code == (405 if page in ("order", "status") else 404), page
    assert stranger.get(reverse("enrollment:order", args=[applicant.order])).status_code == 404
