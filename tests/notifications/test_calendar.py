"""Calendar files, read again by other libraries: vobject, and for the zone dateutil, from the file alone."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil.tz import tzical
from django.conf import LazySettings

from notifications.jobs.calendar import calendar_file

MADE_AT = datetime(2027, 6, 1, 8, 30, tzinfo=UTC)
ENTRY = {
    "uid": "3f2c0b5e-6d0c-4a49-9d0c-0d6b1f7a2c11@ca.example.org",
    "summary": "憑證 0123456789 到期；Certificate 0123456789, 9876543210 ends; renew \\ it",
    "start": "2027-07-05T04:05:06+00:00",
    "alarm_days": [7, 1],
    "url": "https://ca.example.org/renewal/#order-3f2c0b5e",
}


def made(**changes: Any) -> bytes:
    return calendar_file({**ENTRY, **changes}, made_at=MADE_AT)


def read(written: bytes) -> Any:
    """What vobject finds; a zone that the file only names it does not know."""
    return vobject.readOne(written.decode())


def told_zone(written: bytes) -> Any:
    """The zone as dateutil understands it from the file alone."""
    return tzical(io.StringIO(written.decode().replace("\r\n", "\n"))).get()


@pytest.mark.parametrize("zone", ["Asia/Macau", "Europe/Lisbon", "Africa/Casablanca", "America/Sao_Paulo"])
@pytest.mark.parametrize("month", [1, 3, 4, 7, 10, 11])
def test_the_event_is_at_its_moment_in_every_zone(settings: LazySettings, zone: str, month: int) -> None:
    settings.TIME_ZONE = zone
    start = datetime(2027, month, 28, 0, 59, 59, tzinfo=UTC)
    written = made(start=start.isoformat())
    local = start.astimezone(ZoneInfo(zone))
    assert f"DTSTART;TZID={zone}:{local:%Y%m%dT%H%M%S}\r\n".encode() in written
    assert f"TZID:{zone}\r\n".encode() in written
    assert local.replace(tzinfo=told_zone(written)).astimezone(UTC) == start


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/New_York", "Asia/Macau"])
def test_the_zone_told_along_is_the_real_one_around_every_change(settings: LazySettings, zone: str) -> None:
    settings.TIME_ZONE = zone
    start = datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    told, real = told_zone(made(start=start.isoformat())), ZoneInfo(zone)
    moment = datetime(2026, 10, 1)  # noqa: DTZ001 - wall-clock times are what a zone explains
    while moment < datetime(2027, 12, 1):  # noqa: DTZ001 - as above
        if moment.replace(tzinfo=real).astimezone(UTC).astimezone(real).replace(tzinfo=None) == moment:
            assert moment.replace(tzinfo=told).utcoffset() == moment.replace(tzinfo=real).utcoffset(), moment
        moment += timedelta(minutes=30)


def test_utc_needs_no_zone(settings: LazySettings) -> None:
    settings.TIME_ZONE = "UTC"
    written = made()
    assert b"DTSTART:20270705T040506Z" in written
    assert b"VTIMEZONE" not in written


def test_everything_that_a_calendar_wants_is_there() -> None:
    found = read(made())
    assert (found.version.value, found.method.value) == ("2.0", "PUBLISH")
    event = found.vevent
    assert event.uid.value == ENTRY["uid"]
    assert event.summary.value == ENTRY["summary"]
    assert event.url.value == ENTRY["url"]
    assert event.dtstamp.value == MADE_AT
    assert [alarm.trigger.value for alarm in event.valarm_list] == [timedelta(days=-7), timedelta(days=-1)]
    assert all(alarm.action.value == "DISPLAY" for alarm in event.valarm_list)
    assert not event.contents.get("dtend")


def test_lines_are_folded_at_75_octets_and_characters_stay_whole() -> None:
    written = made(summary="憑證展期" * 40)
    lines = written.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in b"".join(lines)
    for line in lines:
        line.decode()
    assert read(written).vevent.summary.value == "憑證展期" * 40


def test_nothing_can_be_written_into_the_file_from_inside_a_text() -> None:
    evil = "a\r\nATTENDEE:mailto:x@example.org\x00\x07\x7f\u202e\u2028b"
    written = made(summary=evil, uid=evil, url="https://ca.example.org/\r\nX-EVIL:1")
    assert not {line.split(b":")[0] for line in written.split(b"\r\n")} & {b"ATTENDEE", b"X-EVIL"}
    assert not any(octet < 0x20 or octet == 0x7F for octet in written.replace(b"\r\n", b""))
    assert read(written).vevent.summary.value == "aATTENDEE:mailto:x@example.orgb"


def test_a_later_file_replaces_the_event() -> None:
    earlier, later = read(made()), read(calendar_file(ENTRY, made_at=MADE_AT + timedelta(hours=1)))
    assert earlier.vevent.uid.value == later.vevent.uid.value
    assert int(earlier.vevent.sequence.value) < int(later.vevent.sequence.value) < 2**31
    assert made() == made()


@pytest.mark.parametrize("missing", ["uid", "summary", "start", "alarm_days"])
def test_an_entry_without_its_parts_is_refused(missing: str) -> None:
    with pytest.raises(KeyError):
        calendar_file({key: value for key, value in ENTRY.items() if key != missing}, made_at=MADE_AT)
