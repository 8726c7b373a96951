"""Certificates whose private keys the tests know, and reports about them, made by the real services."""

import base64
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from accounts.models import Subscriber
from ca.exposure import STATEMENT
from ca.profiles import profile
from cases.models import Case
from cases.services import Decision
from certificates.jobs import issue_orders
from certificates.models import Certificate
from certificates.services import place_order
from revocation.models import ProblemReport
from revocation.services import Report, decide_report, file_report
from revocation.states import Trouble
from tests import factories
from tests.certificates import making
from tests.certificates.making import Key

ADDRESS = "192.0.2.9"


def issued(kind: str = "secure-email", subscriber: Subscriber | None = None) -> tuple[list[Certificate], list[Key]]:
    """The certificates of a new order with their private keys."""
    keys = [making.new_key() for _ in profile(kind).templates]
    order = making.draft(subscriber, kind)
    place_order(order=order, submission=making.submission(*(making.csr(key) for key in keys)))
    issue_orders([order.pk])
    return list(Certificate.objects.filter(item__order=order).order_by("item__position")), keys


def pem(key: Key) -> str:
    """A private key in the clear."""
    return making.private_pem(key).decode()


def secrets_of(key: Key) -> list[str]:
    """Pieces of text that only a copy of the private key holds."""
    lines = pem(key).splitlines()[1:-1]
    octets = base64.b64decode("".join(lines))
    number = key.private_numbers().private_value.to_bytes(32)  # type: ignore[union-attr]  # a P-256 key
    assert number in octets
    return [lines[0][-24:], number.hex(), str(number)]


def statement(key: Key, words: str = STATEMENT) -> str:
    """A request that says, signed with the key, that the key is compromised."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, words)])
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def filed(evidence: str = "I saw it.", **more: Any) -> ProblemReport:
    """A report, kept."""
    known = {"trouble": Trouble.OTHER, "named": "", "reporter_email": "reporter@example.net", "language": "pt"}
    return file_report(report=Report(evidence=evidence, **{**known, **more}), address=ADDRESS)


def decided(report: ProblemReport, *, approve: bool = True, reason: str = "") -> Case:
    """The report's case after an officer's decision."""
    case = Case.objects.get(pk=report.case_id)
    reason = reason or ("" if approve else "The evidence is about something else.")
    decision = Decision(officer=factories.officer(), approve=approve, revision=1, reason=reason)
    decide_report(case=case, decision=decision)
    return case
