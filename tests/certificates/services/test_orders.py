"""The one entrance for orders, with every rule."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import connection, transaction

from accounts.backends import verify_secret
from audit.errors import WrongState
from audit.models import Event
from ca.csr import parse_csr
from certificates import tasks
from certificates.errors import (
    CertificateRefusal,
    ChallengeNotAllowed,
    ChallengeTooShort,
    CsrRefused,
    ItemsMissing,
    KeyExposed,
    KeyOfAnother,
    KeyOnBlockList,
    KeyUsedBefore,
    NoAuthority,
    NotForInsideUse,
    OperatorsSame,
    SameKeyTwice,
)
from certificates.models import Authority, Order, OrderItem, PublicKey
from certificates.selectors import profile_of
from certificates.services import (
    Submission,
    confirm_data,
    open_draft,
    place_order,
    place_service_order,
)
from tests import factories
from tests.certificates.making import (
    OPERATORS,
    PHRASE,
    csr,
    draft,
    grant,
    new_key,
    person,
    private_pem,
    submission,
)

pytestmark = pytest.mark.django_db


def refused(order: Order, sent: Submission, why: type[CertificateRefusal]) -> CertificateRefusal:
    """Sending this is refused, and nothing of it stays with the order."""
    with pytest.raises(why) as caught:
        place_order(order=order, submission=sent)
    order.refresh_from_db()
    assert order.state == "draft"
    assert not OrderItem.objects.filter(order=order).exists()
    assert str(caught.value.args[0]) == str(caught.value.text)
    return caught.value


# --- drafts ------------------------------------------------------------------------------------------------------


def test_one_authorisation_has_one_draft_in_every_tab(authority: Authority) -> None:
    subscriber, allowed = person(), grant()
    identity = subscriber.identities.get()
    one, two = (open_draft(subscriber=subscriber, identity=identity, authorisation=allowed) for _ in range(2))
    assert one == two
    assert Event.objects.filter(name="order.opened").count() == 1


def test_an_authorisation_that_was_used_gives_its_order_back(authority: Authority) -> None:
    subscriber, allowed = person(), grant()
    identity = subscriber.identities.get()
    order = open_draft(subscriber=subscriber, identity=identity, authorisation=allowed)
    place_order(order=order, submission=submission())
    assert open_draft(subscriber=subscriber, identity=identity, authorisation=allowed).state == "placed"
    stranger = person()
    with pytest.raises(WrongState):
        open_draft(subscriber=stranger, identity=stranger.identities.get(), authorisation=allowed)


def test_a_draft_takes_the_facts_of_now_and_an_order_that_was_placed_keeps_its_own(authority: Authority) -> None:
    subscriber, allowed = person(), grant()
    first = subscriber.identities.get()
    order = open_draft(subscriber=subscriber, identity=first, authorisation=allowed)
    confirm_data(order=order, actor=subscriber.audit_id)
    second = factories.identity(subscriber)
    order = open_draft(subscriber=subscriber, identity=second, authorisation=allowed)
    assert (order.identity, order.data_confirmed_at) == (second, None)
    place_order(order=order, submission=submission())
    assert open_draft(subscriber=subscriber, identity=first, authorisation=allowed).identity == second


def test_data_are_confirmed_once_and_not_after_sending(authority: Authority) -> None:
    order = draft()
    confirm_data(order=order, actor="subscriber:1")
    order.refresh_from_db()
    assert order.data_confirmed_at is not None
    place_order(order=order, submission=submission())
    with pytest.raises(WrongState):
        confirm_data(order=order, actor="subscriber:1")
    assert Event.objects.filter(name="order.data-confirmed").count() == 1


# --- placing -----------------------------------------------------------------------------------------------------


def test_placing_stores_keys_hashes_the_phrase_and_queues_after_the_commit(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    queued: list[list[int]] = []
    monkeypatch.setattr(tasks.issue, "delay", queued.append)
    order = draft(kind="personal")
    sent = submission(csr(), csr())
    with django_capture_on_commit_callbacks() as callbacks:
        order = place_order(order=order, submission=sent)
    assert queued == []
    for callback in callbacks:
        callback()
    assert queued == [[order.pk]]
    assert (order.state, order.authority) == ("placed", authority)
    assert [item.template for item in order.items.all()] == ["personal-signing", "personal-encryption"]
    assert [bytes(item.csr) for item in order.items.all()] == [parse_csr(one).der for one in sent.csrs]
    assert verify_secret("blue heron 2026", order.challenge_hash)
    assert PHRASE not in order.challenge_hash
    assert order.subscriber is not None
    assert PublicKey.objects.filter(owner=order.subscriber).count() == 2
    assert Event.objects.get(name="order.placed").actor == order.subscriber.audit_id


def test_the_same_order_sent_twice_comes_back(authority: Authority) -> None:
    order, sent = draft(), submission()
    first = place_order(order=order, submission=sent)
    second = place_order(order=order, submission=sent)
    assert first == second == order
    assert OrderItem.objects.count() == 1
    with pytest.raises(WrongState):
        place_order(order=order, submission=submission())


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_place_one_order(transactional_db: None) -> None:
    from tests.certificates.making import ceremony

    ceremony()
    order, sent = draft(), submission()

    def send(_: int) -> str:
        try:
            return str(place_order(order=Order.objects.get(pk=order.pk), submission=sent).state)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(50))) == {"placed"}
    assert OrderItem.objects.count() == 1
    assert Event.objects.filter(name="order.placed").count() == 1


def test_der_and_pem_are_both_read(authority: Authority) -> None:
    der = x509.load_pem_x509_csr(csr()).public_bytes(Encoding.DER)
    assert place_order(order=draft(), submission=submission(der)).state == "placed"


# --- bad input ---------------------------------------------------------------------------------------------------


def signed_by_another() -> bytes:
    """A request whose signature is not its own key's."""
    one, other = (x509.load_pem_x509_csr(csr()).public_bytes(Encoding.DER) for _ in range(2))
    return one[:-64] + other[-64:]


