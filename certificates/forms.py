"""What is sent with an order, and what a visitor may look for in the public directory."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ca.csr import LARGEST_CSR
from certificates.errors import ItemsMissing
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


class AgreementForm(forms.Form):
    """The tick under the agreement, and which version was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    accept = forms.BooleanField(
        label=_("I have read this agreement and accept it."),
        error_messages={"required": _("Tick this box to accept the agreement; without it no certificate is issued.")},
    )


class KeyForm(forms.Form):
    """The challenge phrase twice, and one signing request for each certificate: from the page, pasted or uploaded."""

    key_source = forms.ChoiceField(
        choices=[("browser", _("make the key in this browser")), ("own", _("send a signing request of my own"))],
        required=False,
    )
    challenge = forms.CharField(
        label=_("Challenge phrase"),
        strip=False,
        help_text=_(
            "Letters, digits and spaces, at least 8. With it you can have the certificate revoked without signing in."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    challenge_again = forms.CharField(
        label=_("Challenge phrase again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, needed: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.needed = needed
        self.csrs: tuple[bytes, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Both phrases are alike; as many requests as there are certificates."""
        data = self.cleaned_data
        first, second = data.get("challenge"), data.get("challenge_again")
        if first is not None and second is not None and first != second:
            self.add_error("challenge_again", _("The two challenge phrases are not the same. Type both again."))
        self.csrs = (*self._pasted(), *self._uploaded())
        if len(self.csrs) != self.needed:
            self.add_error(None, self._wrong_number())
        return data

    def _pasted(self) -> list[bytes]:
        texts = self.data.getlist("csr") if hasattr(self.data, "getlist") else []
        return [text.encode() for text in texts if text.strip()]

    def _uploaded(self) -> list[bytes]:
        files = self.files.getlist("csr_file") if hasattr(self.files, "getlist") else []
        # One octet over the limit is enough to be refused for its size; the rest of a large file is never read.
        return [file.read(LARGEST_CSR + 1) for file in files if isinstance(file, UploadedFile)]

    def _wrong_number(self) -> Any:
        if not self.csrs:
            return _("No signing request came. Make the key in this page, or paste or choose a request of your own.")
        return ItemsMissing.text
