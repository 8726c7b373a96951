"""Subscribers, identities, officers."""

from base64 import b32decode
from typing import Any

import pytest

from accounts import services
from accounts.errors import NotAnOfficerName, PasswordNotAllowed
from accounts.models import Account, Identity, Officer
from accounts.rules import is_account_number
from accounts.services.people import ID_NUMBER
from accounts.states import AccountState, Role
from audit.models import Event
from tests import factories
from vault.values import blind_index, unseal

pytestmark = pytest.mark.django_db


def test_a_new_account_has_a_number_that_tells_nothing_and_no_way_in() -> None:
    person = services.open_account(office=factories.office(), language="pt")
    assert is_account_number(person.account.username)
    assert person.account.state == AccountState.NEW
    assert person.account.language == "pt"
    assert not person.account.has_usable_password()
    assert person.account.username not in person.audit_id
    assert Event.objects.filter(name="account.opened", subject=person.audit_id).exists()


def test_identities_are_numbered_and_never_changed() -> None:
    person = factories.subscriber(state=AccountState.NEW, family_name="Chan")
    second = factories.identity(person, family_name="Siqueira")
    assert [row.version for row in person.identities.order_by("version")] == [1, 2]
    assert person.identities.get(version=1).family_name == "Chan"
    second.family_name = "Other"
    with pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        second.save()


def test_an_id_number_is_sealed_and_found_by_its_index_alone() -> None:
    person = factories.subscriber(state=AccountState.NEW, id_number=" 1234567(8) ")
    row = Identity.objects.get(subscriber=person)
    assert "1234567" not in row.id_number_sealed + row.id_number_index
    assert unseal(row.id_number_sealed, ID_NUMBER) == "1234567(8)"
    assert row.id_number_index == blind_index("1234567(8)", ID_NUMBER)
    event = Event.objects.get(name="identity.added")
    assert set(event.details) == {"version", "evidence"}


def test_facts_do_not_show_the_id_number_in_logs() -> None:
    facts = services.IdentityFacts(kind="personal", email="a@b.c", country="MO", evidence="x", id_number="1234567")
    assert "1234567" not in repr(facts)


def test_an_identity_without_id_number() -> None:
    person = factories.subscriber(state=AccountState.NEW, kind="mailbox", id_number="")
    row = Identity.objects.get(subscriber=person)
    assert (row.id_number_sealed, row.id_number_index) == ("", "")


def made(**changes: Any) -> tuple[Officer, str]:
    facts: dict[str, Any] = {
        "username": "ana",
        "password": factories.PASSWORD,
        "name": "Ana Lei",
        "person_id": "p1",
        "office": factories.office(),
        "roles": [Role.REGISTRATION, Role.APPROVING],
    }
    return services.create_officer(**{**facts, **changes})


def test_an_officer_signs_in_and_holds_the_roles_given() -> None:
    officer, secret = made()
    account = services.sign_in(username="ana", password=factories.PASSWORD, address="192.0.2.1")
    assert account == officer.account
    assert officer.may(Role.APPROVING)
    assert not officer.may(Role.AUDITOR)
    assert len(b32decode(secret)) == 20
    assert Event.objects.filter(name="officer.added").exists()


@pytest.mark.parametrize("username", ["Ana", "a", "ana silva", ""])
def test_a_bad_sign_in_name_is_refused(username: str) -> None:
    with pytest.raises(NotAnOfficerName):
        made(username=username)


def test_a_taken_sign_in_name_is_refused() -> None:
    made()
    with pytest.raises(NotAnOfficerName):
        made(person_id="p2")


def test_a_bad_password_makes_no_officer() -> None:
    with pytest.raises(PasswordNotAllowed):
        made(password="password1234")
    assert not Account.objects.exists()


@pytest.mark.parametrize("state", [AccountState.ACTIVE, AccountState.LOCKED, AccountState.NEW])
def test_a_reset_officer_has_a_new_password_a_new_secret_and_no_open_session(state: str) -> None:
    officer, secret = made()
    Account.objects.filter(pk=officer.account.pk).update(state=state, strikes=3)
    before = officer.account.get_session_auth_hash()
    newer = services.reset_officer(officer=officer, password="another-Battery-staple-9")
    assert newer != secret
    assert officer.account.get_session_auth_hash() != before
    account = services.sign_in(username="ana", password="another-Battery-staple-9", address="192.0.2.1")
    services.check_code(account=account, code=factories.code_of(officer))


def test_two_spellings_of_a_person_are_one_person() -> None:
    first, _ = made(person_id="BIR 1234567(8)")
    second, _ = made(username="ana.two", person_id=" bir-１２３４５６７（８） ")
    assert first.person_id == second.person_id
