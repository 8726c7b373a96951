"""The window is open to the second, whatever zone the clock on the wall shows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from renewal.rules import NOTICE_DAYS, in_words, nonce_in, statement, statement_head, window, within_renewal_window

END = datetime(2027, 3, 31, 16, 30, 0, tzinfo=UTC)
ZONES = [UTC, ZoneInfo("Asia/Macau"), ZoneInfo("Europe/Lisbon"), ZoneInfo("America/New_York")]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_both_ends_are_inside_and_a_second_beyond_is_outside(zone: ZoneInfo) -> None:
    end = END.astimezone(zone)
    first = END - timedelta(days=30)
    assert window(end, 30) == (first, END)
    second = timedelta(seconds=1)
    moments = {
        first - second: False,
        first: True,
        END - timedelta(days=1): True,
        END: True,
        END + timedelta(microseconds=999_999): True,
        END + second: False,
    }
    for moment, inside in moments.items():
        assert within_renewal_window(moment.astimezone(zone), end, 30) is inside, moment


def test_a_change_of_the_clocks_moves_no_end() -> None:
    """Lisbon put its clocks forward on 28 March 2027: its 30 days before the end are an hour shorter on the wall."""
    end = END.astimezone(ZoneInfo("Europe/Lisbon"))
    assert window(end, 30)[0] == END - timedelta(hours=720)


def test_the_notices_come_in_their_order() -> None:
    assert list(NOTICE_DAYS) == sorted(NOTICE_DAYS, reverse=True)
    assert NOTICE_DAYS == (30, 14, 7, 1, 0)


def test_the_statement_is_what_every_page_and_program_writes() -> None:
    made_at = datetime(2026, 11, 20, 23, 59, 59, 999_999, tzinfo=ZoneInfo("Asia/Macau"))
    head = statement_head("0b5c", ["1f", "a0"])
    assert statement(head, ["aa" * 32, "bb" * 32], "c0ffee", made_at) == (
        b"Sigillum renewal 1\n"
        b"order: 0b5c\n"
        b"serial: 1f\n"
        b"serial: a0\n"
        b"csr-sha256: " + b"aa" * 32 + b"\n"
        b"csr-sha256: " + b"bb" * 32 + b"\n"
        b"nonce: c0ffee\n"
        b"time: 2026-11-20T15:59:59Z\n"
    )
    assert in_words(made_at) == "2026-11-20T15:59:59Z"


@pytest.mark.parametrize(
    ("content", "nonce"),
    [
        (b"a\nnonce: c0ffee\nb\n", "c0ffee"),
        (b"", ""),
        (b"nonce: 1\nnonce: 2\n", ""),
        (b"x nonce: 1\n", ""),
        (b"nonce: \xff\n", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_the_nonce_is_read_from_its_line(content: bytes, nonce: str) -> None:
    assert nonce_in(content) == nonce
