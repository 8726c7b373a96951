"""A proof is taken for one renewal, from one key, once, within ten minutes; all else is refused by its name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from django.db import transaction

from accounts.errors import TooMany
from audit.errors import WrongState
from audit.models import Event
from ca.csr import Csr, parse_csr
from ca.errors import CmsSignatureWrong, CmsSignerWrong, CmsUnreadable, Refusal
from certificates.errors import ChallengeWrong
from certificates.models import Authority, Certificate, Order
from renewal.errors import NonceRefused, NoSigningCertificate, ProofRefused, StatementDiffers
from renewal.models import RenewalNonce
from renewal.services.proofs import Nonce, Proof, new_nonce, prove
from tests.certificates.making import ceremony, csr, new_key, renewal_of
from tests.conftest import Clock
from tests.renewal import making
from tests.renewal.making import PHRASE, Holder, near_the_end, proof, requests, signed, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def ca(db: None) -> Authority:
    return ceremony()


@pytest.fixture
def made(ca: Authority, clock: Clock) -> Holder:
    return near_the_end(clock, "personal")


@pytest.fixture
def order(made: Holder) -> Order:
    return made.begin()


def parsed(csrs: tuple[bytes, ...]) -> list[Csr]:
    return [parse_csr(one) for one in csrs]


def refused(refusal: type[Exception], order: Order, csrs: tuple[bytes, ...], proof: Proof) -> None:
    """Refused by exactly this name, with its event, and the same again when it is sent again."""
    for _ in range(2):
        with pytest.raises((ProofRefused, Refusal)) as said:
            prove(order=order, csrs=parsed(csrs), proof=proof)
        assert type(said.value) is refusal, said.value
    last = Event.objects.filter(name="renewal.proof-refused", subject=order.audit_id).last()
    assert last is not None
    assert last.details == {"reason": refusal.__name__}
    assert not Event.objects.filter(name="renewal.proven", subject=order.audit_id).exists()


def test_a_signature_counts_once(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    right = proof(made, order, csrs)
    prove(order=order, csrs=parsed(csrs), proof=right)
    with pytest.raises(NonceRefused):
        prove(order=order, csrs=parsed(csrs), proof=right)
    assert Event.objects.filter(name="renewal.proven").count() == 1
    assert RenewalNonce.objects.get().used_at is not None


def test_a_nonce_is_used_up_whatever_comes_after(made: Holder, order: Order) -> None:
    """Inside of a transaction what comes after could undo it."""
    csrs = requests("personal")
    right = proof(made, order, csrs)
    with transaction.atomic(), pytest.raises(RuntimeError):
        prove(order=order, csrs=parsed(csrs), proof=right)


def test_sixty_nonces_an_hour_are_enough(made: Holder, order: Order) -> None:
    assert order.subscriber is not None
    for _ in range(60):
        new_nonce(order=order, subscriber=order.subscriber)
    with pytest.raises(TooMany):
        new_nonce(order=order, subscriber=order.subscriber)


def test_an_old_signature_is_refused(made: Holder, order: Order, clock: Clock) -> None:
    csrs = requests("personal")
    right = proof(made, order, csrs)
    clock.shift(minutes=10, seconds=1)
    refused(NonceRefused, order, csrs, right)


def test_the_last_second_of_a_nonce_is_taken(made: Holder, order: Order, clock: Clock) -> None:
    csrs = requests("personal")
    right = proof(made, order, csrs)
    clock.move_to(RenewalNonce.objects.get().made_at + timedelta(minutes=9, seconds=55))
    prove(order=order, csrs=parsed(csrs), proof=right)


def test_a_signature_over_other_requests_is_refused(made: Holder, order: Order) -> None:
    signed_ones, sent = requests("personal"), requests("personal")
    right = proof(made, order, signed_ones)
    refused(StatementDiffers, order, sent, right)
    refused(StatementDiffers, order, (signed_ones[1], signed_ones[0]), right)
    prove(order=order, csrs=parsed(signed_ones), proof=right)


def test_a_signature_for_another_order_is_refused(made: Holder, order: Order, ca: Authority) -> None:
    other = making.holder(subscriber=made.subscriber)
    another = renewal_of(other.order)
    csrs = requests()
    theirs = new_nonce(order=another, subscriber=made.subscriber)
    for_another = Proof(signature=signed(words(theirs, csrs), made.keys[0], made.certificates[0]))
    refused(NonceRefused, order, csrs, for_another)


def test_a_nonce_of_another_order_is_refused_though_all_else_is_right(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    ours = new_nonce(order=order, subscriber=made.subscriber)
    another = renewal_of(making.holder(subscriber=made.subscriber).order)
    theirs = new_nonce(order=another, subscriber=made.subscriber)
    mixed = Nonce(theirs.value, theirs.made_at, ours.head)
    refused(NonceRefused, order, csrs, proof(made, order, csrs, mixed))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.replace(b"renewal 1", b"renewal 2"),
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content + b"\n",
        lambda content: content[:-1],
        lambda content: content.replace(b"serial: ", b"serial: 0", 1),
        lambda content: b"\n".join(one for one in content.split(b"\n") if not one.startswith(b"serial")),
        lambda content: content.replace(b"time: 2", b"time: 3"),
        lambda content: content.upper().replace(b"NONCE", b"nonce"),
        lambda content: b"\xef\xbb\xbf" + content,
    ],
    ids=lambda _: "change",
)
def test_other_words_are_refused(made: Holder, order: Order, change: Callable[[bytes], bytes]) -> None:
    csrs = requests("personal")
    nonce = new_nonce(order=order, subscriber=made.subscriber)
    content = change(words(nonce, csrs))
    wrong = Proof(signature=signed(content, made.keys[0], made.certificates[0]))
    with pytest.raises((StatementDiffers, NonceRefused)):
        prove(order=order, csrs=parsed(csrs), proof=wrong)
    prove(order=order, csrs=parsed(csrs), proof=proof(made, order, csrs, nonce))


def test_serials_in_another_order_are_refused(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    nonce = new_nonce(order=order, subscriber=made.subscriber)
    first, second = (f"serial: {one.serial}\n".encode() for one in made.certificates)
    content = words(nonce, csrs).replace(first + second, second + first)
    refused(StatementDiffers, order, csrs, Proof(signature=signed(content, made.keys[0], made.certificates[0])))


def test_the_encryption_key_never_signs(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    content = words(new_nonce(order=order, subscriber=made.subscriber), csrs)
    in_its_own_name = signed(content, made.keys[1], made.certificates[1])
    refused(CmsSignerWrong, order, csrs, Proof(signature=in_its_own_name))


def test_another_subscriber_s_key_is_refused(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    content = words(new_nonce(order=order, subscriber=made.subscriber), csrs)
    stranger = making.holder("personal")
    refused(CmsSignerWrong, order, csrs, Proof(signature=signed(content, stranger.keys[0], stranger.certificates[0])))


def test_another_certificate_of_the_same_holder_is_refused(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    content = words(new_nonce(order=order, subscriber=made.subscriber), csrs)
    other = making.holder(subscriber=made.subscriber)
    refused(CmsSignerWrong, order, csrs, Proof(signature=signed(content, other.keys[0], other.certificates[0])))


def test_a_changed_signature_is_refused(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    changed = bytearray(proof(made, order, csrs).signature)
    changed[-1] ^= 1
    refused(CmsSignatureWrong, order, csrs, Proof(signature=bytes(changed)))
    assert RenewalNonce.objects.get().used_at is None


def test_what_is_no_signature_is_refused(made: Holder, order: Order) -> None:
    refused(CmsUnreadable, order, requests("personal"), Proof(signature=b"\x30\x03"))


def test_a_certificate_that_is_not_under_our_cas_is_refused(made: Holder, order: Order) -> None:
    csrs = requests("personal")
    right = proof(made, order, csrs)
    other = ceremony()
    Certificate.objects.filter(pk=made.certificates[0].pk).update(authority=other)
    refused(CmsSignerWrong, order, csrs, right)


def test_a_chain_past_its_end_is_refused(made: Holder, order: Order, ca: Authority, clock: Clock) -> None:
    csrs = requests("personal")
    clock.move_to(ca.not_after + timedelta(days=1))
    late = proof(made, order, csrs)
    refused(CmsSignerWrong, order, csrs, late)


def test_where_nothing_signs_the_phrase_is_asked_for(
    made: Holder, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    csrs = requests("personal")
    right = proof(made, order, csrs)
    monkeypatch.setattr("renewal.services.proofs.signer_among", lambda _: None)
    refused(NoSigningCertificate, order, csrs, right)


def test_the_phrase_has_three_tries(made: Holder, order: Order) -> None:
    csrs = parsed(requests("personal"))
    for _ in range(3):
        with pytest.raises(ChallengeWrong):
            prove(order=order, csrs=csrs, proof=Proof(phrase="Wrong phrase 1"))
    with pytest.raises(ChallengeWrong):
        prove(order=order, csrs=csrs, proof=Proof(phrase=PHRASE))
    right = proof(made, order, (csr(), csr()))
    assert right.signature, "the signature is a door of its own"


def test_a_nonce_is_random_and_kept_as_a_hash(made: Holder, order: Order) -> None:
    first, second = (new_nonce(order=order, subscriber=made.subscriber) for _ in range(2))
    assert first.value != second.value
    assert len(first.value) == 64
    assert first.value not in str(list(RenewalNonce.objects.values()))
    serials = "".join(f"serial: {one.serial}\n" for one in made.certificates)
    assert first.head == f"Sigillum renewal 1\norder: {order.public_id}\n{serials}"


def test_nonces_that_nobody_used_are_swept_and_used_ones_stay(made: Holder, order: Order, clock: Clock) -> None:
    csrs = requests("personal")
    prove(order=order, csrs=parsed(csrs), proof=proof(made, order, csrs))
    new_nonce(order=order, subscriber=made.subscriber)
    clock.shift(minutes=11)
    new_nonce(order=order, subscriber=made.subscriber)
    assert RenewalNonce.objects.filter(used_at=None).count() == 1
    assert RenewalNonce.objects.exclude(used_at=None).count() == 1


def test_what_was_placed_needs_no_nonce(made: Holder, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(state="placed")
    order.refresh_from_db()
    with pytest.raises(WrongState):
        new_nonce(order=order, subscriber=made.subscriber)


def test_a_certificate_of_one_s_own_is_refused(made: Holder, order: Order) -> None:
    """A self-made certificate with the right names and number, signed with a key of one's own, proves nothing."""
    mine = x509.load_der_x509_certificate(bytes(made.certificates[0].der))
    key = new_key()
    forged = (
        x509.CertificateBuilder()
        .issuer_name(mine.issuer)
        .subject_name(mine.subject)
        .serial_number(mine.serial_number)
        .not_valid_before(mine.not_valid_before_utc)
        .not_valid_after(mine.not_valid_after_utc)
        .public_key(key.public_key())
        .sign(key, hashes.SHA256())
    )
    csrs = requests("personal")
    content = words(new_nonce(order=order, subscriber=made.subscriber), csrs)
    own = Certificate(der=forged.public_bytes(Encoding.DER))
    refused(CmsSignerWrong, order, csrs, Proof(signature=signed(content, key, own)))
