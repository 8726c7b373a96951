"""What the renewal page sends: agreement, proof, requests and phrases in one form."""

import base64
import binascii
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ca.cms import LARGEST_CMS
from certificates.forms import AgreementForm, KeyForm

_SIGNATURE, _PHRASE = "signature", "phrase"
_LONGEST_PROOF = (LARGEST_CMS + 3) // 3 * 4 + 1000  # base64, with its line breaks


class RenewalForm(AgreementForm, KeyForm):
    """The tick under the agreement, the proof by signature or phrase, requests, and maybe a new challenge phrase."""

    proof_kind = forms.ChoiceField(
        choices=[(_SIGNATURE, _("with the key of the old certificate")), (_PHRASE, _("with my challenge phrase"))],
        error_messages={"required": _("Choose how you show that it is you.")},
    )
    proof = forms.CharField(required=False, max_length=_LONGEST_PROOF, widget=forms.HiddenInput)
    phrase = forms.CharField(
        label=_("Your challenge phrase"),
        required=False,
        max_length=1000,
        strip=False,
        help_text=_("The one you chose when you applied for the old certificate."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, needed: int, **options: Any) -> None:
        super().__init__(*args, needed=needed, **options)
        for name in ("challenge", "challenge_again"):
            self.fields[name].required = False
        self.fields["challenge"].label = _("New challenge phrase")
        self.fields["challenge_again"].label = _("New challenge phrase again")
        self.signature = b""

    def clean(self) -> dict[str, Any]:
        """The chosen proof is there, and a signature is base64."""
        data = super().clean()
        if data.get("proof_kind") == _SIGNATURE and "proof" not in self.errors:
            self.signature = self._signature(data.get("proof", ""))
            if not self.signature:
                self.add_error(None, _("No signature came. Sign again in this page, or use the challenge phrase."))
        if data.get("proof_kind") == _PHRASE and not data.get("phrase", "").strip():
            self.add_error("phrase", _("Type the challenge phrase of the certificate that is to be renewed."))
        return data

    def _signature(self, text: str) -> bytes:
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):  # ValueError: characters beyond ASCII
            return b""
