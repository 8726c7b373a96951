"""Problem reports: taken from anybody, checked by the machine at once, decided by an officer."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Office, Subscriber
from accounts.selectors import newest_identity
from accounts.services import throttle
from audit.services import record
from ca.exposure import Findings, examine
from ca.profiles import profile
from cases.models import Case
from cases.services import Decision, Outsider, decide, open_case
from cases.states import CaseKind, CaseState
from certificates.models import Certificate, PublicKey
from certificates.services import block_key, hold, lift, revoke
from certificates.states import CertificateState
from notifications.rules import is_plain_address
from notifications.services import Letter, promise
from revocation.errors import NoOffice
from revocation.models import ProblemReport, ReportLine, RevocationLine
from revocation.reasons import suspends_at_once
from revocation.selectors.reports import authorities_with, certificate_meant, reason_for, with_keys
from revocation.services.rows import take
from revocation.states import Proof

_HOUR = 3600
_FROM_ONE_ADDRESS = 10  # an hour
_TO_ONE_MAILBOX = 5  # a day
VISITOR = "visitor"


@dataclass(frozen=True)
class Report:
    """What somebody reports. `named` is a fingerprint, number or serial number, or empty; `evidence` is text."""

    trouble: str
    named: str
    evidence: str
    reporter_email: str
    language: str


def file_report(*, report: Report, address: str) -> ProblemReport:
    """Take a report, from the network address `address`, and look at once for what a machine can prove.

    A key that is proven to be exposed is blocked, whosever it is; certificates with it are suspended where their
    profile allows it, their holders are told, and the case goes to the top of the queue. Private keys are not kept.
    Raises `TooMany`, a refusal of `ca.exposure.examine` (nothing is stored then), and `NoOffice` (but for the block).
    """
    throttle(scope="report-address", who=address, limit=_FROM_ONE_ADDRESS, seconds=_HOUR)
    if report.reporter_email:
        who = report.reporter_email.casefold()
        throttle(scope="report-mailbox", who=who, limit=_TO_ONE_MAILBOX, seconds=24 * _HOUR)
    findings = examine(report.evidence)
    _block(findings)
    with transaction.atomic():
        proven = with_keys({*findings.keys, *findings.statements})
        named = certificate_meant(report.named)
        # Who proves something about one certificate must not get another one revoked along with it.
        about = proven or ([named] if named else [])
        living = _living(one.pk for one in proven)
        ours = authorities_with({*findings.keys, *findings.statements})
        case = open_case(kind=CaseKind.REPORT, by=Outsider(_office(about), VISITOR), urgent=bool(living or ours))
        marks = "".join(f"\n[the key of the certificate authority itself: {one.name}]" for one in ours)
        stored = _store(report, case, named, replace(findings, text=findings.text + marks), proven)
        held = _hold(living)
        ReportLine.objects.bulk_create(
            ReportLine(report=stored, certificate=one, proven=bool(proven), held=one.pk in held) for one in about
        )
        details = {"trouble": str(report.trouble), "proof": str(stored.proof)}
        record(event="report.filed", actor=VISITOR, subject=case.audit_id, details=details)
        _tell_reporter(stored, "report-received", {})
        _tell_holders("report-about-you", case, living)
    return stored


def _block(findings: Findings) -> None:
    """Block every key that is proven to be exposed, whatever becomes of the report.

    Each in a transaction of its own: who revokes locks certificates and then their keys, so that nobody who holds a
    key may wait for certificates.
    """
    for spki_sha256 in sorted({*findings.keys, *findings.statements}):
        key, _created = PublicKey.objects.get_or_create(spki_sha256=spki_sha256)
        block_key(key=key, actor=VISITOR)


def _office(about: Sequence[Certificate]) -> Office:
    """The office of the first holder; else the first of all."""
    theirs = next((one.subscriber.office for one in about if one.subscriber is not None), None)
    office = theirs or Office.objects.order_by("pk").first()
    if office is None:
        raise NoOffice
    return office


def _store(
    report: Report, case: Case, named: Certificate | None, findings: Findings, proven: Sequence[Certificate]
) -> ProblemReport:
    return ProblemReport.objects.create(
        case=case,
        trouble=report.trouble,
        certificate=named,
        named=report.named,
        evidence=findings.text,
        proof=_proof(findings, proven),
        reporter_email=report.reporter_email,
        language=report.language,
    )


def _proof(findings: Findings, proven: Sequence[Certificate]) -> Proof:
    if not findings.keys and not findings.statements:
        return Proof.NONE
    if not proven:
        return Proof.OTHER_KEY
    ours = {one.public_key.spki_sha256 for one in proven}
    return Proof.KEY if ours & set(findings.keys) else Proof.SIGNATURE


def _hold(living: Sequence[Certificate]) -> set[int]:
    """Suspend what can be suspended; gives back the keys of the rows that were."""
    valid = [one for one in living if one.state == CertificateState.VALID]
    to_hold = [one for one in valid if profile(one.profile, one.item.order.profile_version).hold_allowed]
    if to_hold:
        hold(certificates=to_hold, actor=VISITOR)
    return {one.pk for one in to_hold}


def _living(certificates: Iterable[int]) -> list[Certificate]:
    """Those of these certificates, locked until the commit, that somebody may still rely on."""
    now = timezone.now()
    return [one for one in take(certificates) if one.state != CertificateState.REVOKED and one.not_after >= now]


@transaction.atomic
def decide_report(*, case: Case, decision: Decision) -> None:
    """Follow a report or reject it; whoever sent it is answered, the holders concerned are told.

    An approval revokes the certificates that the report is about, for the reason that belongs to it; where it names
    none of ours, or nothing to revoke for, it says that the report was dealt with. A rejection lifts what the report
    had suspended; a key that was proven to be exposed stays blocked. Raises what `cases.services.decide` raises.
    """
    report = ProblemReport.objects.select_related("case").get(case=case)
    decide(case=case, decision=decision)
    actor = decision.officer.audit_id
    if decision.approve:
        revoked = _revoke(report, actor)
        _tell_holders("report-upheld", case, revoked)
    else:
        revoked = []
        lifted = _release(report, actor)
        _tell_holders("report-dismissed", case, lifted, {"reason": case.reason})
    words = {"revoked": "yes" if revoked else "", "approved": "yes" if decision.approve else "", "reason": case.reason}
    _tell_reporter(report, "report-answered", words)


def _revoke(report: ProblemReport, actor: str) -> list[Certificate]:
    """Revoke what the report gives a reason for; what is revoked already, or has ended, stays as it is."""
    reasons: dict[str, list[int]] = defaultdict(list)
    for line in report.lines.all():
        reasons[reason_for(line, report)].append(line.certificate_id)
    reasons.pop("", None)
    revoked = []
    for reason, certificates in sorted(reasons.items()):
        living = _living(certificates)
        if living:
            revoke(certificates=living, reason=reason, actor=actor)
        revoked += living
    return revoked


def _release(report: ProblemReport, actor: str) -> list[Certificate]:
    """Lift what this report suspended; gives back its certificates that are not revoked, as they stand then.

    Where something else that waits would have suspended a certificate, too, it stays suspended, and the decision about
    that lifts it.
    """
    certificates = take(report.lines.values_list("certificate_id", flat=True))
    # Read under the lock: whatever else waited may have handed its suspension on to this report meanwhile.
    suspended = set(report.lines.filter(held=True).values_list("certificate_id", flat=True))
    kept = {certificate for one in suspended if (certificate := _handed_on(one))}
    to_lift = [one for one in certificates if one.pk in suspended - kept and one.state == CertificateState.HELD]
    if to_lift:
        lift(certificates=to_lift, actor=actor)
    return [one for one in certificates if one.state != CertificateState.REVOKED]


def _handed_on(certificate: int) -> int | None:
    """The certificate, where another open report or request holds it suspended from now on."""
    waiting: list[ReportLine | RevocationLine] = [
        *ReportLine.objects.filter(certificate=certificate, proven=True, report__case__state=CaseState.OPEN),
        *(
            line
            for line in RevocationLine.objects.select_related("request").filter(
                certificate=certificate, request__case__state=CaseState.OPEN
            )
            if suspends_at_once(line.request.door, line.request.reason)
        ),
    ]
    for line in waiting[:1]:
        line.held = True
        line.save(update_fields=["held"])
    return certificate if waiting else None


def _tell_reporter(report: ProblemReport, event: str, words: Mapping[str, str]) -> None:
    if not report.reporter_email:
        return
    reference = report.case.reference
    promise(
        letter=Letter(
            event=event,
            key=f"{event}:{reference}",
            address=report.reporter_email,
            language=report.language,
            context={"reference": reference, "url": settings.PUBLIC_URL, **words},
        )
    )


def _tell_holders(
    event: str, case: Case, certificates: Sequence[Certificate], words: Mapping[str, str] | None = None
) -> None:
    """One letter to each holder about theirs. Who reported is not theirs to know."""
    theirs: dict[int, list[Certificate]] = defaultdict(list)
    for one in certificates:
        if one.subscriber_id is not None:
            theirs[one.subscriber_id].append(one)
    for subscriber in Subscriber.objects.select_related("account").filter(pk__in=theirs):
        identity = newest_identity(subscriber)
        if identity is None or not is_plain_address(identity.email):
            continue
        context = {
            "name": identity.latin_name,
            "reference": case.reference,
            "numbers": ", ".join(one.number for one in theirs[subscriber.pk]),
            "held": ", ".join(one.number for one in theirs[subscriber.pk] if one.state == CertificateState.HELD),
            "valid": ", ".join(one.number for one in theirs[subscriber.pk] if one.state == CertificateState.VALID),
            "url": f"{settings.PUBLIC_URL}{reverse('certificates:overview')}",
            **(words or {}),
        }
        key = f"{event}:{case.reference}:{subscriber.number}"
        promise(letter=Letter(event, key, identity.email, subscriber.account.language, context))
