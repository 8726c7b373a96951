"""What holders and offices are told about certificates that come to their end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Office
from ca.errors import ProfileUnknown
from ca.profiles import profile
from certificates.models import Certificate
from certificates.rules import in_language
from notifications.services import Letter
from renewal.rules import ESCALATION_DAYS, NOTICE_DAYS
from renewal.selectors.ending import Line, Unit

_DAY = timedelta(days=1)


def notice_letter(unit: Unit, days: int, now: datetime) -> Letter:
    """The unit crossed the threshold of `days` before its end: how long is left, or at 0 that it ended."""
    event = "renewal-notice" if days else "renewal-ended"
    return _letter(unit, event, f"{event}:{unit.order.public_id}:{days}", now)


def invitation_letter(unit: Unit, now: datetime) -> Letter:
    """The desk invites the holder to renew."""
    return _letter(unit, "renewal-invitation", f"renewal-invitation:{unit.order.public_id}:{now:%Y-%m-%d}", now)


def escalation_key(office: Office, now: datetime) -> str:
    """What names an office's list of a day, by the site's calendar."""
    return f"renewal-escalation:{office.code}:{timezone.localdate(now)}"


def escalation_letter(
    office: Office, address: str, certificates: Sequence[Certificate], count: int, now: datetime
) -> Letter:
    """An office's list: of organisations, without the names of people. `count` are all, also those not listed."""
    return Letter(
        event="renewal-escalation",
        key=escalation_key(office, now),
        address=address,
        language=settings.LANGUAGE_CODE,
        context={
            "days": str(ESCALATION_DAYS),
            "count": str(count),
            "certificates": "\n".join(_line(one) for one in certificates),
            "more": str(count - len(certificates)) if count > len(certificates) else "",
            "url": _address("desk:renewals"),
        },
    )


def _line(certificate: Certificate) -> str:
    identity = certificate.item.order.identity
    organisation = identity.organisation if identity else None
    whose = f"{organisation.name} ({organisation.number})" if organisation else "–"
    return f"{whose} – {certificate.number} – {certificate.not_after:%Y-%m-%d %H:%M:%S} UTC"


def _letter(unit: Unit, event: str, key: str, now: datetime) -> Letter:
    assert unit.order.subscriber is not None  # noqa: S101 - tells the type checker: units are subscribers'
    language = unit.order.subscriber.account.language
    with translation.override(language):
        context = {
            "name": unit.identity.latin_name,
            "certificates": "\n".join(_called(unit, one) for one in unit.certificates),
            "end": unit.not_after.isoformat(),
        }
        if event != "renewal-ended":
            context |= _ahead(unit, now)
        else:
            context["url"] = _address("enrollment:home")
    return Letter(event=event, key=key, address=unit.identity.email, language=language, context=context)


def _ahead(unit: Unit, now: datetime) -> dict[str, Any]:
    """What is said only before the end: the days left, the way to renew, the entry for the calendar."""
    left = unit.not_after - now
    url = f"{_address('renewal:home')}#order-{unit.order.public_id}"
    return {
        "days": str(ceil(left / _DAY)),
        "renewable": "yes" if unit.renewable else "",
        "url": url,
        "calendar": {
            "uid": f"{unit.order.public_id}@{settings.SUBSCRIBER_DOMAIN_HINT}",
            "summary": _("Certificate %(numbers)s ends") % {"numbers": unit.numbers},
            "start": unit.not_after.isoformat(),
            "alarm_days": [days for days in NOTICE_DAYS if timedelta() < days * _DAY < left],
            "url": url,
        },
    }


def _called(unit: Unit, certificate: Line) -> str:
    """A certificate by its title in the reader's language, and its number."""
    try:
        templates = profile(unit.order.profile, unit.order.profile_version).templates
    except ProfileUnknown:
        return certificate.number
    title = next((one.title for one in templates if one.name == certificate.template), {"en": ""})
    return f"{in_language(title, get_language() or 'en')} – {certificate.number}"


def _address(name: str) -> str:
    return f"{settings.PUBLIC_URL}{_path(name)}"


@cache
def _path(name: str) -> str:
    return reverse(name)
