"""Challenge phrases, clocks, numbers, names, states."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ca.ceremony import key_path
from certificates.errors import ChallengeNotAllowed, ChallengeTooLong, ChallengeTooShort
from certificates.rules import (
    Known,
    LookedFor,
    clock_is_right,
    in_language,
    key_file,
    looked_for,
    next_list_number,
    normalise_challenge,
    shown_state,
)

AT_ONCE = 0.1  # seconds of work
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "phrase", ["Blue Heron 2026", "  blue   heron\t2026 ", "ｂｌｕｅ　ｈｅｒｏｎ　２０２６", "BLUE HERON 2026"]
)
def test_case_width_and_spaces_make_no_difference(phrase: str) -> None:
    assert normalise_challenge(phrase) == "blue heron 2026"


@pytest.mark.parametrize("phrase", ["我的撤銷密語二零二六", "Frase de revogação", "ÉTÉ à la plage", "12345678"])
def test_letters_of_every_script_are_letters(phrase: str) -> None:
    once = normalise_challenge(phrase)
    assert normalise_challenge(once) == once


@pytest.mark.parametrize("phrase", ["", "seven 7", "a      b", "       8       "])
def test_eight_characters_at_least(phrase: str) -> None:
    with pytest.raises(ChallengeTooShort):
        normalise_challenge(phrase)


@pytest.mark.parametrize(
    "phrase", ["hyphen-ated phrase", "tell me!!", "null\0 character", "bidi \u202e override", "😀" * 9]
)
def test_nothing_but_letters_digits_and_spaces(phrase: str) -> None:
    with pytest.raises(ChallengeNotAllowed):
        normalise_challenge(phrase)


def test_at_most_128_characters() -> None:
    assert len(normalise_challenge("a" * 128)) == 128
    with pytest.raises(ChallengeTooLong):
        normalise_challenge("a" * 129)


@pytest.mark.parametrize(
    ("database", "event", "right"),
    [
        (0, 0, True),
        (5, 0, True),
        (-5, 0, True),
        (6, 0, False),
        (-6, 0, False),
        (0, 5, True),
        (0, 6, False),
        (0, -9e6, True),
    ],
)
def test_the_clock_is_right_within_five_seconds_and_not_behind_the_record(
    database: float, event: float, *, right: bool
) -> None:
    found = clock_is_right(
        ours=NOW, database=NOW + timedelta(seconds=database), last_event=NOW + timedelta(seconds=event)
    )
    assert found is right


def test_list_numbers_rise_also_after_a_restore() -> None:
    first = next_list_number(0, NOW)
    assert next_list_number(first, NOW) == first + 1
    assert next_list_number(0, NOW + timedelta(days=1)) > first + 1


def test_keys_lie_where_the_ceremony_puts_them(tmp_path: Path) -> None:
    assert key_file(tmp_path, "g03") == key_path(tmp_path, "g03")


@pytest.mark.parametrize(
    ("state", "days", "shown"),
    [
        ("valid", 31, "valid"),
        ("valid", 30, "soon"),
        ("valid", 0, "soon"),
        ("valid", -1, "expired"),
        ("held", 31, "held"),
        ("revoked", -1, "revoked"),
    ],
)
def test_what_people_are_told(state: str, days: int, shown: str) -> None:
    assert shown_state(state, NOW + timedelta(days=days), NOW, timedelta(days=30)) == shown


def test_a_language_without_a_text_gets_the_english_one() -> None:
    texts = {"en": "certificate", "zh-hant": "憑證"}
    assert in_language(texts, "zh-Hant") == "憑證"
    assert in_language(texts, "fr") == "certificate"


def test_a_phrase_of_marks_is_refused_before_it_is_composed() -> None:
    """Composing this one costs the square of its length: seconds of work for a form of 100 kB."""
    begin = time.thread_time()
    with pytest.raises(ChallengeTooLong):
        normalise_challenge("a" + "\u0315\u0300" * 30_000)
    assert time.thread_time() - begin < AT_ONCE


@pytest.mark.parametrize(
    ("typed", "known", "text"),
    [
        (" Mei.Chan@Example.ORG ", Known.EMAIL, "mei.chan@example.org"),
        ("ｍｅｉ＠example.org", Known.EMAIL, "mei@example.org"),
        ("Mei   CHAN", Known.NAME, "mei chan"),
        ("João", Known.NAME, "joão"),
        ("Jean-Luc", Known.NAME, "jean-luc"),
        ("Ada Fab", Known.NAME, "ada fab"),
        ("0123456789", Known.NUMBER, "0123456789"),
        ("01234-56789", Known.NUMBER, "0123456789"),
        ("4F 0A 1B", Known.SERIAL, "4f0a1b"),
        ("00:4f:0a:1b", Known.SERIAL, "4f0a1b"),
        ("0x4F0A1B", Known.SERIAL, "4f0a1b"),
        ("4" * 41, Known.NAME, "4" * 41),
    ],
)
def test_what_is_looked_for_is_told_apart(typed: str, known: Known, text: str) -> None:
    assert looked_for(typed) == LookedFor(known, text)
