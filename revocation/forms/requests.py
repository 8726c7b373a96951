"""Asking for a revocation: with the challenge phrase, signed in, from a paper form."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.forms import DoorForm
from ca.errors import NameNotAllowed
from ca.names import check_text
from revocation.reasons import offered
from revocation.rules import LONGEST_NAMED, MOST_AT_ONCE, names_in, plain_name
from revocation.states import Door, Reason

_LONGEST_PHRASE = 1000  # characters; longer ones are nobody's phrase
_LONGEST_EXPLANATION = 2000
_LONGEST_LIST = 200_000
_LONGEST_FORM_NUMBER = 40


class WhyForm(forms.Form):
    """Why, in plain words and in one's own; `door` says which reasons are offered."""

    door = Door.SIGNED_IN

    reason = forms.ChoiceField(label=_("Why is it to be revoked?"), widget=forms.RadioSelect)
    explanation = forms.CharField(
        label=_("What happened"),
        required=False,
        max_length=_LONGEST_EXPLANATION,
        help_text=_("Whatever helps the registration desk to decide. Do not write passwords or keys here."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what stands above
        field.choices = [(one.value, one.label) for one in offered(self.door)]

    def clean_reason(self) -> Reason:
        """The reason that was chosen."""
        return Reason(self.cleaned_data["reason"])


class PhraseForm(WhyForm, DoorForm):
    """The visitor's door: a certificate and its challenge phrase, and the picture's digits or the calculation."""

    door = Door.PHRASE
    username = None  # type: ignore[assignment]  # Django's way to leave out a field of the parent class
    password = None  # type: ignore[assignment]  # the same
    field_order = ("named", "phrase", "reason", "scope", "explanation")

    named = forms.CharField(
        label=_("Number or serial number of the certificate"),
        max_length=LONGEST_NAMED,
        help_text=_("The number has ten digits and stands in the mail that told you of the certificate."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    phrase = forms.CharField(
        label=_("Challenge phrase"),
        max_length=_LONGEST_PHRASE,
        strip=False,
        help_text=_(
            "The one that you chose when you ordered the certificate. Capital or small letters make no difference."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("How much"),
        choices=[
            ("pair", _("this certificate, and the one that was issued together with it")),
            ("one", _("only this certificate")),
        ],
        initial="pair",
        widget=forms.RadioSelect,
    )

    def clean_named(self) -> str:
        """What can be neither number nor serial number was mistyped, which tells nothing of others."""
        named = str(self.cleaned_data["named"])
        if plain_name(named) == ("", ""):
            raise ValidationError(
                _("This is neither a number nor a serial number: only digits, and letters from A to F.")
            )
        return named


class PaperForm(WhyForm):
    """What a registration officer copies from a paper form: which certificates, or whose."""

    door = Door.PAPER
    field_order = ("form_number", "names", "organisation", "reason", "explanation")

    form_number = forms.CharField(
        label=_("Number of the paper form"),
        max_length=_LONGEST_FORM_NUMBER,
        help_text=_("The form is kept and found again under this number."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    names = forms.CharField(
        label=_("Numbers or serial numbers of the certificates"),
        required=False,
        max_length=_LONGEST_LIST,
        help_text=_("One on each line."),
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
    )
    organisation = forms.CharField(
        label=_("Or all valid certificates of the organisation with this company number"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_form_number(self) -> str:
        """One line of text."""
        number = str(self.cleaned_data["form_number"])
        try:
            check_text(number, _LONGEST_FORM_NUMBER)
        except NameNotAllowed as error:
            raise ValidationError(_("This holds invisible or control characters. Type it again.")) from error
        return number

    def clean_organisation(self) -> str:
        """The company number in half-width capitals, as it is registered."""
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["organisation"]).upper().split())

    def clean_names(self) -> list[str]:
        """The lines, each once."""
        names = names_in(self.cleaned_data["names"])
        if len(names) > MOST_AT_ONCE:
            raise ValidationError(
                _("One request holds at most %(most)d certificates. Enter the others in a request of their own."),
                params={"most": MOST_AT_ONCE},
            )
        return names

    def clean(self) -> dict[str, Any]:
        """Either a list or an organisation."""
        data = self.cleaned_data
        if "names" in data and bool(data["names"]) == bool(data.get("organisation")):
            self.add_error("names", _("Give either a list of certificates or the number of an organisation."))
        return data
