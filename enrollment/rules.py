"""What may be registered, and what comes before what. Pure functions, no database."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from accounts.states import IdentityKind
from ca.errors import NameTooLong
from ca.names import LONGEST_NAME, check_country, check_mailbox, check_text
from ca.profiles import Profile, load_profiles
from enrollment.errors import DocumentsMissing, ProfileNotForKind
from enrollment.states import Document, Step

_ALWAYS = frozenset({"country", "email", "subscriber_number"})
_PERSON = _ALWAYS | {"common_name", "given_name", "family_name"}
# What each kind of registration can put into a certificate, by the names that profiles use.
_PROVIDED: Mapping[str, frozenset[str]] = {
    IdentityKind.MAILBOX: _ALWAYS,
    IdentityKind.PERSONAL: _PERSON,
    IdentityKind.ORGANISATION: _PERSON | {"organisation", "organisation_unit", "organisation_identifier"},
}
DOCUMENTS: Mapping[str, tuple[Document, ...]] = {
    IdentityKind.MAILBOX: (Document.FORM,),
    IdentityKind.PERSONAL: (Document.FORM, Document.IDENTITY),
    IdentityKind.ORGANISATION: (Document.FORM, Document.IDENTITY, Document.COMPANY, Document.AUTHORITY),
}
_RESERVED = frozenset({"example", "internal", "invalid", "local", "localhost", "test"})
_ID_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9()/.-]{3,31}")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()/-]{3,38}")


@dataclass(frozen=True)
class RegistrationFacts:
    """What an officer enters about an applicant. `account` names the account of somebody registered before."""

    kind: str
    email: str
    country: str
    language: str
    profiles: tuple[str, ...]
    documents_seen: tuple[str, ...]
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    name_chinese: str = ""
    id_number: str = ""
    organisation_number: str = ""
    organisation_name: str = ""
    organisation_name_chinese: str = ""
    organisation_unit: str = ""
    telephone: str = ""
    address: str = ""
    account: str = ""

    @property
    def latin_name(self) -> str:
        """The name as it will stand in a certificate's commonName."""
        return " ".join(part for part in (self.given_name, self.middle_name, self.family_name) if part)


@dataclass(frozen=True)
class Standing:
    """How far a draft order has come."""

    data_confirmed: bool
    mailbox_needed: bool
    mailbox_proven: bool
    agreement_accepted: bool


def plain(text: str) -> str:
    """The same text composed (NFC), with single spaces and none at the ends; line breaks stay, to be refused."""
    return re.sub(" +", " ", unicodedata.normalize("NFC", text)).strip(" ")


def plain_id_number(text: str) -> str:
    """An ID or company number in one form: half-width capitals without spaces."""
    return unicodedata.normalize("NFKC", text).replace(" ", "").upper()


def is_id_number(text: str) -> bool:
    """Whether the text can be an ID or company number, in the form of `plain_id_number`."""
    return _ID_NUMBER.fullmatch(text) is not None


def is_telephone(text: str) -> bool:
    """Whether the text can be a telephone number."""
    return _TELEPHONE.fullmatch(text) is not None


def is_latin(text: str) -> bool:
    """Whether every letter is a Latin one (accents included) and the rest is what stands in names."""
    return all(character in " '’.,-" or unicodedata.name(character, "").startswith("LATIN ") for character in text)


def fits(profile: Profile, kind: str) -> bool:
    """Whether a registration of this kind can fill every name that the profile needs, with a key made by the holder."""
    sources = {
        source
        for template in profile.templates
        for field, source in template.subject
        if field not in template.optional and source in _PROVIDED[IdentityKind.ORGANISATION]
    }
    by_holder = bool({"browser", "csr"} & set(profile.key_place))
    return by_holder and not profile.inside_use and sources <= _PROVIDED[kind]


def offered(kind: str) -> list[Profile]:
    """The profiles that an officer may give with a registration of this kind, on this site.

    Publicly trusted mail certificates need addresses on the public Internet (S/MIME Baseline Requirements, 7.1.2.3);
    the linter would refuse them elsewhere, after everybody has done their part.
    """
    public = is_public(settings.STATUS_URL) and is_public(settings.PUBLIC_URL)
    profiles = (profile for profile in load_profiles().values() if fits(profile, kind))
    return [profile for profile in profiles if public or profile.policy_pack == "private"]


def is_public(url: str) -> bool:
    """Whether an address names a host of the public Internet: no IP address, no reserved name (RFC 6761)."""
    host = urlsplit(url).hostname or ""
    last = host.rpartition(".")[2]
    return "." in host and not last.isdigit() and ":" not in host and last not in _RESERVED


def check_facts(facts: RegistrationFacts) -> None:
    """Refuse what must not reach a certificate or a mail, also where a form was passed by.

    Raises `ca.errors.NameNotAllowed`, `ProfileNotForKind` or `DocumentsMissing`.
    """
    check_mailbox(facts.email)
    check_country(facts.country)
    if facts.kind != IdentityKind.MAILBOX:
        check_text(facts.latin_name)
    if facts.kind == IdentityKind.ORGANISATION:
        check_text(facts.organisation_name)
    optional = (facts.name_chinese, facts.organisation_unit, facts.organisation_name_chinese)
    for value in filter(None, optional):
        check_text(value)
    # RFC 5280 counts characters; what builds our certificates counts octets, and is the stricter of the two.
    for name in (facts.latin_name, facts.organisation_name, facts.organisation_unit):
        if len(name.encode()) > LONGEST_NAME:
            raise NameTooLong(f"{len(name.encode())} octets")
    if not facts.profiles or not set(facts.profiles) <= {one.slug for one in offered(facts.kind)}:
        raise ProfileNotForKind
    if not set(DOCUMENTS[facts.kind]) <= set(facts.documents_seen):
        raise DocumentsMissing


def next_step(standing: Standing) -> Step:
    """The first step that is not done."""
    if not standing.data_confirmed:
        return Step.DATA
    if standing.mailbox_needed and not standing.mailbox_proven:
        return Step.MAILBOX
    return Step.KEY if standing.agreement_accepted else Step.AGREEMENT


def may_reach(step: Step, standing: Standing) -> bool:
    """Whether everything before `step` is done."""
    order = list(Step)
    return order.index(step) <= order.index(next_step(standing))
