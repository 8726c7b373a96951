"""Reading problem reports: which certificates they mean, and what their case's page shows."""

import re
from collections.abc import Collection
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext as _

from cases.models import Case
from certificates.models import Authority, Certificate
from certificates.selectors import row
from revocation.models import ProblemReport, ReportLine
from revocation.reasons import name_of_trouble
from revocation.selectors.finding import certificate_named
from revocation.states import Proof

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_WITH_ROW = ("authority__parent", "item__order", "public_key", "subscriber__office", "subscriber__account")
_PROVEN = (Proof.KEY, Proof.SIGNATURE)


def certificate_meant(named: str) -> Certificate | None:
    """The certificate with this SHA-256 fingerprint (64 hex digits), number or serial number; None: we have none."""
    if _FINGERPRINT.fullmatch(named):
        return Certificate.objects.select_related(*_WITH_ROW).filter(sha256=named).first()
    return certificate_named(named) if named else None


def with_keys(hashes: Collection[str]) -> list[Certificate]:
    """Every certificate, in whatever state, with a public key of one of these hashes."""
    found = Certificate.objects.filter(public_key__spki_sha256__in=hashes)
    return list(found.select_related(*_WITH_ROW).order_by("pk"))


def authorities_with(hashes: Collection[str]) -> list[Authority]:
    """The CAs whose own key has one of these hashes; nobody wants to see one here, least of all late."""
    return [one for one in Authority.objects.order_by("pk") if hashes and _key_hash(bytes(one.certificate)) in hashes]


def _key_hash(certificate: bytes) -> str:
    key = x509.load_der_x509_certificate(certificate).public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def reason_for(line: ReportLine, report: ProblemReport) -> str:
    """For which reason of the list (RFC 5280 5.3.1) an approval revokes; empty where it revokes nothing."""
    return name_of_trouble(report.trouble, proven=line.proven)


def name_of_report(case: Case) -> str:
    """What a report is about: whose certificate, or else what the reporter said."""
    report = case.problem_report
    holders = dict.fromkeys(_holder(line.certificate) for line in report.lines.all())
    return ", ".join(holders) or report.named or str(report.get_trouble_display())


def report_page(case: Case) -> dict[str, Any]:
    """What the page of a report's case shows: first what the machine found."""
    report = ProblemReport.objects.select_related("case", "certificate").get(case=case)
    lines = [_shown(line, report) for line in _lines(report)]
    return {
        "report": report,
        "proven": report.proof in _PROVEN,
        "lines": lines,
        "revokes": [one for one in lines if one["reason"] and one["state"] not in ("revoked", "expired")],
        "named_is_other": report.certificate is not None
        and report.certificate.number not in {one["number"] for one in lines},
    }


def _lines(report: ProblemReport) -> list[ReportLine]:
    certificates = (f"certificate__{one}" for one in _WITH_ROW)
    return list(report.lines.select_related(*certificates).prefetch_related("certificate__subscriber__identities"))


def _shown(line: ReportLine, report: ProblemReport) -> dict[str, Any]:
    return {
        **row(line.certificate),
        "holder": _holder(line.certificate),
        "proven": line.proven,
        "held": line.held,
        "reason": reason_for(line, report),
    }


def _holder(certificate: Certificate) -> str:
    """Whose certificate it is, as it was verified last; what is fetched along is not asked for again."""
    identities = certificate.subscriber.identities.all() if certificate.subscriber else ()
    newest = max(identities, key=lambda one: one.version, default=None)
    if newest is None:
        return _("the service itself")
    return " ".join(filter(None, (newest.name_chinese, newest.latin_name))) or newest.email
