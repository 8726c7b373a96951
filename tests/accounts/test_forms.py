"""What the doors' forms let through, and what they say otherwise."""

import pytest

from accounts.forms import (
    ChangePasswordForm,
    CodeForm,
    EmailForm,
    ListingForm,
    NewPasswordForm,
    OfficerDoorForm,
    SubscriberDoorForm,
)
from accounts.rules import account_number, in_groups

NUMBER = account_number()


def door(**changes: str) -> SubscriberDoorForm:
    data = {"username": NUMBER, "password": " with spaces ", "captcha_0": "k", "captcha_1": "12345"} | changes
    return SubscriberDoorForm(data)


def test_an_account_number_is_taken_as_people_type_it() -> None:
    form = door(username=f" {in_groups(NUMBER).lower()} ")
    assert form.is_valid()
    assert form.cleaned_data["username"] == NUMBER
    assert form.cleaned_data["password"] == " with spaces "


def test_a_mistyped_account_number_is_told_before_anything_is_tried() -> None:
    wrong = NUMBER[:-1] + ("A" if NUMBER[-1] != "A" else "B")
    assert "Compare it with your passcode slip" in str(door(username=wrong).errors["username"])


def test_either_the_digits_or_the_calculation_is_needed() -> None:
    assert "Type the digits" in str(door(captcha_1="").errors["captcha_1"])
    assert door(captcha_1="", work="42", work_challenge="c").is_valid()


def test_a_password_longer_than_anybody_types_is_never_hashed() -> None:
    assert "password" in door(password="x" * 513).errors


def test_digits_are_never_shown_again() -> None:
    assert "12345" not in str(door()["captcha_1"])


def test_an_officer_s_name_is_normalised() -> None:
    form = OfficerDoorForm({"username": " Chan ", "password": "x", "captcha_1": "1"})
    assert form.is_valid()
    assert form.cleaned_data["username"] == "chan"


@pytest.mark.parametrize("typed", ["123456", "123 456", " 123456 "])
def test_a_code_is_taken_with_the_app_s_space(typed: str) -> None:
    form = CodeForm({"code": typed})
    assert form.is_valid()
    assert form.cleaned_data["code"] == "123456"


def test_a_new_password_is_typed_twice() -> None:
    assert NewPasswordForm({"new": "a b", "again": "a b"}).is_valid()
    assert "differ" in str(NewPasswordForm({"new": "a", "again": "b"}).errors["again"])


def test_a_change_asks_for_the_present_password_first() -> None:
    assert list(ChangePasswordForm().fields) == ["old", "new", "again"]
    assert "old" in ChangePasswordForm({"new": "a", "again": "a"}).errors


def test_the_consent_to_be_listed_may_stay_unticked() -> None:
    for sent, listed in (({}, False), ({"listed": "on"}, True)):
        form = ListingForm(sent)
        assert form.is_valid()
        assert form.cleaned_data == {"listed": listed}


def test_a_change_of_address_needs_both_address_and_password() -> None:
    form = EmailForm({"email": " new@example.org ", "password": " with blanks "})
    assert form.is_valid()
    assert form.cleaned_data == {"email": "new@example.org", "password": " with blanks "}
    assert set(EmailForm({}).errors) == {"email", "password"}
