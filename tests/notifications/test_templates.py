"""Every mail can be written in every language, also where a word of its context is missing."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from notifications.rules import EVENTS

FILES = sorted(
    path.name.removesuffix(".subject.txt")
    for path in (Path(settings.BASE_DIR) / "templates" / "notifications").glob("*.subject.txt")
)
FULL: dict[str, Any] = {
    "name": "O'Brien & <Chan>",
    "reference": "ABCDEFGH23",
    "reason": "line one\nline two <b>",
    "url": "http://portal.example/?a=1&b=2",
    "link": "http://portal.example/link?a=1&b=2",
    "text": "It's <wrong>",
    "subscriber": "123456789012",
    "order": "3f2c",
    "numbers": "0123456789",
    "replaces": "9876543210",
    "profile_title": "Secure e-mail",
    "slip": "yes",
}


def mail(event: str, context: dict[str, Any], language: str = "en") -> tuple[str, str, str]:
    with translation.override(language):
        names = (f"notifications/{event}{ending}" for ending in (".subject.txt", ".txt", ".html"))
        subject, text, html = (render_to_string(name, context) for name in names)
    return subject, text, html


def test_every_mail_has_its_row_and_every_row_its_mail() -> None:
    assert set(EVENTS) == set(FILES)


@pytest.mark.parametrize("event", sorted(EVENTS))
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_the_sample_of_every_event_is_shown(event: str, language: str) -> None:
    sample = EVENTS[event]
    words = {**sample.context, **sample.secrets}
    subject, text, html = mail(event, words, language)
    assert len(subject.strip().splitlines()) == 1
    if "name" in words:
        assert words["name"] in text
        assert words["name"] in html
    assert re.sub(r"\s", "", text) != re.sub(r"\s", "", mail(event, {}, language)[1]) or not words


@pytest.mark.parametrize("event", FILES)
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("context", [{}, FULL], ids=["empty", "full"])
def test_every_mail_can_be_written(event: str, language: str, context: dict[str, Any]) -> None:
    subject, text, html = mail(event, context, language)
    assert len(subject.strip().splitlines()) == 1
    assert text.strip()
    assert "<html" in html
    assert not re.search(r"src=|style=|<script|<img", html)
    assert "{{" not in subject + text + html


@pytest.mark.parametrize("event", FILES)
def test_plain_text_is_not_escaped_and_html_is(event: str) -> None:
    subject, text, html = mail(event, FULL)
    assert "&amp;" not in subject + text
    assert "&#x27;" not in subject + text
    assert "<Chan>" not in html
    assert "<wrong>" not in html


@pytest.mark.parametrize("event", ["mailbox-link", "account-locked"])
def test_a_link_stands_whole_on_a_line_of_its_own(event: str) -> None:
    _subject, text, _html = mail(event, FULL)
    assert "\n  http://portal.example/link?a=1&b=2\n" in text


def test_an_approval_speaks_of_the_slip_only_where_there_is_one() -> None:
    assert "passcode slip" in mail("registration-approved", FULL)[1]
    assert "passcode slip" not in mail("registration-approved", {**FULL, "slip": ""})[1]
