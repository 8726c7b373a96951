"""Who may enter and who may decide."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.states import Role
from cases.rules import may_decide, may_enter
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_registration_officer_enters_and_does_not_decide() -> None:
    officer = factories.officer(roles=[Role.REGISTRATION])
    may_enter(officer)
    with pytest.raises(PermissionDenied):
        may_decide(officer)


def test_an_approving_officer_decides_and_does_not_enter() -> None:
    officer = factories.officer(roles=[Role.APPROVING])
    may_decide(officer)
    with pytest.raises(PermissionDenied):
        may_enter(officer)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_others_do_neither(role: Role) -> None:
    officer = factories.officer(roles=[role])
    for rule in (may_enter, may_decide):
        with pytest.raises(PermissionDenied):
            rule(officer)
