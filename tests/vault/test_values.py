"""Sealed values say nothing, move nowhere, and survive a change of keys."""

import hashlib
import hmac

import pytest
from pytest_django import Settings

from vault.values import Unreadable, blind_index, seal, unseal


def test_what_was_sealed_comes_back() -> None:
    sealed = seal("1234567(8)", "t.c")
    assert unseal(sealed, "t.c") == "1234567(8)"
    assert "1234567" not in sealed
    assert seal("1234567(8)", "t.c") != sealed


@pytest.mark.parametrize("spoil", [lambda s: s[:-4] + "AAA=", lambda s: "other" + s[s.index(".") :], lambda s: "k1.!"])
def test_an_altered_value_is_unreadable(spoil) -> None:  # type: ignore[no-untyped-def]  # three lambdas
    with pytest.raises(Unreadable):
        unseal(spoil(seal("x", "t.c")), "t.c")


def test_a_value_copied_to_another_place_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        unseal(seal("x", "t.c"), "t.other")


def test_keys_are_rotated_by_adding_a_first_one(settings: Settings) -> None:
    old = seal("x", "t.c")
    settings.FIELD_KEYS = {"new": b"n" * 32, **settings.FIELD_KEYS}
    assert unseal(old, "t.c") == "x"
    assert seal("x", "t.c").startswith("new.")


def test_equal_values_have_equal_indexes_in_one_place_only() -> None:
    assert blind_index("A123", "t.c") == blind_index("A123", "t.c")
    assert blind_index("A123", "t.c") != blind_index("A123", "t.d")
    assert blind_index("A123", "t.c") != blind_index("A124", "t.c")
    assert "A123" not in blind_index("A123", "t.c")


def test_an_index_is_not_made_with_the_key_that_encrypts(settings: Settings) -> None:
    settings.FIELD_KEYS = {"k": b"k" * 32}
    plain = hmac.new(b"k" * 32, b"t.c\0A123", hashlib.sha256).hexdigest()
    assert blind_index("A123", "t.c") != f"k.{plain}"
