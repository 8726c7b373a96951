"""Reporting a problem with a certificate: whoever somebody is."""

import base64
import re
import unicodedata
from hashlib import sha256

from cryptography import x509
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import DoorForm
from notifications.rules import is_plain_address
from revocation.rules import plain_name
from revocation.states import Trouble

LONGEST_EVIDENCE = 20_000  # octets in UTF-8
_LONGEST_CERTIFICATE = 16_000
_LONGEST_SERIAL = 40  # hex digits, RFC 5280 4.1.2.2
_FINGERPRINT_DIGITS = 64
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
# Controls, surrogates, and the marks that turn the direction of text around: an officer must read what stands there.
_UNSEEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def _is_unseen(character: str) -> bool:
    return character in _UNSEEN or (unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t")


class ReportForm(DoorForm):
    """What the trouble is, with which certificate, how one knows, and where the answer goes."""

    username = None  # type: ignore[assignment]  # Django's way to leave out a field of the parent class
    password = None  # type: ignore[assignment]  # the same
    field_order = ("trouble", "certificate", "evidence", "email")

    trouble = forms.ChoiceField(label=_("What is the trouble?"), choices=Trouble.choices, widget=forms.RadioSelect)
    certificate = forms.CharField(
        label=_("Which certificate?"),
        required=False,
        max_length=_LONGEST_CERTIFICATE,
        help_text=_(
            "Its number, serial number or SHA-256 fingerprint, or the certificate itself (PEM). Leave this empty if "
            "you do not know it."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )
    evidence = forms.CharField(
        label=_("What happened, and how do you know?"),
        max_length=LONGEST_EVIDENCE,
        help_text=_("Words only, at most 20 kB. A private key or a signed statement may be pasted here, too."),
        widget=forms.Textarea(attrs={"rows": 10, "autocomplete": "off", "spellcheck": "false"}),
    )
    email = forms.CharField(
        label=_("Your e-mail address"),
        required=False,
        max_length=254,
        help_text=_("For our answer. The holder of the certificate does not learn it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_certificate(self) -> str:
        """The certificate as it is looked for: its fingerprint in hex digits, or a number or serial number."""
        typed = str(self.cleaned_data["certificate"])
        if "-----" in typed:
            return _fingerprint(typed)
        number, serial = plain_name(typed)
        plain = number or serial
        is_fingerprint = len(re.sub(r"[\s:-]", "", typed)) == _FINGERPRINT_DIGITS
        if typed and (not plain or (len(plain) > _LONGEST_SERIAL and not is_fingerprint)):
            raise ValidationError(
                _("This is no number, serial number or fingerprint, and no certificate either. Compare it once more.")
            )
        return plain.zfill(_FINGERPRINT_DIGITS) if is_fingerprint else plain

    def clean_evidence(self) -> str:
        """Plain text with line ends as they are stored."""
        evidence = "\n".join(str(self.cleaned_data["evidence"]).splitlines())
        if len(evidence.encode("utf-8", "surrogatepass")) > LONGEST_EVIDENCE:
            raise ValidationError(_("This is too long. Shorten it to 20 kB; you may send the rest in another report."))
        if any(map(_is_unseen, evidence)):
            raise ValidationError(_("This holds invisible or control characters. Send plain text without them."))
        return evidence

    def clean_email(self) -> str:
        """An address that a mail can go to, or none."""
        email = str(self.cleaned_data["email"])
        if email and not is_plain_address(email):
            raise ValidationError(_("This is not an e-mail address. Give one such as name@example.com, or none."))
        return email


def _fingerprint(pem: str) -> str:
    """The SHA-256 fingerprint of a pasted certificate."""
    found = _PEM.search(pem)
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
        x509.load_der_x509_certificate(der)
    except Exception as error:
        # The parser raises ValueError and more; to the sender all of them are the same.
        raise ValidationError(_("This certificate cannot be read. Paste all of it, from BEGIN to END.")) from error
    return sha256(der).hexdigest()
