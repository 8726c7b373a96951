"""One officer enters, another decides."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Identity, Organisation, Subscriber
from accounts.states import AccountState, IdentityKind, Role
from audit.errors import WrongState
from audit.models import Event
from ca.errors import NameHoldsControls
from cases.errors import SamePerson
from cases.states import CaseState
from enrollment.errors import AccountClosed, AccountUnknown, AlreadyWaiting, OrganisationDiffers, OtherPerson
from enrollment.models import Entitlement, Registration, Slip
from enrollment.selectors import ID_NUMBER
from enrollment.services import decide_registration, register
from enrollment.states import SlipState
from notifications.models import Message
from tests import factories
from tests.enrollment import making
from vault.values import unseal

pytestmark = pytest.mark.django_db


def test_an_entered_registration_waits_with_its_id_number_sealed() -> None:
    found = making.registration(id_number="1234567(8)")
    assert found.case.state == CaseState.OPEN
    assert "1234567" not in found.id_number_sealed + found.id_number_index
    assert unseal(found.id_number_sealed, ID_NUMBER) == "1234567(8)"
    assert not Subscriber.objects.exists()


def test_who_may_not_enter_does_not() -> None:
    with pytest.raises(PermissionDenied):
        register(officer=factories.officer(roles=[Role.APPROVING]), facts=making.facts())


def test_names_are_checked_here_too() -> None:
    with pytest.raises(NameHoldsControls):
        making.registration(given_name="Mei\x07")
    assert not Registration.objects.exists()


def test_the_same_person_is_not_entered_twice() -> None:
    first = making.registration(id_number="1234567(8)")
    with pytest.raises(AlreadyWaiting) as refusal:
        making.registration(id_number=" 1234567（8） ")
    assert first.case.reference in str(refusal.value)
    decide_registration(case=first.case, decision=making.decision(approve=False, reason="no form"))
    making.registration(id_number="1234567(8)")


def test_the_same_mailbox_is_not_entered_twice() -> None:
    mailbox = {
        "kind": IdentityKind.MAILBOX,
        "id_number": "",
        "profiles": ("secure-email-mv",),
        "email": "a@example.org",
    }
    making.registration(**mailbox)
    with pytest.raises(AlreadyWaiting):
        making.registration(**mailbox)


def test_an_approval_makes_account_identity_entitlements_slip_and_letter() -> None:
    found = making.registration(profiles=("personal", "secure-email"), id_number="1234567(8)", middle_name="Ling")
    wong = factories.officer("wong")

    decide_registration(case=found.case, decision=making.decision(wong))

    subscriber = Subscriber.objects.get()
    assert subscriber.account.state == AccountState.NEW
    assert not subscriber.account.has_usable_password()
    identity = Identity.objects.get(subscriber=subscriber)
    assert (identity.latin_name, identity.email, identity.evidence) == (
        "Mei Ling Chan",
        found.email,
        found.case.audit_id,
    )
    entitlements = Entitlement.objects.filter(subscriber=subscriber, identity=identity)
    assert {one.profile for one in entitlements} == {"personal", "secure-email"}
    assert all((one.expires_at - one.granted_at).days == 90 for one in entitlements)
    assert Slip.objects.get(account=subscriber.account).state == SlipState.DUE
    letter = Message.objects.get(event="registration-approved")
    assert letter.address == found.email
    assert subscriber.account.username not in str(letter.context)
    assert Event.objects.filter(name="entitlement.granted", actor="officer:wong").count() == 2


def test_a_rejection_makes_nothing_and_tells_why() -> None:
    found = making.registration()
    decide_registration(case=found.case, decision=making.decision(approve=False, reason="The form is not signed."))
    assert not Subscriber.objects.exists()
    letter = Message.objects.get()
    assert (letter.event, letter.context["reason"]) == ("registration-rejected", "The form is not signed.")


def test_nobody_approves_their_own() -> None:
    found = making.registration()
    with pytest.raises(SamePerson):
        decide_registration(case=found.case, decision=making.decision(found.case.entered_by))
    assert not Subscriber.objects.exists()


def test_a_case_is_decided_once() -> None:
    found = making.registration()
    decide_registration(case=found.case, decision=making.decision())
    with pytest.raises(WrongState):
        decide_registration(case=found.case, decision=making.decision())
    assert Subscriber.objects.count() == 1


def test_for_an_existing_account_an_approval_adds_and_prints_no_slip() -> None:
    person = factories.subscriber(id_number="1234567(8)")
    found = making.registration(account=person.account.username.lower(), id_number="1234567(8)", family_name="Lei")
    slips = Slip.objects.count()

    decide_registration(case=found.case, decision=making.decision())

    assert Subscriber.objects.get() == person
    assert [one.family_name for one in person.identities.order_by("version")] == ["Chan", "Lei"]
    assert Entitlement.objects.get().identity.version == 2
    assert Slip.objects.count() == slips
    person.account.refresh_from_db()
    assert person.account.state == AccountState.ACTIVE
    assert Message.objects.get(event="registration-approved").context["slip"] == ""


def test_an_existing_account_must_be_this_persons() -> None:
    person = factories.subscriber(id_number="1234567(8)")
    with pytest.raises(OtherPerson):
        making.registration(account=person.account.username, id_number="7654321(0)")
    with pytest.raises(AccountUnknown):
        making.registration(account="2222-2222-2222")
    elsewhere = factories.subscriber(at=factories.office("taipa"))
    with pytest.raises(AccountUnknown):
        making.registration(account=elsewhere.account.username)


def test_a_closed_account_gets_nothing_more() -> None:
    person = factories.subscriber(id_number="1234567(8)")
    found = making.registration(account=person.account.username, id_number="1234567(8)")
    type(person.account).objects.filter(pk=person.account.pk).update(state=AccountState.CLOSED)
    with pytest.raises(AccountClosed):
        decide_registration(case=found.case, decision=making.decision())
    assert making.case_of(found).state == CaseState.OPEN
    with pytest.raises(AccountClosed):
        making.registration(account=person.account.username)


ORGANISATION = {
    "kind": IdentityKind.ORGANISATION,
    "profiles": ("organisation",),
    "organisation_number": "SO 12345",
    "organisation_name": "Example Ltd",
}


def test_an_organisation_is_made_by_the_approval_and_shared() -> None:
    found = making.registration(**ORGANISATION)
    assert not Organisation.objects.exists()
    decide_registration(case=found.case, decision=making.decision())
    making.approved(**ORGANISATION)
    organisation = Organisation.objects.get()
    assert (organisation.number, organisation.name) == ("SO12345", "Example Ltd")
    assert {one.organisation for one in Identity.objects.all()} == {organisation}


def test_a_company_number_keeps_its_name() -> None:
    waiting = making.registration(**{**ORGANISATION, "organisation_name": "Exampel Ltd"})
    making.approved(**ORGANISATION)
    with pytest.raises(OrganisationDiffers):
        making.registration(**{**ORGANISATION, "organisation_name": "Sample Ltd"})
    with pytest.raises(OrganisationDiffers):
        decide_registration(case=waiting.case, decision=making.decision())
    assert making.case_of(waiting).state == CaseState.OPEN
