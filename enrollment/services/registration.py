"""Registering somebody: one officer enters, another decides."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import Identity, Office, Officer, Organisation, Subscriber
from accounts.services import IdentityFacts, add_identity, open_account
from accounts.states import AccountState, IdentityKind
from audit.services import record
from ca.profiles import profile
from cases.models import Case
from cases.rules import may_enter
from cases.services import Decision, decide, open_case
from cases.states import CaseKind
from enrollment.errors import AccountClosed, AccountUnknown, AlreadyWaiting, OrganisationDiffers, OtherPerson
from enrollment.models import Entitlement, Registration
from enrollment.rules import RegistrationFacts, check_facts, plain_id_number
from enrollment.selectors import (
    ID_NUMBER,
    open_registration_like,
    same_person,
    subscriber_by_account,
)
from enrollment.services.slips import make_slip_due
from notifications.services import Letter, promise
from vault.values import blind_index, seal, unseal


@transaction.atomic
def register(*, officer: Officer, facts: RegistrationFacts) -> Registration:
    """Enter an applicant, for another officer to decide.

    Raises `PermissionDenied`, `ca.errors.NameNotAllowed`, `ProfileNotForKind`, `DocumentsMissing`,
    `OrganisationDiffers`, `AlreadyWaiting`; where an account was named `AccountUnknown`, `AccountClosed` or
    `OtherPerson`.
    """
    may_enter(officer)
    check_facts(facts)
    number = plain_id_number(facts.id_number)
    index = blind_index(number, ID_NUMBER) if number else ""
    _check_organisation(facts)
    # One entry at a time, so that two officers who enter the same person at once see each other's.
    Office.objects.select_for_update(no_key=True).get(pk=officer.office_id)
    waiting = open_registration_like(facts, index)
    if waiting is not None:
        raise AlreadyWaiting(waiting.case.reference)
    return Registration.objects.create(
        case=open_case(kind=CaseKind.REGISTRATION, by=officer),
        kind=facts.kind,
        given_name=facts.given_name,
        middle_name=facts.middle_name,
        family_name=facts.family_name,
        name_chinese=facts.name_chinese,
        id_number_sealed=seal(number, ID_NUMBER) if number else "",
        id_number_index=index,
        organisation_number=plain_id_number(facts.organisation_number),
        organisation_name=facts.organisation_name,
        organisation_name_chinese=facts.organisation_name_chinese,
        organisation_unit=facts.organisation_unit,
        email=facts.email,
        telephone=facts.telephone,
        address=facts.address,
        country=facts.country,
        language=facts.language,
        profiles=list(facts.profiles),
        documents_seen=list(facts.documents_seen),
        subscriber=_registered_before(officer, facts.account, number),
    )


def _registered_before(officer: Officer, account: str, number: str) -> Subscriber | None:
    """The subscriber of the account that the officer named, if any."""
    if not account:
        return None
    subscriber = subscriber_by_account(account, officer.office)
    if subscriber is None:
        raise AccountUnknown
    if subscriber.account.state == AccountState.CLOSED:
        raise AccountClosed
    if not same_person(subscriber, number):
        raise OtherPerson
    return subscriber


def _check_organisation(facts: RegistrationFacts) -> None:
    number = plain_id_number(facts.organisation_number)
    known = Organisation.objects.filter(number=number).first() if number else None
    if known is not None and known.name != facts.organisation_name:
        raise OrganisationDiffers(known.name)


@transaction.atomic
def decide_registration(*, case: Case, decision: Decision) -> None:
    """Approve or reject a registration.

    An approval makes the account (unless the person has one), the identity, one entitlement for each profile and a
    passcode slip, and tells the applicant. Raises what `cases.services.decide` raises, and `OrganisationDiffers`
    where another registration gave this company number another name meanwhile.
    """
    registration = Registration.objects.select_related("subscriber__account").get(case=case)
    decide(case=case, decision=decision)
    if decision.approve:
        _approve(registration, decision.officer)
    else:
        _tell(registration, "registration-rejected", {"reason": case.reason})


def _approve(registration: Registration, officer: Officer) -> None:
    subscriber = registration.subscriber
    is_new = subscriber is None
    if subscriber is None:
        subscriber = open_account(office=registration.case.office, language=registration.language)
        Registration.objects.filter(pk=registration.pk).update(subscriber=subscriber)
    elif subscriber.account.state == AccountState.CLOSED:
        raise AccountClosed
    identity = add_identity(subscriber=subscriber, facts=_identity_facts(registration))
    _grant(registration, identity, officer)
    if is_new:
        make_slip_due(account=subscriber.account, case=registration.case, actor=officer.audit_id)
    _tell(registration, "registration-approved", {"slip": "yes" if is_new else ""})


def _identity_facts(registration: Registration) -> IdentityFacts:
    sealed = registration.id_number_sealed
    return IdentityFacts(
        kind=registration.kind,
        given_name=registration.given_name,
        middle_name=registration.middle_name,
        family_name=registration.family_name,
        name_chinese=registration.name_chinese,
        id_number=unseal(sealed, ID_NUMBER) if sealed else "",
        organisation=_organisation(registration),
        organisation_unit=registration.organisation_unit,
        email=registration.email,
        telephone=registration.telephone,
        address=registration.address,
        country=registration.country,
        evidence=registration.case.audit_id,
    )


def _organisation(registration: Registration) -> Organisation | None:
    if registration.kind != IdentityKind.ORGANISATION:
        return None
    organisation, _made = Organisation.objects.get_or_create(
        number=registration.organisation_number,
        defaults={
            "name": registration.organisation_name,
            "name_chinese": registration.organisation_name_chinese,
            "country": registration.country,
        },
    )
    if organisation.name != registration.organisation_name:
        raise OrganisationDiffers(organisation.name)
    return organisation


def _grant(registration: Registration, identity: Identity, officer: Officer) -> None:
    """One entitlement for each profile, in the version that is the newest now."""
    now = timezone.now()
    for slug in registration.profiles:
        entitlement = Entitlement.objects.create(
            subscriber=identity.subscriber,
            identity=identity,
            profile=slug,
            profile_version=profile(slug).version,
            granted_at=now,
            expires_at=now + timedelta(days=settings.ENTITLEMENT_DAYS),
            case=registration.case,
        )
        record(
            event="entitlement.granted",
            actor=officer.audit_id,
            subject=entitlement.audit_id,
            details={"profile": slug, "subscriber": identity.subscriber.audit_id},
        )


def _tell(registration: Registration, event: str, context: dict[str, str]) -> None:
    reference = registration.case.reference
    name = registration.latin_name or registration.name_chinese
    promise(
        letter=Letter(
            event=event,
            key=f"{event}:{reference}",
            address=registration.email,
            language=registration.language,
            context={**context, "reference": reference, "name": name, "url": settings.PUBLIC_URL},
        )
    )
