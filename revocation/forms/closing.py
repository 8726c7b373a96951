"""Closing one's account."""

from django import forms
from django.utils.translation import gettext_lazy as _

_LONGEST = 512  # characters; longer ones are not hashed at all


class ClosingForm(forms.Form):
    """The password once more, and that the consequences were read."""

    understood = forms.BooleanField(
        label=_("I have read what happens, and I want to close my account."),
        error_messages={"required": _("Tick this box to close the account; without it nothing happens.")},
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=_LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
