"""What goes wrong on the way, and what the pages then say: a plain message each, nothing lost, never a 500."""

import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import MailboxProof
from accounts.rules import normalise_account
from accounts.states import Role
from ca.names import LONGEST_NAME
from certificates.models import Authority, Order, PublicKey
from certificates.states import OrderState
from enrollment.models import Entitlement
from tests.certificates.making import new_key, private_pem
from tests.factories import officer, signed_in
from tests.flows import journey
from tests.flows.journey import Applicant, pem

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicant(ca: Authority) -> Applicant:
    """Registered and approved, with a password, at the home page; the doors are tested elsewhere."""
    desk = signed_in(Client(), officer(roles=[Role.REGISTRATION]))
    approver = signed_in(Client(), officer(roles=[Role.APPROVING]))
    assert journey.decided(approver, journey.registered(desk)).status_code == 302
    account, passcode = journey.printed(desk)
    client, _answer = journey.signed_in(account, passcode)
    first = {"new": journey.NEW_PASSWORD, "again": journey.NEW_PASSWORD}
    assert journey.post(client, reverse("accounts:first-password"), first).status_code == 302
    return Applicant(client)


@pytest.fixture
def at_key(applicant: Applicant) -> Applicant:
    """In front of the key page of a secure-email order."""
    applicant.begin("secure-email")
    applicant.confirm()
    applicant.prove_mailbox()
    applicant.agree()
    return applicant


def says(answer: Any, words: str) -> None:
    """The page is the form again, with these words."""
    assert answer.status_code == 422
    assert escape(words) in answer.content.decode()


def draft_stays(applicant: Applicant) -> None:
    assert Order.objects.get(public_id=applicant.order).state == OrderState.DRAFT


def test_a_request_over_16_kb(at_key: Applicant) -> None:
    says(at_key.send(pem() + "\n" * 17_000), "larger than 16 kB")
    draft_stays(at_key)


def test_a_file_over_16_kb(at_key: Applicant) -> None:
    file = SimpleUploadedFile("big.csr", b"A" * 40_000)
    says(at_key.send(csr_file=file), "larger than 16 kB")


def test_two_requests_in_one_file(at_key: Applicant) -> None:
    says(at_key.send(pem() + pem()), "more than one certificate signing request")
    draft_stays(at_key)


def test_more_requests_than_certificates(at_key: Applicant) -> None:
    says(at_key.send(pem(), pem()), "The number of signing requests does not fit")


def test_no_request_at_all(at_key: Applicant) -> None:
    says(at_key.send(""), "No signing request came")


def test_a_private_key_beside_the_request_is_blocked_for_good(at_key: Applicant) -> None:
    key = new_key()
    answer = at_key.send(pem(key) + private_pem(key).decode())

    says(answer, "The file holds a private key")
    assert "PRIVATE KEY" not in answer.content.decode()
    assert PublicKey.objects.exclude(block_reason="").count() == 1
    says(at_key.send(pem(key)), "known to be exposed or broken")
    draft_stays(at_key)


@pytest.mark.parametrize("bits", [1024, 2047])
def test_a_weak_key(at_key: Applicant, bits: int) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    says(at_key.send(pem(key)), "This kind or size of key is not allowed here")
    draft_stays(at_key)


def test_a_curve_that_is_not_offered(at_key: Applicant) -> None:
    says(at_key.send(pem(ec.generate_private_key(ec.SECP256K1()))), "not allowed here")


def test_a_wrong_signature(at_key: Applicant) -> None:
    der = bytearray(x509.load_pem_x509_csr(pem().encode()).public_bytes(serialization.Encoding.DER))
    der[-1] ^= 1
    file = SimpleUploadedFile("wrong.der", bytes(der))
    says(at_key.send(csr_file=file), "The signature of the request does not fit its key")
    draft_stays(at_key)


def test_a_name_with_control_characters_in_the_request(at_key: Applicant) -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Mei\x00Chan")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(new_key(), hashes.SHA256())
    says(at_key.send(request.public_bytes(serialization.Encoding.PEM).decode()), "characters or repetitions")


def test_something_else_than_a_request(at_key: Applicant) -> None:
    says(at_key.send("hello"), "not a certificate signing request that can be read")


def test_challenge_phrases(at_key: Applicant) -> None:
    csr = pem()
    says(at_key.send(csr, phrase="short"), "The challenge phrase is too short")
    says(at_key.send(csr, phrase="with signs!?"), "letters, digits and spaces only")
    says(at_key.send(csr, challenge_again="Another phrase 7"), "are not the same")
    draft_stays(at_key)


def test_the_same_order_sent_twice_is_one_order(at_key: Applicant) -> None:
    csr = pem()
    first, second = at_key.send(csr), at_key.send(csr)
    assert first["Location"] == second["Location"] == at_key.address("order")
    assert at_key.have_signed().state == OrderState.ISSUED
    assert at_key.send(csr)["Location"] == at_key.address("order")
    assert Order.objects.count() == 1


def test_the_order_sent_again_with_another_key_is_the_order_as_it_was_sent_first(at_key: Applicant) -> None:
    at_key.send(pem())
    again = at_key.send(pem())
    assert again["Location"] == at_key.address("order")
    assert "sent already, from another tab" in at_key.client.get(again["Location"]).content.decode()
    assert at_key.have_signed().items.count() == 1