def small_rsa() -> bytes:
    return csr(rsa.generate_private_key(65537, 1024))


def dsa_key() -> bytes:
    key = dsa.generate_private_key(1024)
    return x509.CertificateSigningRequestBuilder(x509.Name([])).sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        (lambda: b"-----BEGIN CERTIFICATE REQUEST-----\n" + b"A" * 17_000, {"csr-too-large"}),
        (lambda: csr() + csr(), {"csr-several"}),
        (lambda: b"nothing of the sort", {"csr-unreadable"}),
        (lambda: b"", {"csr-unreadable"}),
        (signed_by_another, {"csr-signature-wrong", "csr-unreadable"}),
        (small_rsa, {"key-type-not-allowed"}),
        (dsa_key, {"key-type-not-allowed", "csr-unreadable"}),
    ],
    ids=["over 16 kB", "two", "no CSR", "empty", "wrong signature", "RSA 1024", "DSA"],
)
def test_a_bad_request_is_refused_in_plain_words(sent: Any, codes: set[str], authority: Authority) -> None:
    refusal = refused(draft(), submission(sent()), CsrRefused)
    assert isinstance(refusal, CsrRefused)
    assert refusal.reason in codes
    assert str(refusal.text).endswith(".")


def test_a_private_key_beside_the_request_is_blocked_for_good_and_not_stored(authority: Authority) -> None:
    key = new_key()
    request = csr(key)
    subscriber = person()
    refused(draft(subscriber), submission(request + private_pem(key)), KeyExposed)
    blocked = PublicKey.objects.get()
    assert (blocked.spki_sha256, blocked.block_reason) == (parse_csr(request).spki_sha256, "exposed")
    assert Event.objects.get(name="key.blocked").subject == f"key:{blocked.spki_sha256}"
    refused(draft(), submission(request), KeyOnBlockList)
    refused(draft(), submission(private_pem(key)), KeyExposed)
    assert Event.objects.filter(name="key.blocked").count() == 1


