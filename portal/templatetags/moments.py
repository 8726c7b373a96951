"""Dates and times in the reader's form, in the site's zone, with the zone said."""

from datetime import UTC, date, datetime

from django import template
from django.utils import timezone, translation
from django.utils.formats import date_format

register = template.Library()

# Django's own forms for these languages leave out the zone, and its English one puts the month first.
DAYS = {"zh-hant": "Y年n月j日", "en": "j F Y", "pt": r"j \d\e F \d\e Y"}
TIMES = {"zh-hant": "H:i:s", "en": "H:i:s", "pt": "H:i:s"}


@register.filter
def day(value: date | datetime | None) -> str:
    """The day in the site's zone: 2026年11月20日, 20 November 2026, 20 de novembro de 2026."""
    if not value:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    text = date_format(local, DAYS[_language()], use_l10n=False)
    return text.lower() if _language() == "pt" else text  # months are small since the spelling reform of 1990


@register.filter
def moment(value: datetime | None) -> str:
    """The day and the time in the site's zone, with the zone's distance from UTC."""
    if not value:
        return ""
    local = timezone.localtime(value)
    clock = date_format(local, TIMES[_language()], use_l10n=False)
    return f"{day(local)} {clock} ({utc_offset(local)})"


@register.filter
def instant(text: str) -> datetime | None:
    """A moment that is kept as text (ISO 8601), as in the context of a letter; nothing where there is none."""
    return datetime.fromisoformat(text) if text else None


@register.filter
def in_utc(value: datetime | None) -> str:
    """The moment in UTC, the same in every language: 2026-11-20 04:05:06 UTC."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if value else ""


def utc_offset(local: datetime) -> str:
    """`UTC+8`, `UTC+5:30`, `UTC`: short names such as CST mean several zones, an offset means one."""
    distance = local.utcoffset()
    minutes = int(distance.total_seconds() // 60) if distance is not None else 0
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "−"
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")


def _language() -> str:
    code = translation.get_language() or "en"
    return code if code in DAYS else "en"
