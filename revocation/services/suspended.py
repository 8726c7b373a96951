"""Lifting what a request had suspended, once it will not be followed."""

from cases.states import CaseState
from certificates.models import Certificate
from certificates.services import lift
from certificates.states import CertificateState
from revocation.models import ReportLine, RevocationRequest
from revocation.services.rows import take


def release(request: RevocationRequest, *, actor: str) -> list[Certificate]:
    """Lift the certificates that this request suspended; gives back all of its certificates as they stand then.

    Revoked ones stay revoked. Where a report proves that somebody else has the key, the suspension is the report's
    from now on, and the report's decision lifts it.
    """
    certificates = take(request.lines.values_list("certificate_id", flat=True))
    # Read under the lock: the decision about a report may have handed its suspension on to this request meanwhile.
    suspended = set(request.lines.filter(held=True).values_list("certificate_id", flat=True))
    proven = ReportLine.objects.filter(report__case__state=CaseState.OPEN, proven=True, certificate__in=suspended)
    kept = set(proven.values_list("certificate_id", flat=True))
    proven.update(held=True)
    to_lift = [one for one in certificates if one.pk in suspended - kept and one.state == CertificateState.HELD]
    if to_lift:
        lift(certificates=to_lift, actor=actor)
    return certificates