def test_back_button_and_two_tabs(at_key: Applicant) -> None:
    for page in ("data", "mailbox", "agreement", "key"):
        assert at_key.client.get(at_key.address(page)).status_code == 200
    first = at_key.order
    at_key.begin("secure-email")
    assert at_key.order == first
    at_key.confirm()
    at_key.agree()
    at_key.send(pem())
    for page in ("data", "mailbox", "agreement", "key", "report-error"):
        assert at_key.client.get(at_key.address(page))["Location"] == at_key.address("order"), page
    for page in ("data", "mailbox", "agreement"):
        assert at_key.client.post(at_key.address(page))["Location"] == at_key.address("order"), page


def test_a_step_too_early_leads_to_the_right_one(applicant: Applicant) -> None:
    applicant.begin("secure-email")
    for page in ("mailbox", "agreement", "key"):
        answer = applicant.client.get(applicant.address(page), follow=True)
        assert answer.redirect_chain[-1][0] == applicant.address("data"), page
    assert applicant.send(pem()).status_code == 302
    draft_stays(applicant)


def test_a_tab_closed_in_the_middle_goes_on_where_it_was(applicant: Applicant) -> None:
    applicant.begin("secure-email")
    applicant.confirm()
    order = applicant.order
    applicant.begin("secure-email")
    assert applicant.order == order
    assert applicant.here() == applicant.address("mailbox")


def test_a_mailbox_link_that_is_too_old(applicant: Applicant) -> None:
    applicant.begin("secure-email")
    applicant.confirm()
    journey.post(applicant.client, applicant.address("mailbox"))
    MailboxProof.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    link = re.search(r"http\S+", journey.mails_sent()[-1].body)
    assert link
    answer = Client().get("/" + link[0].split("/", 3)[3])
    assert 400 <= answer.status_code < 500
    assert "This link has expired" in answer.content.decode()
    assert applicant.here() == applicant.address("mailbox")


def test_an_entitlement_used_up(at_key: Applicant) -> None:
    at_key.send(pem())
    at_key.have_signed()
    used = Entitlement.objects.get(profile="secure-email")
    answer = at_key.client.post(reverse("enrollment:start", args=[used.public_id]))
    assert answer["Location"] == at_key.address("order")
    assert "This approval has been used" in at_key.client.get(answer["Location"]).content.decode()


def test_an_entitlement_past_its_end(at_key: Applicant) -> None:
    Entitlement.objects.update(expires_at=timezone.now())
    ended = Entitlement.objects.get(profile="personal")
    says(
        at_key.client.post(reverse("enrollment:start", args=[ended.public_id])),
        "The time to use this approval is over",
    )
    says(at_key.send(pem()), "The time to use this approval is over")
    draft_stays(at_key)
    assert "expired" in at_key.client.get(reverse("enrollment:home")).content.decode()


def test_a_slip_that_was_used(applicant: Applicant) -> None:
    account = applicant.client.get(reverse("enrollment:home")).wsgi_request.user.username
    _client, answer = journey.signed_in(account, "ABCD-EFGH-JKMN")
    says(answer, "the passcode slip has expired")


def test_a_slip_past_its_end(ca: Authority, clock: Any) -> None:
    desk = signed_in(Client(), officer(roles=[Role.REGISTRATION]))
    approver = signed_in(Client(), officer(roles=[Role.APPROVING]))
    journey.decided(approver, journey.registered(desk))
    account, passcode = journey.printed(desk)
    clock.shift(days=31)
    _client, answer = journey.signed_in(account, passcode)
    says(answer, "the passcode slip has expired")
    assert normalise_account(account) not in answer.content.decode().replace(account, "")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("given_name", "Mei\x00", "Null characters are not allowed"),
        ("family_name", "Ch\u202ean", "invisible or control characters"),
        ("family_name", "Chan\nAdmin", "invisible or control characters"),
        ("family_name", "陳", "Latin letters"),
        ("given_name", "M" * (LONGEST_NAME + 1), "at most 64 characters"),
        ("given_name", "M" * LONGEST_NAME, "too long for a certificate"),
        ("email", "陳@example.org", "cannot stand in a certificate"),
        ("email", "mei@example.org\nBcc: all@example.org", "invisible or control characters"),
        ("email", "a@example.com\x00.evil.com", "Null characters are not allowed"),
        ("country", "Macau", "at most 2 characters"),
        ("id_number", "12", "not an ID or company number"),
        ("profiles", [], "This field is required"),
        ("profiles", ["officer"], "Select a valid choice"),
        ("profiles", ["organisation"], "Select a valid choice"),
        ("documents_seen", ["form"], "Tick every document that is needed"),
        ("account", "ABCD-EFGH-JKMN", "not an account number"),
    ],
)
def test_a_registration_that_must_not_be_entered(db: None, field: str, value: Any, words: str) -> None:
    desk = signed_in(Client(), officer(roles=[Role.REGISTRATION]))
    says(desk.post(reverse("desk:register"), {**journey.REGISTRATION, field: value}), words)
