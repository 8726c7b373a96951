"""Numbers, passcodes, passwords, work and network addresses."""

import hashlib
from itertools import count

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings

from accounts import rules


def test_account_numbers_are_well_formed_and_differ() -> None:
    numbers = {rules.account_number() for _ in range(200)}
    assert len(numbers) == 200
    assert all(rules.is_account_number(number) and len(number) == 12 for number in numbers)


def test_the_check_character_finds_every_wrong_character_and_every_swap() -> None:
    number = rules.account_number()
    for place, right in enumerate(number):
        for other in set(rules.ALPHABET) - {right}:
            assert not rules.is_account_number(number[:place] + other + number[place + 1 :])
    for place in range(11):
        left, right = number[place], number[place + 1]
        if left != right:
            assert not rules.is_account_number(number[:place] + right + left + number[place + 2 :])


@pytest.mark.parametrize("text", ["", "ABC", "O0O0O0O0O0O0", "2" * 13, "2345-6789"])
def test_what_is_no_account_number(text: str) -> None:
    assert not rules.is_account_number(text)


def test_an_account_number_is_read_however_it_is_typed() -> None:
    number = rules.account_number()
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    for typed in (rules.in_groups(number), number.lower(), f" {number[:4]} {number[4:]} ", wide):
        assert rules.normalise_account(typed) == number


def test_groups_of_four() -> None:
    assert rules.in_groups("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"


def test_passcodes_have_no_look_alikes() -> None:
    passcodes = {rules.new_passcode() for _ in range(200)}
    assert len(passcodes) == 200
    assert not set("".join(passcodes)) & set("01OIL")
    assert all(len(passcode) == 12 for passcode in passcodes)


def test_a_composed_and_a_decomposed_password_are_the_same() -> None:
    assert rules.normalise_password("Cora\u0063\u0327a\u0303o") == rules.normalise_password("Cora\u00e7\u00e3o")


@pytest.mark.parametrize("name", ["ana", "chan.k-3", "a23"])
def test_officer_names(name: str) -> None:
    assert rules.is_officer_name(name)


@pytest.mark.parametrize("name", ["an", "Ana", "3ana", "ana silva", "a" * 31, "陳大文", ""])
def test_what_is_no_officer_name(name: str) -> None:
    assert not rules.is_officer_name(name)


def test_an_officer_name_is_never_an_account_number() -> None:
    letters = "abcdefghjkmnpqrstuvwxyz"
    body = "abcdefghjkm"
    twin = next(body + last for last in letters if rules.is_account_number((body + last).upper()))
    assert not rules.is_officer_name(twin)


@pytest.mark.parametrize(("length", "fits"), [(11, False), (12, True), (128, True), (129, False)])
def test_length_of_a_password(length: int, fits: bool) -> None:
    validator = rules.LengthValidator()
    if fits:
        validator.validate("x" * length)
    else:
        with pytest.raises(ValidationError, match="12 to 128"):
            validator.validate("x" * length)


@override_settings(PASSWORD_MIN_LENGTH=6, PASSWORD_MAX_LENGTH=16)
def test_a_site_may_set_the_lengths() -> None:
    rules.LengthValidator().validate("x" * 6)
    with pytest.raises(ValidationError):
        rules.LengthValidator().validate("x" * 17)


def test_a_common_password_is_refused_in_our_own_words() -> None:
    with pytest.raises(ValidationError, match="most common"):
        rules.NotCommonValidator().validate("password1234")
    assert rules.NotCommonValidator().get_help_text() == "The password is not a common one."


class Holder:
    """Somebody of whom everybody knows these words."""

    password_must_differ_from = ("ABCD2345EFGH", "Mei", "Chan-Siqueira", "mei.chan@example.org")


@pytest.mark.parametrize("password", ["my-CHAN-siqueira-99", "abcd2345efgh!", "mei.chan@example.org1"])
def test_a_password_like_the_holder_is_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="not like your name"):
        rules.NotLikeAccountValidator().validate(password, Holder())


@pytest.mark.parametrize("password", ["correct-battery-Staple-7", "meistersinger-von-777"])
def test_other_passwords_pass(password: str) -> None:
    rules.NotLikeAccountValidator().validate(password, Holder())
    rules.NotLikeAccountValidator().validate(password, None)


def test_picture_digits_are_digits_only() -> None:
    shown, typed = rules.picture_digits()
    assert shown == typed
    assert len(shown) == 5
    assert shown.isascii()
    assert shown.isdigit()


def test_full_width_digits_count() -> None:
    assert rules.normalise_digits(" １２ 345 ") == "12345"


def test_work_is_judged_by_its_leading_zero_bits() -> None:
    nonce = next(str(n) for n in count() if hashlib.sha256(f"c:{n}".encode()).digest()[0] == 0)
    assert rules.is_work("c", nonce, bits=8)
    assert not rules.is_work("c", nonce, bits=40)
    assert not rules.is_work("another", nonce, bits=16)


def test_the_network_address_is_the_connection_s_own() -> None:
    meta = {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "203.0.113.1"}
    assert rules.network_address(meta) == "192.0.2.7"


@override_settings(BEHIND_PROXY=True)
def test_behind_our_proxy_the_last_forwarded_address_counts() -> None:
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.1, 198.51.100.9"}
    assert rules.network_address(meta) == "198.51.100.9"


def test_an_ipv6_site_is_one_place() -> None:
    first = rules.network_address({"REMOTE_ADDR": "2001:db8:1:2::3"})
    assert first == rules.network_address({"REMOTE_ADDR": "2001:db8:1:2:ffff::1"})
    assert first != rules.network_address({"REMOTE_ADDR": "2001:db8:1:3::3"})


def test_nonsense_is_one_place_too() -> None:
    assert rules.network_address({"REMOTE_ADDR": "somewhere"}) == rules.network_address({})


@pytest.mark.parametrize(
    ("number", "shown"),
    [("1234567(8)", "1••••••(8)"), ("A123456789", "A••••••789"), ("12345", "•••••"), ("", "")],
)
def test_id_numbers_are_masked(number: str, shown: str) -> None:
    assert rules.masked(number) == shown
    assert len(rules.masked(number)) == len(number)
