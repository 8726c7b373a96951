"""The calendar file beside a notice: one event at the moment of which it tells, with its reminders (RFC 5545)."""

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Alarm, Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

FILE_NAME = "renewal.ics"
CONTENT_TYPE = "text/calendar; method=PUBLISH"
_PRODUCT = "-//Sigillum//Renewal notices//EN"
_ZONE_TOLD_FOR = timedelta(days=366)  # before and after the event: calendars ask for no more than its own day


def calendar_file(entry: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """The file for `entry`, UTF-8, lines folded at 75 octets; the same bytes for the same entry and `made_at`.

    `entry` is plain, as contexts of letters are: `uid` (lasting, so that a later file replaces the event in the
    reader's calendar), `summary` (in the recipient's language), `start` (ISO 8601, UTC), `alarm_days` (whole days
    before it) and, where there is one, `url`. The event stands in the site's zone, whose changes to and from daylight
    saving are told along (VTIMEZONE), and takes no time. Raises KeyError and ValueError for anything else.
    """
    zone = ZoneInfo(settings.TIME_ZONE)
    start = datetime.fromisoformat(entry["start"]).astimezone(zone)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if settings.TIME_ZONE != "UTC":
        calendar.add_component(_zone(zone, start))
    calendar.add_component(_event(entry, start, made_at))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Mapping[str, Any], start: datetime, made_at: datetime) -> Event:
    summary = _plain(entry["summary"])
    event = Event()
    event.add("uid", _plain(entry["uid"]))
    event.add("dtstamp", made_at.astimezone(UTC))
    event.add("sequence", int(made_at.timestamp()) // 60)  # a file made later is a later version of the event
    event.add("dtstart", start)
    event.add("summary", summary)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if entry.get("url"):
        event.add("url", _plain(entry["url"]))
    for days in entry["alarm_days"]:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", -timedelta(days=days))
        event.add_component(alarm)
    return event


def _zone(zone: ZoneInfo, start: datetime) -> Timezone:
    """The zone around the event: how far it is from UTC, and each change of that.

    Written here, because icalendar 7.3 puts changes to daylight saving an hour too late: RFC 5545 3.6.5 wants the
    onset by the clocks as they stood before it.
    """
    described = Timezone()
    described.add("tzid", zone.key)
    before = (start - _ZONE_TOLD_FOR).astimezone(UTC)
    described.add_component(_onset(before, zone, before))
    for change in _changes(zone, before, start + _ZONE_TOLD_FOR):
        described.add_component(_onset(change, zone, change - timedelta(seconds=1)))
    return described


def _changes(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
    """The moments, UTC, to the second, from which another offset from UTC or another name of it holds."""
    moment = since
    while moment < until:
        following = moment + timedelta(days=1)
        if _offset(moment, zone) != _offset(following, zone):
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if _offset(middle, zone) == _offset(low, zone) else (low, middle)
            yield high
        moment = following


def _offset(moment: datetime, zone: ZoneInfo) -> tuple[timedelta | None, str | None]:
    local = moment.astimezone(zone)
    return local.utcoffset(), local.tzname()


def _onset(moment: datetime, zone: ZoneInfo, before: datetime) -> TimezoneStandard | TimezoneDaylight:
    (offset_before, _), (offset, name) = _offset(before, zone), _offset(moment, zone)
    assert offset_before is not None  # noqa: S101 - tells the type checker that a zone has an offset at any moment
    described = TimezoneDaylight() if moment.astimezone(zone).dst() else TimezoneStandard()
    described.add("dtstart", moment.replace(tzinfo=None, microsecond=0) + offset_before)
    described.add("tzoffsetfrom", offset_before)
    described.add("tzoffsetto", offset)
    described.add("tzname", name)
    return described


def _plain(text: str) -> str:
    """The text without control and formatting characters, which RFC 5545 3.1 forbids or which reorder what is read."""
    return "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cf", "Zl", "Zp"))
