"""Orders issued in a second through the whole pipeline, beside lint and signature alone, turn about in one process.

`python -m tests.bench.pipeline <key type of the CA>`
"""

# ruff: noqa: I001  # the scene comes first: it makes the tables that the others need
from tests.bench import scene

import statistics
import sys
import time
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.backends import hash_secret
from ca.certificate import rehearsal_of
from ca.lint import lint_certificate
from ca.profiles import profile
from certificates import jobs, services
from certificates.jobs.issuing import BATCH
from certificates.jobs.keys import issuer_of
from certificates.models import Attempt, Authority, Certificate, Order
from tests.certificates.making import PHRASE, ceremony, csr, draft, person, submission

PROFILE = "secure-email"
ORDERS, ROUNDS = 100, 5


def placed_orders(count: int) -> list[int]:
    """Orders that wait to be signed, with one hash for all: hashing phrases is not what is measured."""
    hashed = hash_secret(PHRASE)
    with mock.patch.object(services.orders, "hash_secret", return_value=hashed):
        orders = [
            services.place_order(order=draft(person(), PROFILE), submission=submission(csr())) for _ in range(count)
        ]
    return [order.pk for order in orders]


def whole_pipeline(order_ids: list[int]) -> float:
    """Orders in a second, as the signing queue would issue them: one message for each order."""
    begun = time.perf_counter()
    for order_id in order_ids:
        jobs.issue_orders([order_id])
    taken = time.perf_counter() - begun
    assert not Order.objects.filter(pk__in=order_ids).exclude(state="issued").exists()
    return len(order_ids) / taken


def lint_and_signature(authority: Authority) -> float:
    """Certificates in a second of nothing but the linter and the signature, over bytes that were issued before."""
    signer, template = issuer_of(authority).signer, profile(PROFILE).templates[0]
    attempts = Attempt.objects.filter(authority=authority, state="signed").order_by("-pk")[:ORDERS]
    all_bytes = [bytes(one.tbs) for one in attempts]
    rehearsals = [rehearsal_of(tbs, signer.public_key).public_bytes(Encoding.DER) for tbs in all_bytes]
    begun = time.perf_counter()
    for der, tbs in zip(rehearsals, all_bytes, strict=True):
        assert not lint_certificate(der, "private", template)
        signer.sign(tbs)
    return len(all_bytes) / (time.perf_counter() - begun)


def main(key_type: str) -> None:
    """Warm up, then measure both in turn."""
    authority = ceremony(key_type)
    whole_pipeline(placed_orders(ORDERS))
    rounds = []
    for _ in range(ROUNDS):
        waiting = placed_orders(ORDERS)
        alone, whole = lint_and_signature(authority), whole_pipeline(waiting)
        rounds.append((alone, whole, whole / alone))
    x509.load_der_x509_certificate(bytes(Certificate.objects.order_by("-pk")[0].der))
    alone, whole, share = (statistics.median(column) for column in zip(*rounds, strict=True))
    scene.tell(ca=key_type, alone=alone, whole=whole, share=share, orders=ORDERS * ROUNDS, batch=BATCH)


if __name__ == "__main__":
    main(sys.argv[1])
