"""Which addresses may reach a header, and how long to wait."""

from datetime import timedelta

import pytest

from ca.names import check_mailbox
from notifications.rules import MAX_ATTEMPTS, back_off, is_plain_address

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
