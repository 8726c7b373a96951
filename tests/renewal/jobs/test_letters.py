"""What the letters say, written with every word that the job gives them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from notifications.selectors import Words, words
from notifications.services import Letter
from renewal.jobs.letters import invitation_letter, notice_letter
from renewal.selectors.ending import Unit, units_of
from tests.renewal.rows import units

pytestmark = pytest.mark.django_db
END = datetime(2027, 7, 5, 4, 5, 6, tzinfo=UTC)


@pytest.fixture
def pair() -> Unit:
    """A pair that ends at `END`."""
    return units_of(units(1, END, kind="personal"))[0]


def said(letter: Letter, language: str = "en") -> Words:
    return words(letter.event, letter.context, language)


@pytest.mark.parametrize(
    ("left", "text"), [(timedelta(days=6.9), "7 days"), (timedelta(hours=20), "1 day."), (timedelta(days=1), "1 day.")]
)
def test_the_days_left_are_said_in_words(pair: Unit, left: timedelta, text: str) -> None:
    found = said(notice_letter(pair, 7, END - left))
    assert f"ends in {text}" in found.text
    assert text.rstrip(".") in found.subject


def test_both_certificates_the_end_in_two_zones_and_one_link_stand_in_all_parts(
    pair: Unit, settings: LazySettings
) -> None:
    settings.TIME_ZONE = "Europe/Lisbon"
    found = said(notice_letter(pair, 14, END - timedelta(days=14)))
    link = f"http://portal.sigillum.example/renewal/#order-{pair.order.public_id}"
    for part in (found.text, found.html):
        assert all(one.number in part for one in pair.certificates)
        assert "5 July 2027 05:05:06 (UTC+1)" in part
        assert "2027-07-05 04:05:06 UTC" in part
        assert "If you do nothing" in part
        assert link in part
    assert found.text.count("http") == 1
    assert f"\n  {link}\n" in found.text


@pytest.mark.parametrize("zone", ["Asia/Macau", "Europe/Lisbon"])
def test_winter_and_summer_are_told_apart(pair: Unit, settings: LazySettings, zone: str) -> None:
    settings.TIME_ZONE = zone
    letter = notice_letter(pair, 7, END - timedelta(days=7))
    winter = said(Letter(letter.event, "", "", "en", {**letter.context, "end": "2027-12-05T04:05:06+00:00"})).text
    shown = {"Asia/Macau": "12:05:06 (UTC+8)", "Europe/Lisbon": "04:05:06 (UTC)"}
    assert f"5 December 2027 {shown[zone]}" in winter


def test_after_the_end_the_way_to_register_again_is_told(pair: Unit) -> None:
    letter = notice_letter(pair, 0, END + timedelta(hours=1))
    found = said(letter)
    assert letter.event == "renewal-ended"
    assert "register again" in found.text
    assert "/enrollment/" in found.text
    assert "calendar" not in letter.context


def test_an_invitation_names_the_day_so_that_a_later_one_is_another(pair: Unit) -> None:
    first = invitation_letter(pair, END - timedelta(days=9))
    assert first.key != invitation_letter(pair, END - timedelta(days=5)).key
    assert "asks you to renew" in said(first).text
