"""How people write numbers of certificates."""

import pytest

from revocation.rules import names_in, plain_name

SERIAL = "4f0a0b0c0d0e0f10111213141516171819202122"


@pytest.mark.parametrize(
    "typed",
    [
        SERIAL,
        SERIAL.upper(),
        f"00{SERIAL}",
        f"0x{SERIAL}",
        " ".join(SERIAL[at : at + 2] for at in range(0, 40, 2)),
        ":".join(SERIAL[at : at + 2] for at in range(0, 40, 2)).upper(),
        "00:" + ":".join(SERIAL[at : at + 2] for at in range(0, 40, 2)),
        f"\t{SERIAL[:20]}\u00a0{SERIAL[20:]} ",
        "".join(chr(ord(character) + 0xFEE0) for character in SERIAL),
    ],
)
def test_a_serial_number_is_read_however_it_is_typed(typed: str) -> None:
    assert plain_name(typed) == ("", SERIAL)


@pytest.mark.parametrize("typed", ["0012345678", "00 1234 5678", "001-234-5678", "12345678", "００１２３４５６７８"])
def test_ten_digits_may_be_a_number_or_a_serial_number(typed: str) -> None:
    assert plain_name(typed) == ("0012345678", "12345678")


@pytest.mark.parametrize("typed", ["", "no number", "½", "12345678z", "1" * 65, "f" * 201, "\0", "٣٤", "0x"])
def test_what_is_neither(typed: str) -> None:
    assert plain_name(typed) == ("", "")


def test_a_list_is_read_line_by_line_and_each_once() -> None:
    assert names_in(" 1 2 \r\n3;4，5\n\n 3 ,1 2") == ["1 2", "3", "4", "5"]
    assert names_in("") == []
