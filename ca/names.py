"""Names in certificates: what may stand in them, and how a subject is put together from the registration."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca.errors import CountryNotAllowed, MailboxNotAllowed, NameEmpty, NameHoldsControls, NameTooLong
from ca.profiles.model import Template

# RFC 5280 appendix A.1: ub-common-name and its kin are 64 characters, ub-emailaddress-length is 255 and
# RFC 5321 4.5.3.1 leaves 254 of them to a mailbox.
LONGEST_NAME = 64
LONGEST_MAILBOX = 254
LONGEST_LOCAL_PART = 64

SUBJECT_FIELDS = {
    "country": NameOID.COUNTRY_NAME,
    "organisation": NameOID.ORGANIZATION_NAME,
    "organisation_unit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "organisation_identifier": NameOID.ORGANIZATION_IDENTIFIER,
    "common_name": NameOID.COMMON_NAME,
    "given_name": NameOID.GIVEN_NAME,
    "family_name": NameOID.SURNAME,
    "subscriber_number": NameOID.SERIAL_NUMBER,
    "email": NameOID.EMAIL_ADDRESS,
}

# RFC 4514 has short names for few attributes; a number would tell nobody anything.
NAMES_IN_WORDS = {
    NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier",
    NameOID.GIVEN_NAME: "givenName",
    NameOID.SURNAME: "surname",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.EMAIL_ADDRESS: "emailAddress",
}

# Control, format (bidi overrides, zero width), surrogate and separator characters: nobody sees them, programs
# do.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_COUNTRY = re.compile(r"[A-Z]{2}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAILBOX = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]+")  # X.680 PrintableString


@dataclass(frozen=True)
class Registered:
    """What the registration desk verified about a person. Only from here do names reach a certificate."""

    country: str = ""
    common_name: str = ""
    given_name: str = ""
    family_name: str = ""
    subscriber_number: str = ""
    email: str = ""
    organisation: str = ""
    organisation_unit: str = ""
    organisation_identifier: str = ""


def check_text(value: str, longest: int = LONGEST_NAME) -> None:
    """Raise NameEmpty, NameTooLong (over `longest` characters) or NameHoldsControls unless `value` is fit."""
    if not value.strip():
        raise NameEmpty
    if len(value) > longest:
        raise NameTooLong(f"{len(value)} characters, {longest} allowed")
    if any(unicodedata.category(character) in _UNSEEN_CATEGORIES for character in value):
        raise NameHoldsControls


def check_mailbox(value: str) -> None:
    """Raise a NameNotAllowed unless `value` is a plain ASCII mailbox (RFC 5280 4.2.1.6, rfc822Name)."""
    check_text(value, LONGEST_MAILBOX)
    if not _MAILBOX.fullmatch(value) or len(value.partition("@")[0]) > LONGEST_LOCAL_PART:
        raise MailboxNotAllowed


def check_country(value: str) -> None:
    """Raise CountryNotAllowed unless `value` is two capital letters (ISO 3166-1)."""
    if not _COUNTRY.fullmatch(value):
        raise CountryNotAllowed


def _check_field(field: str, value: str) -> None:
    if field == "country":
        check_country(value)
    elif field == "email":
        check_mailbox(value)
    else:
        check_text(value)
        # serialNumber is a PrintableString (RFC 5280 appendix A.1), which the builder does not check.
        if field == "subscriber_number" and not _PRINTABLE.fullmatch(value):
            raise NameHoldsControls(field)


def name_of(fields: Iterable[tuple[str, str]]) -> x509.Name:
    """A name from (field, text) pairs, one attribute in each RDN. Raises NameNotAllowed for a bad text."""
    attributes = []
    for field, value in fields:
        _check_field(field, value)
        try:
            attributes.append(x509.NameAttribute(SUBJECT_FIELDS[field], value))
        except ValueError as error:
            # RFC 5280 counts characters, the builder octets of UTF-8: a name full of accents is longer to it.
            raise NameTooLong(f"{field}: {error}") from error
    return x509.Name(attributes)


def subject(template: Template, registered: Registered) -> x509.Name:
    """The subject that `template` makes of a registration, in the template's order.

    An optional field that is empty is left out. Raises NameNotAllowed for the first value that may not stand
    there.
    """
    values = [(field, str(getattr(registered, source, source))) for field, source in template.subject]
    return name_of((field, value) for field, value in values if value or field not in template.optional)