def test_a_profile_takes_its_own_kinds_of_key_alone(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "certificates.services.orders.profile_of", lambda order: replace(profile_of(order), key_types=("rsa3072",))
    )
    refusal = refused(draft(), submission(csr()), CsrRefused)
    assert isinstance(refusal, CsrRefused)
    assert refusal.reason == "key-type-not-allowed"


@pytest.mark.django_db(transaction=True)
def test_no_transaction_around_the_refusal_can_undo_the_block(authority: Authority) -> None:
    key = new_key()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        place_order(order=draft(), submission=submission(private_pem(key)))
    refused(draft(), submission(private_pem(key)), KeyExposed)
    assert PublicKey.objects.get().block_reason == "exposed"


def test_a_private_key_that_cannot_be_read_is_refused_all_the_same(authority: Authority) -> None:
    sent = csr() + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    refused(draft(), submission(sent), KeyExposed)
    assert not PublicKey.objects.exists()


def test_a_pair_needs_two_requests_with_two_keys(authority: Authority) -> None:
    key = new_key()
    refused(draft(kind="personal"), submission(csr()), ItemsMissing)
    refused(draft(kind="personal"), submission(csr(), csr(), csr()), ItemsMissing)
    refused(draft(kind="personal"), submission(csr(key), csr(key)), SameKeyTwice)
    refused(draft(), Submission((), PHRASE), ItemsMissing)


def test_a_key_belongs_to_one_person_and_one_order(authority: Authority) -> None:
    subscriber, request = person(), csr()
    place_order(order=draft(subscriber), submission=submission(request))
    refused(draft(), submission(request), KeyOfAnother)
    refused(draft(subscriber), submission(request), KeyUsedBefore)
    refused(draft(subscriber, "personal"), submission(csr(), request), KeyUsedBefore)


def test_the_key_of_the_service_is_nobody_elses(authority: Authority) -> None:
    request = csr()
    place_service_order(profile="ocsp-responder", subject={"common_name": "OCSP"}, csr=request, operators=OPERATORS)
    refused(draft(), submission(request), KeyOfAnother)


def test_the_challenge_phrase_has_its_rules(authority: Authority) -> None:
    refused(draft(), Submission((csr(),), "short"), ChallengeTooShort)
    refused(draft(), Submission((csr(),), "no-hyphens here"), ChallengeNotAllowed)


def test_without_a_ca_nothing_is_taken() -> None:
    refused(draft(), submission(), NoAuthority)
    assert not PublicKey.objects.exists()


def test_a_kind_for_inside_use_is_not_sold_at_the_counter(authority: Authority) -> None:
    refused(draft(kind="ocsp-responder"), submission(), NotForInsideUse)


# --- inside use --------------------------------------------------------------------------------------------------


def test_two_operators_order_for_inside_use(authority: Authority) -> None:
    order = place_service_order(
        profile="ocsp-responder", subject={"common_name": "OCSP"}, csr=csr(), operators=OPERATORS
    )
    assert (order.state, order.subscriber, order.challenge_hash) == ("placed", None, "")
    assert Event.objects.get(name="order.opened").details == {"operators": list(OPERATORS)}


@pytest.mark.parametrize("operators", [("Ana Silva", " ana  SILVA "), ("Ana Silva", ""), ("", "Ana Silva")])
def test_one_operator_is_not_enough(operators: tuple[str, str], authority: Authority) -> None:
    with pytest.raises(OperatorsSame):
        place_service_order(profile="ocsp-responder", subject={"common_name": "OCSP"}, csr=csr(), operators=operators)
    assert not Order.objects.exists()


def test_a_person_s_kind_is_not_for_inside_use(authority: Authority) -> None:
    with pytest.raises(NotForInsideUse):
        place_service_order(profile="secure-email", subject={}, csr=csr(), operators=OPERATORS)
