"""Proving that a renewal is its holder's wish: by one signature of the old signing key, or by the challenge phrase."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from django.db import transaction
from django.utils import timezone

from accounts.models import Subscriber
from accounts.services import throttle
from audit.errors import WrongState
from audit.services import record
from ca.cms import verify_signed
from ca.csr import Csr
from ca.errors import CmsSignerWrong, Refusal
from certificates.models import Certificate, Order
from certificates.selectors import chain
from certificates.services import prove_challenge
from certificates.states import OrderState
from renewal.errors import NonceRefused, NoSigningCertificate, ProofRefused, StatementDiffers
from renewal.models import RenewalNonce
from renewal.rules import NONCE_LASTS, NONCE_LENGTH, nonce_in, statement, statement_head
from renewal.selectors.offers import signer_among, to_be_renewed

_NONCES_AN_HOUR = 60


@dataclass(frozen=True)
class Proof:
    """The holder's CMS SignedData over the statement, DER; or, where there is none, the old challenge phrase."""

    signature: bytes = b""
    phrase: str = ""


@dataclass(frozen=True)
class Nonce:
    """A random value for one proof (hexadecimal), when it was made, and how the statement begins that holds it."""

    value: str
    made_at: datetime
    head: str


def new_nonce(*, order: Order, subscriber: Subscriber) -> Nonce:
    """A random value that one proof for this draft must hold; good for ten minutes and once.

    Raises `WrongState` once the order is placed, and `TooMany` after 60 in an hour.
    """
    if order.state != OrderState.DRAFT:
        raise WrongState(order.audit_id)
    throttle(scope="renewal-nonce", who=subscriber.audit_id, limit=_NONCES_AN_HOUR, seconds=3600)
    value, now = secrets.token_hex(NONCE_LENGTH // 2), timezone.now()
    # Those that were never used are of no use any more; used ones stay, as a record of what was proven.
    order.renewal_nonces.filter(used_at=None, made_at__lt=now - NONCE_LASTS).delete()
    RenewalNonce.objects.create(order=order, value_hash=_hash(value), made_at=now)
    return Nonce(value=value, made_at=now, head=_head(order, _old(order)))


def prove(*, order: Order, csrs: Sequence[Csr], proof: Proof) -> None:
    """Hold the proof against a draft and its requests. Call it outside of a transaction.

    A nonce is used up and a strike taken for good. Raises a `ProofRefused`, a `ca.errors.Refusal` of the signature, or
    `ChallengeWrong`. Whether the certificates are in service and in their window is the caller's to look at.
    """
    actor = order.subscriber.audit_id if order.subscriber else ""
    old = _old(order)
    if not proof.signature:
        prove_challenge(certificate=old[0], phrase=proof.phrase, actor=actor)
        by = "phrase"
    else:
        try:
            _check_signature(order, old, csrs, proof.signature)
        except (ProofRefused, Refusal) as refusal:
            details = {"reason": type(refusal).__name__}
            record(event="renewal.proof-refused", actor=actor, subject=order.audit_id, details=details)
            raise
        by = "signature"
    record(event="renewal.proven", actor=actor, subject=order.audit_id, details={"by": by})


def _check_signature(order: Order, old: Sequence[Certificate], csrs: Sequence[Csr], signature: bytes) -> None:
    # 1. Who signed: the key of the certificate that is stored here, whatever the message brings along.
    signer = signer_among(old)
    if signer is None:
        raise NoSigningCertificate
    _check_chain(signer)
    content = verify_signed(signature, x509.load_der_x509_certificate(bytes(signer.der)))
    # 2. What was signed: byte for byte what this draft, these certificates and these requests make.
    value = nonce_in(content)
    nonce = order.renewal_nonces.filter(value_hash=_hash(value)).first()
    if nonce is None:
        raise NonceRefused
    hashes = [sha256(csr.der).hexdigest() for csr in csrs]
    if content != statement(_head(order, old), hashes, value, nonce.made_at):
        raise StatementDiffers
    # 3. When: within ten minutes of the nonce, and never before.
    _use(nonce)


def _check_chain(certificate: Certificate) -> None:
    """The certificate stands under our CAs up to the root, by their keys and dates (RFC 5280 6.1)."""
    now = timezone.now().replace(microsecond=0)
    path = [bytes(certificate.der), *(bytes(one.certificate) for one in chain(certificate.authority))]
    parsed = [x509.load_der_x509_certificate(der) for der in path]
    try:
        for below, above in zip(parsed, [*parsed[1:], parsed[-1]], strict=True):
            below.verify_directly_issued_by(above)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise CmsSignerWrong("the chain does not hold") from error
    if not all(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in parsed):
        raise CmsSignerWrong("a certificate of the chain is not valid now")


def _use(nonce: RenewalNonce) -> None:
    now = timezone.now()
    if now - nonce.made_at > NONCE_LASTS:
        raise NonceRefused
    # Of proofs that come at once, one finds the nonce unused; durable, as what comes after must not undo it.
    with transaction.atomic(durable=True):
        if not RenewalNonce.objects.filter(pk=nonce.pk, used_at=None).update(used_at=now):
            raise NonceRefused


def _old(order: Order) -> list[Certificate]:
    assert order.renews is not None  # noqa: S101 - tells the type checker what every renewal has
    return to_be_renewed(order.renews)


def _head(order: Order, old: Sequence[Certificate]) -> str:
    return statement_head(str(order.public_id), [one.serial for one in old])


def _hash(value: str) -> str:
    # A random value of 256 bits needs no slow hash: nobody finds it by trying.
    return sha256(value.encode()).hexdigest()
