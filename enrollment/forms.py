"""What officers and subscribers fill in, checked field by field."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.forms import SubscriberDoorForm
from accounts.rules import is_account_number, normalise_account
from accounts.states import IdentityKind
from ca.errors import NameNotAllowed
from ca.names import LONGEST_MAILBOX, LONGEST_NAME, check_country, check_mailbox, check_text
from certificates.rules import in_language
from enrollment.rules import (
    DOCUMENTS,
    RegistrationFacts,
    is_id_number,
    is_latin,
    is_telephone,
    offered,
    plain,
    plain_id_number,
)
from enrollment.states import Document

_LONGEST_TYPED = 1000  # characters; composing a text of marks costs the square of its length
_WRONG_NAME = {
    "name-empty": _("Fill this in."),
    "name-too-long": _("This is too long for a certificate. Shorten it to 64 characters."),
    "name-holds-controls": _("This holds invisible or control characters. Type it again instead of pasting it."),
    "country-not-allowed": _("Give the country as two letters, such as MO, TW, HK or PT."),
    "mailbox-not-allowed": _(
        "This address cannot stand in a certificate. Give a plain one such as name@example.com, in ASCII letters."
    ),
}


def _checked(value: str, check: Callable[[str], None]) -> str:
    """The value, after one of the CA's own checks of names."""
    try:
        check(value)
    except NameNotAllowed as error:
        raise ValidationError(_WRONG_NAME.get(error.code, _WRONG_NAME["name-holds-controls"])) from error
    return value


class NameField(forms.CharField):
    """A name as it may stand in a certificate; `latin` asks for Latin letters."""

    def __init__(self, *, latin: bool = False, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, strip=False, **options)
        self.latin = latin

    def clean(self, value: Any) -> str:
        """The name with single spaces; raises `ValidationError`."""
        short = isinstance(value, str) and len(value) <= _LONGEST_TYPED
        name = str(super().clean(plain(value) if short else value))
        if not name:
            return ""
        _checked(name, check_text)
        if self.latin and not is_latin(name):
            raise ValidationError(_("Give this in Latin letters, as in the passport."))
        return name


class IdNumberField(forms.CharField):
    """An ID or company number, in one form however it was typed."""

    def clean(self, value: Any) -> str:
        """The number in half-width capitals; raises `ValidationError`."""
        number = plain_id_number(super().clean(value))
        if number and not is_id_number(number):
            raise ValidationError(_("This is not an ID or company number: letters and digits, at least 4 of them."))
        return number


