"""Asking for the numbers of one's certificates."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import DoorForm
from notifications.rules import is_plain_address


class NumbersForm(DoorForm):
    """The mailbox that the numbers are sent to, and the picture's digits or the calculation."""

    username = None  # type: ignore[assignment]  # Django's way to leave out a field of the parent class
    password = None  # type: ignore[assignment]  # the same
    field_order = ("email",)

    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("The one in your certificate, or the one that you are registered with."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        """An address that a mail can go to."""
        email = str(self.cleaned_data["email"])
        if not is_plain_address(email):
            raise ValidationError(_("This is not an e-mail address. Give one such as name@example.com."))
        return email
