"""The forms of the doors: field checks only, the services decide."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.rules import is_account_number, normalise_account, normalise_officer_name

_LONGEST = 512  # characters; longer ones are not hashed at all


def _rules() -> str:
    return " ".join(password_validators_help_texts())


class TypedOnce(forms.TextInput):
    """An input that is empty whenever it is shown: what was typed belongs to a picture that is used up."""

    def format_value(self, value: object) -> None:
        """Nothing."""
        return


class DoorForm(forms.Form):
    """What every door asks for: a name, a password, and the picture's digits or the calculation instead."""

    username = forms.CharField(max_length=40)
    password = forms.CharField(
        label=_("Password"),
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    captcha_0 = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    captcha_1 = forms.CharField(
        label=_("Digits of the picture"),
        help_text=_("Type the digits that you see or hear. They show us that no program is trying passwords."),
        max_length=20,
        required=False,
        widget=TypedOnce(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-control-code"}),
    )
    work_challenge = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    work = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ask for the digits where no calculation was done either."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("work") and not cleaned.get("captcha_1") and "captcha_1" not in self.errors:
            self.add_error("captcha_1", _("Type the digits of the picture."))
        return cleaned


class SubscriberDoorForm(DoorForm):
    """The subscribers' door: the account number of the slip."""

    username = forms.CharField(
        label=_("Account number"),
        help_text=_("12 letters and digits, printed on your passcode slip, such as ABCD-EFGH-JKMN."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_username(self) -> str:
        """Normalise; a number whose check character is wrong was mistyped, which tells nothing of others."""
        number = normalise_account(self.cleaned_data["username"])
        if not is_account_number(number):
            raise ValidationError(
                _("This is not an account number. Compare it with your passcode slip, character by character.")
            )
        return number


class OfficerDoorForm(DoorForm):
    """The officers' door: a sign-in name."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def clean_username(self) -> str:
        """Normalise."""
        return normalise_officer_name(self.cleaned_data["username"])


class CodeForm(forms.Form):
    """The one-time code of the officer's app."""

    code = forms.CharField(
        label=_("One-time code"),
        help_text=_("The 6 digits that your authenticator app shows now."),
        max_length=10,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "form-control-code",
            }
        ),
    )

    def clean_code(self) -> str:
        """Drop the space that apps show in the middle."""
        return "".join(str(self.cleaned_data["code"]).split())


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    new = forms.CharField(
        label=_("New password"),
        help_text=lazy(_rules, str)(),
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password again"),
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two passwords that differ."""
        cleaned = super().clean() or self.cleaned_data
        if "new" in cleaned and "again" in cleaned and cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("The two passwords differ. Type the new password twice."))
        return cleaned


class ChangePasswordForm(NewPasswordForm):
    """The present password, and a new one twice."""

    old = forms.CharField(
        label=_("Present password"),
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "new", "again")


class EmailForm(forms.Form):
    """A new address, and the password of who asks for it."""

    email = forms.CharField(
        label=_("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Your password"),
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ListingForm(forms.Form):
    """The consent to be found in the public directory."""

    listed = forms.BooleanField(
        label=_("Everybody may find my certificates with the public search."),
        help_text=_(
            "Anybody can then find your certificates by your name or e-mail address, with everything that stands in "
            "them, and send you encrypted mail. You need not agree to get a certificate, and you may change this at "
            "any time under My details."
        ),
        required=False,
    )
