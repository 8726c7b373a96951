"""Which addresses may reach a header, and how long to wait."""

from datetime import timedelta

import pytest

from ca.names import check_mailbox
from notifications.rules import MAX_ATTEMPTS, back_off, failure_in_words, in_one_line, is_plain_address, left_behind

# Whatever the desk may register can be written to.
LONGEST = "a@" + ".".join(["d" * 62] * 4)
check_mailbox(LONGEST)


@pytest.mark.parametrize("address", ["a@example.com", "ana.sousa+x@mail.example.mo", "o'hara@example.com", LONGEST])
def test_plain_addresses(address: str) -> None:
    assert is_plain_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b\r\nBcc: c@d",
        "a@b\nc",
        "a@example.com\0.evil.com",
        "陳@example.com",
        "a b@c.de",
        "<a@b.cd>",
        "a@b.cd,e@f.gh",
        "aaaa" + LONGEST,
    ],
)
def test_addresses_that_could_break_a_header(address: str) -> None:
    assert not is_plain_address(address)


def test_waiting_grows_and_ends_after_about_a_day() -> None:
    waits = [back_off(n) for n in range(1, MAX_ATTEMPTS)]
    assert waits == sorted(waits)
    assert timedelta(hours=20) < sum(waits, timedelta()) < timedelta(hours=28)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("ConnectionRefusedError", "could not be reached"),
        ("550 5.1.1 no such user", "no such address"),
        ("550 nobody here", "no such address"),
        ("554 5.7.1 spam", "unwanted"),
        ("452 4.2.2 over quota", "full for a whole day"),
        ("451 busy", "put the mail off"),
        ("5.2.2 over quota", "mailbox is full"),
        ("541 odd", "refused the mail"),
        ("cannot be written", "Tell the operator"),
        ("the worker stopped", "Tell the operator"),
        ("", "could not be reached"),
    ],
)
def test_failures_in_words(error: str, said: str) -> None:
    assert said in str(failure_in_words(error))


def test_a_worker_is_lost_after_all_answers_that_it_may_wait_for() -> None:
    assert left_behind(30) > timedelta(seconds=8 * 30)
    assert left_behind(30) <= timedelta(minutes=5)


def test_what_stands_in_a_header_is_one_visible_line() -> None:
    assert in_one_line(" a\r\nb\t c\0\x1b\u202e\u2028d ") == "a b c d"
