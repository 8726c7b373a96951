"""Telling the offices which organisations' certificates are about to end although their holders were told."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Office
from accounts.states import IdentityKind
from certificates.models import Certificate
from notifications.models import Message
from notifications.rules import is_plain_address
from notifications.services import promise
from renewal.jobs.letters import escalation_key, escalation_letter
from renewal.rules import ESCALATION_DAYS
from renewal.selectors.ending import not_renewed

_LISTED = 200  # lines in one mail; the page has them all


def escalate() -> int:
    """Send each office its list of the day, if there is anything on it; gives back how many mails.

    The list holds valid certificates of organisations that end within `ESCALATION_DAYS` and that nobody renews. Its
    key names office and day, so that however often and wherever this runs, an office has one mail a day.
    """
    now = timezone.now()
    ending = not_renewed(after=now, until=now + timedelta(days=ESCALATION_DAYS))
    ending = ending.filter(item__order__identity__kind=IdentityKind.ORGANISATION)
    offices = Office.objects.filter(pk__in=ending.values("subscriber__office")).order_by("pk")
    return sum(_tell(office, ending.filter(subscriber__office=office), now) for office in offices)


def _tell(office: Office, ending: QuerySet[Certificate], now: datetime) -> int:
    words = settings.SITE["help_mail"]
    address = office.email or words.get(settings.LANGUAGE_CODE) or words["en"]
    told = Message.objects.filter(key=escalation_key(office, now)).exists()
    if told or not is_plain_address(address):
        return 0
    listed = ending.select_related("item__order__identity__organisation").defer("der").order_by("not_after", "pk")
    promise(letter=escalation_letter(office, address, list(listed[:_LISTED]), ending.count(), now))
    return 1
