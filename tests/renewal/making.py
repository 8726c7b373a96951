"""Holders whose certificates come to their end, and what they sign, made by the real services and by openssl."""

import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Subscriber
from accounts.selectors import newest_identity
from ca.csr import parse_csr
from ca.profiles import profile
from certificates import jobs
from certificates.models import Certificate, Order
from certificates.services import Submission, place_order
from renewal.rules import statement
from renewal.services.proofs import Nonce, Proof, new_nonce
from renewal.services.renewing import Wish, open_renewal
from tests import factories
from tests.certificates.making import Key, csr, draft, new_key, private_pem
from tests.conftest import Clock
from tests.judges import judge

PHRASE = "Blue heron 2026"


@dataclass
class Holder:
    """Somebody with the certificates of one order, and with their keys."""

    subscriber: Subscriber
    order: Order
    keys: list[Key]

    @property
    def certificates(self) -> list[Certificate]:
        """In the order of the pair."""
        return list(Certificate.objects.filter(item__order=self.order).order_by("item__position"))

    @property
    def ends(self) -> datetime:
        """When the certificates end."""
        return self.certificates[0].not_after

    def prove_mailbox(self) -> None:
        """Have opened the link just now."""
        identity, now = newest_identity(self.subscriber), timezone.now()
        assert identity is not None
        proofs = self.subscriber.mailbox_proofs
        token = f"token-{proofs.count()}-{self.subscriber.pk}"
        proofs.create(email=identity.email, token_hash=token, sent_at=now, expires_at=now, proven_at=now)

    def begin(self) -> Order:
        """Open the renewal."""
        return open_renewal(subscriber=self.subscriber, old=self.order)

    def browser(self) -> Client:
        """Signed in now."""
        return factories.signed_in(Client(), self.subscriber)


def holder(
    kind: str = "secure-email", key: str = "p256", *, subscriber: Subscriber | None = None, **facts: Any
) -> Holder:
    """Somebody whose certificates were issued now; needs a CA."""
    call_command("load_agreements", stdout=StringIO())
    subscriber = subscriber or factories.subscriber(**facts)
    keys = [new_key(key) for _ in profile(kind).templates]
    order = draft(subscriber, kind)
    place_order(order=order, submission=Submission(tuple(csr(one) for one in keys), PHRASE))
    jobs.issue_orders([order.pk])
    order.refresh_from_db()
    assert order.state == "issued"
    return Holder(subscriber, order, keys)


def near_the_end(clock: Clock, kind: str = "secure-email", key: str = "p256", **facts: Any) -> Holder:
    """The same, ten days before the end, with a mailbox proven just now."""
    made = holder(kind, key, **facts)
    clock.move_to(made.ends - timedelta(days=10))
    made.prove_mailbox()
    return made


def requests(kind: str = "secure-email") -> tuple[bytes, ...]:
    """Signing requests for new keys."""
    return tuple(csr() for _ in profile(kind).templates)


def words(nonce: Nonce, csrs: tuple[bytes, ...]) -> bytes:
    """The statement that belongs to a nonce and these requests."""
    return statement(nonce.head, [_digest(one) for one in csrs], nonce.value, nonce.made_at)


def _digest(request: bytes) -> str:
    from_der = parse_csr(request).der
    return subprocess.run(
        [judge("openssl"), "dgst", "-sha256", "-r"], input=from_der, check=True, capture_output=True
    ).stdout.decode()[:64]


def signed(content: bytes, key: Key, certificate: Certificate) -> bytes:
    """What openssl signs with this key in the name of this certificate."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "key.pem").write_bytes(private_pem(key))
        (folder / "certificate.der").write_bytes(bytes(certificate.der))
        (folder / "content").write_bytes(content)
        pem = subprocess.run(
            [judge("openssl"), "x509", "-inform", "DER", "-in", folder / "certificate.der"],
            check=True,
            capture_output=True,
        )
        (folder / "certificate.pem").write_bytes(pem.stdout)
        command = "cms -sign -cades -nodetach -binary -outform DER -signer certificate.pem -inkey key.pem -in content"
        return subprocess.run([judge("openssl"), *command.split()], cwd=folder, check=True, capture_output=True).stdout


def proof(made: Holder, order: Order, csrs: tuple[bytes, ...], nonce: Nonce | None = None) -> Proof:
    """The signature of the holder's signing key over this renewal."""
    nonce = nonce or new_nonce(order=order, subscriber=made.subscriber)
    return Proof(signature=signed(words(nonce, csrs), made.keys[0], made.certificates[0]))


def wish(csrs: tuple[bytes, ...], proof: Proof, challenge: str = "") -> Wish:
    """What the page sends."""
    return Wish(submission=Submission(csrs, challenge), agreement=1, language="en", proof=proof)


def address(page: str, order: Order) -> str:
    """Where a page of a renewal is."""
    return reverse(f"renewal:{page}", args=[order.public_id])