class RegistrationForm(forms.Form):
    """What an officer enters about an applicant of one kind; fields that the kind does not have are not there."""

    kind = forms.ChoiceField(choices=IdentityKind.choices, widget=forms.HiddenInput)
    id_number = IdNumberField(label=_("ID card or passport number"), max_length=40)
    given_name = NameField(label=_("Given name"), latin=True, required=False, help_text=_("In Latin letters."))
    middle_name = NameField(label=_("Middle name or nickname"), latin=True, required=False)
    family_name = NameField(label=_("Family name"), latin=True, required=False, help_text=_("In Latin letters."))
    name_chinese = NameField(label=_("Name in Chinese"), required=False)
    organisation_number = IdNumberField(label=_("Company number"), max_length=40)
    organisation_name = NameField(label=_("Name of the organisation"), help_text=_("As it will stand in certificates."))
    organisation_name_chinese = NameField(label=_("Name of the organisation in Chinese"), required=False)
    organisation_unit = NameField(label=_("Unit or department"), required=False)
    email = forms.CharField(
        label=_("E-mail address"), max_length=LONGEST_MAILBOX, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    telephone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    address = forms.CharField(label=_("Postal address"), max_length=200, required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, min_length=2, help_text=_("Two letters, such as MO, TW, HK or PT.")
    )
    account = forms.CharField(
        label=_("Account number"),
        required=False,
        max_length=20,
        help_text=_("Only for somebody who has an account already: no new slip is made then."),
    )
    language = forms.ChoiceField(label=_("Preferred language"), choices=settings.LANGUAGES)
    profiles = forms.MultipleChoiceField(label=_("Certificates wanted"), widget=forms.CheckboxSelectMultiple)
    documents_seen = forms.MultipleChoiceField(
        label=_("Documents seen"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick what you have seen and compared. All of these are needed."),
    )

    _PERSON = ("account", "id_number", "given_name", "middle_name", "family_name", "name_chinese", "address")
    _ORGANISATION = ("organisation_number", "organisation_name", "organisation_name_chinese", "organisation_unit")

    def __init__(self, *args: Any, kind: str, **options: Any) -> None:
        super().__init__(*args, **options)
        without = {IdentityKind.MAILBOX: self._PERSON + self._ORGANISATION, IdentityKind.PERSONAL: self._ORGANISATION}
        for name in without.get(IdentityKind(kind), ()):
            del self.fields[name]
        self.fields["kind"].initial = kind
        self.fields["language"].initial = settings.LANGUAGE_CODE
        language = get_language() or "en"
        self._choices("profiles", [(one.slug, in_language(one.title, language)) for one in offered(kind)])
        self._choices("documents_seen", [(one.value, Document(one).label) for one in DOCUMENTS[kind]])

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - tells the type checker what stands above
        field.choices = choices

    def clean_account(self) -> str:
        """The account number as it is stored, if one was given."""
        number = normalise_account(self.cleaned_data["account"])
        if number and not is_account_number(number):
            raise ValidationError(_("This is not an account number. Compare it with the slip, letter by letter."))
        return number

    def clean_email(self) -> str:
        """A plain ASCII mailbox."""
        return _checked(plain(self.cleaned_data["email"]), check_mailbox)

    def clean_country(self) -> str:
        """Two capital letters."""
        return _checked(self.cleaned_data["country"].upper(), check_country)

    def clean_telephone(self) -> str:
        """Digits, and what people write between them."""
        number = plain(self.cleaned_data["telephone"])
        if number and not is_telephone(number):
            raise ValidationError(_("Give digits only, with + in front for a foreign number."))
        return number

    def clean_address(self) -> str:
        """One line of text."""
        value = plain(self.cleaned_data["address"])
        return _checked(value, lambda text: check_text(text, 200)) if value else ""

    def clean(self) -> dict[str, Any]:
        """The parts of the name together."""
        data = self.cleaned_data
        if "given_name" in self.fields and not {"given_name", "middle_name", "family_name"} & self.errors.keys():
            name = " ".join(filter(None, (data["given_name"], data["middle_name"], data["family_name"])))
            if not data["given_name"] and not data["family_name"]:
                self.add_error("family_name", _("Give at least a family name or a given name."))
            elif len(name.encode()) > LONGEST_NAME:  # octets, as the rule counts
                self.add_error(
                    "given_name",
                    _("All names together are too long for a certificate. Shorten them to 64 characters in all."),
                )
        return data

    def facts(self) -> RegistrationFacts:
        """What was entered, for the service."""
        data = dict(self.cleaned_data)
        for name in ("profiles", "documents_seen"):
            data[name] = tuple(data[name])
        return RegistrationFacts(**data)


class ResetForm(forms.Form):
    """Whose password is to be reset, and how the officer made sure who is asking."""

    account = forms.CharField(label=_("Account number"), max_length=20)
    identity_check = forms.CharField(
        label=_("How the identity was checked"),
        max_length=200,
        help_text=_("For example: identity card seen at the counter, signed form received."),
    )

    def clean_account(self) -> str:
        """The account number as it is stored; typing mistakes are told."""
        number = normalise_account(self.cleaned_data["account"])
        if not is_account_number(number):
            raise ValidationError(_("This is not an account number. Compare it with the slip, letter by letter."))
        return number

    def clean_identity_check(self) -> str:
        """One line of text."""
        return _checked(plain(self.cleaned_data["identity_check"]), lambda text: check_text(text, 200))


class WishedResetForm(ResetForm):
    """The same for a wish that came over the public page, which names the account already."""

    account = None  # type: ignore[assignment]  # Django's way to leave out a field of the parent class


class DataErrorForm(forms.Form):
    """What is wrong about the registered data, in the subscriber's words."""

    text = forms.CharField(
        label=_("What is wrong, and what is right?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 6})
    )


class ResetWishForm(SubscriberDoorForm):
    """The account for which a new slip is wished, and the picture's digits or the calculation."""

    password = None  # type: ignore[assignment]  # Django's way to leave out a field of the parent class
