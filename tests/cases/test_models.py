"""How a case speaks of whoever entered it."""

import pytest
from django.utils import translation

from cases.services import Outsider, open_case
from cases.states import CaseKind
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("audit_id", "name"), [("subscriber:7", "the holder"), ("visitor", "a visitor"), ("system", "the service")]
)
def test_an_outsider_is_named_by_what_they_are(audit_id: str, name: str) -> None:
    case = open_case(kind=CaseKind.REPORT, by=Outsider(factories.office(), audit_id))
    with translation.override("en"):
        assert case.entered_name == name


def test_an_officer_is_named_by_their_name() -> None:
    officer = factories.officer("chan")
    assert open_case(kind=CaseKind.REVOCATION, by=officer).entered_name == officer.name
