"""Subscribers, what was verified about them, and officers."""

from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.errors import NotAnOfficerName
from accounts.models import Account, Identity, Office, Officer, Organisation, Subscriber
from accounts.rules import account_number, is_officer_name, normalise_person
from accounts.services.passwords import check_new_password
from accounts.states import AccountState, Role
from audit.services import SYSTEM, record
from audit.transitions import advance
from vault.values import blind_index, seal

ID_NUMBER = "accounts.Identity.id_number"  # the place that sealed ID numbers are bound to


@dataclass(frozen=True)
class IdentityFacts:
    """What was verified about a person, for a new identity version.

    `id_number` is plain here and sealed when stored; `evidence` is the text id of the case that verified it.
    """

    kind: str
    email: str
    country: str
    evidence: str
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    name_chinese: str = ""
    id_number: str = field(default="", repr=False)
    organisation: Organisation | None = None
    organisation_unit: str = ""
    telephone: str = ""
    address: str = ""


def open_account(*, office: Office, language: str) -> Subscriber:
    """Open an account for a new subscriber: a number that nobody can guess, no way in until a slip is printed."""
    with transaction.atomic():
        account = Account.objects.create(username=account_number(), password=make_password(None), language=language)
        subscriber = Subscriber.objects.create(account=account, office=office)
        record(event="account.opened", actor=SYSTEM, subject=subscriber.audit_id)
    return subscriber


def add_identity(*, subscriber: Subscriber, facts: IdentityFacts) -> Identity:
    """Store what was verified as the subscriber's next identity version; earlier ones stay as they are."""
    number = facts.id_number.strip()
    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)  # one next version at a time
        newest = subscriber.identities.aggregate(newest=Max("version"))["newest"] or 0
        identity = Identity.objects.create(
            subscriber=subscriber,
            version=newest + 1,
            kind=facts.kind,
            given_name=facts.given_name,
            middle_name=facts.middle_name,
            family_name=facts.family_name,
            name_chinese=facts.name_chinese,
            id_number_sealed=seal(number, ID_NUMBER) if number else "",
            id_number_index=blind_index(number, ID_NUMBER) if number else "",
            organisation=facts.organisation,
            organisation_unit=facts.organisation_unit,
            email=facts.email,
            telephone=facts.telephone,
            address=facts.address,
            country=facts.country,
            verified_at=timezone.now(),
            evidence=facts.evidence,
        )
        record(
            event="identity.added",
            actor=SYSTEM,
            subject=subscriber.audit_id,
            details={"version": identity.version, "evidence": facts.evidence},
        )
    return identity


def create_officer(
    *, username: str, password: str, name: str, person_id: str, office: Office, roles: Sequence[Role]
) -> tuple[Officer, str]:
    """Make an officer with a password and a one-time-code device; gives back the device's secret in base32.

    Raises `NotAnOfficerName` and `PasswordNotAllowed`.
    """
    if not is_officer_name(username) or Account.objects.filter(username=username).exists():
        raise NotAnOfficerName
    account = Account(username=username, password=make_password(None), language=settings.LANGUAGE_CODE)
    typed = check_new_password(account, password)
    with transaction.atomic():
        account.save()
        officer = Officer.objects.create(
            account=account,
            name=name,
            person_id=normalise_person(person_id),
            office=office,
            roles=sorted(role.value for role in roles),
        )
        secret = _new_device(account)
        advance(
            account,
            before=AccountState.NEW,
            after=AccountState.ACTIVE,
            actor=SYSTEM,
            event="officer.added",
            changes={"password": make_password(typed)},
        )
    return officer, secret


def reset_officer(*, officer: Officer, password: str) -> str:
    """Give an officer, locked or not, a new password and a new one-time-code device; gives back its secret.

    For the operator at the machine: there is no page for it. Raises `PasswordNotAllowed`.
    """
    account = officer.account
    typed = check_new_password(account, password)
    with transaction.atomic():
        account.refresh_from_db(from_queryset=Account.objects.select_for_update())
        changes = {"password": make_password(typed), "strikes": 0, "epoch": account.epoch + 1}
        if account.state != AccountState.NEW:
            advance(account, before=account.state, after=AccountState.NEW, actor=SYSTEM, event="officer.door-closed")
        advance(
            account,
            before=AccountState.NEW,
            after=AccountState.ACTIVE,
            actor=SYSTEM,
            event="officer.reset",
            changes=changes,
        )
        return _new_device(account)


def _new_device(account: Account) -> str:
    TOTPDevice.objects.filter(user=account).delete()
    device = TOTPDevice.objects.create(user=account, name="app")
    return b32encode(device.bin_key).decode()
