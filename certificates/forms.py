"""What a visitor may look for in the public directory."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from certificates.rules import looked_for

_LEAST = 2  # characters of a name; one letter would only leaf through the directory


class SearchForm(forms.Form):
    """One field for everything that somebody may know of a certificate."""

    q = forms.CharField(
        label=_("E-mail address, name, serial number or certificate number"),
        help_text=_(
            "The whole e-mail address; the name as it stands in the certificate, given name first, or at least its "
            "first 3 letters; or the whole number."
        ),
        max_length=254,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_q(self) -> str:
        """Refuse what would find half the directory."""
        text: str = self.cleaned_data["q"]
        if len(looked_for(text).text) < _LEAST:
            raise ValidationError(_("Type at least two letters of the name, or the whole e-mail address or number."))
        return text
