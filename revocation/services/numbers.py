"""Telling somebody the numbers of their certificates, who knows no more than their own e-mail address."""

from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Identity, Subscriber
from accounts.services import throttle
from audit.services import record
from certificates.models import Certificate
from certificates.selectors import row
from notifications.rules import is_plain_address
from notifications.services import Letter, promise

_HOUR = 3600
_FROM_ONE_ADDRESS = 10  # an hour
_FOR_ONE_MAILBOX = 3  # a day
_MOST = 50  # certificates in one mail


def mail_numbers(*, email: str, address: str) -> None:
    """Send the numbers of the certificates that belong to a mailbox to that mailbox, and nowhere else.

    They belong to it where it stands in them, or where it is their holder's newest address. Nobody learns from the
    answer whether there are any. `address` is the network address that asks. Raises `accounts.errors.TooMany`, for
    mailboxes that we know and that we do not alike.
    """
    throttle(scope="numbers-address", who=address, limit=_FROM_ONE_ADDRESS, seconds=_HOUR)
    throttle(scope="numbers-mailbox", who=email.casefold(), limit=_FOR_ONE_MAILBOX, seconds=24 * _HOUR)
    theirs: dict[tuple[int, str], list[Certificate]] = defaultdict(list)
    for one, stored in _belonging(email):
        assert one.subscriber_id is not None  # noqa: S101 - tells the type checker what was asked for
        theirs[one.subscriber_id, stored].append(one)
    with transaction.atomic():
        record(event="numbers.asked", actor="visitor", subject="mailbox")
        for (subscriber, stored), certificates in theirs.items():
            _send(Subscriber.objects.select_related("account").get(pk=subscriber), stored, certificates)


def _belonging(email: str) -> list[tuple[Certificate, str]]:
    """The certificates of a mailbox that have not ended, each with the address as we know it.

    That spelling is written to, not what was typed: servers may tell `Ana@` from `ana@`.
    """
    newest = Identity.objects.filter(subscriber=OuterRef("subscriber")).order_by("-version").values("email")[:1]
    # Whoever ever had this address is looked at more closely; everybody, with each visitor's question, would be slow.
    holders = list(Identity.objects.filter(email__iexact=email).values_list("subscriber", flat=True))
    near = Q(search_email=email.casefold()) | Q(subscriber__in=holders)
    found = (
        Certificate.objects.filter(near, not_after__gte=timezone.now())
        .annotate(newest_email=Subquery(newest))
        .filter(Q(newest_email__iexact=email) | Q(email__iexact=email))
        .exclude(subscriber=None)
        .select_related("authority__parent", "item__order", "public_key")
        .order_by("-not_before", "-pk")[:_MOST]
    )
    same = email.lower()
    return [(one, one.newest_email if one.newest_email.lower() == same else one.email) for one in found]


def _send(subscriber: Subscriber, email: str, certificates: Sequence[Certificate]) -> None:
    if not is_plain_address(email):
        return
    identity = subscriber.identities.order_by("-version").first()
    language = subscriber.account.language
    with translation.override(language):
        lines = "\n".join(_line(one) for one in certificates)
    promise(
        letter=Letter(
            event="certificate-numbers",
            key=f"certificate-numbers:{subscriber.number}:{timezone.now().isoformat()}",
            address=email,
            language=language,
            context={
                "name": identity.latin_name if identity else "",
                "certificates": lines,
                "url": f"{settings.PUBLIC_URL}{reverse('revocation:home')}",
            },
        )
    )


def _line(certificate: Certificate) -> str:
    """One certificate in words of the language that is active."""
    shown = row(certificate)
    return _("%(number)s: %(title)s (%(use)s), valid until %(end)s, %(state)s") % {
        "number": certificate.number,
        "title": shown["title"],
        "use": shown["use"],
        "end": timezone.localtime(certificate.not_after).date().isoformat(),
        "state": shown["state_text"],
    }
