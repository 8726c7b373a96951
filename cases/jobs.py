"""Telling the desk what is overdue: a case may wait, but it is never silently dropped."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation

from audit.services import SYSTEM, record
from cases.models import Case
from cases.states import CaseState
from notifications.errors import AddressNotAllowed
from notifications.services import Letter, promise

logger = logging.getLogger(__name__)

TOLD_AGAIN = timedelta(hours=24)
_BATCH = 500  # the next round takes the rest


def escalate() -> int:
    """Tell the desk of each open case that is past its clock, and again every 24 hours; gives back how many mails.

    However often and wherever this runs, each case is told of once at a time: its stamp is set by compare-and-swap, in
    the transaction of the letter.
    """
    now = timezone.now()
    untold = Q(escalated_at=None) | Q(escalated_at__lte=now - TOLD_AGAIN)
    overdue = Case.objects.filter(untold, state=CaseState.OPEN, due_at__lt=now).select_related("office")
    told = 0
    for case in overdue[:_BATCH]:
        try:
            told += _tell(case, now)
        except AddressNotAllowed:
            logger.exception("the office %s has an address that no mail can go to", case.office.code)
    return told


def _tell(case: Case, now: datetime) -> bool:
    with transaction.atomic():
        same = Case.objects.filter(pk=case.pk, state=CaseState.OPEN, escalated_at=case.escalated_at)
        if not same.update(escalated_at=now):
            return False  # told by another, or decided meanwhile
        record(event="case.overdue", actor=SYSTEM, subject=case.audit_id)
        promise(letter=_letter(case, now))
    return True


def _letter(case: Case, now: datetime) -> Letter:
    language = settings.LANGUAGE_CODE
    words = settings.SITE["help_mail"]
    with translation.override(language):
        kind = str(case.get_kind_display())
    return Letter(
        event="case-overdue",
        key=f"case-overdue:{case.reference}:{now:%Y-%m-%dT%H:%M:%S}",
        address=case.office.email or words.get(language) or words["en"],
        language=language,
        context={
            "reference": case.reference,
            "kind": kind,
            "due": case.due_at.isoformat(),
            "url": f"{settings.PUBLIC_URL}{reverse('desk:case', args=[case.reference])}",
        },
    )
