"""What waits at the desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.states import Role
from cases.models import Case
from desk.selectors import counts, line, may_decide, waiting
from desk.views.queue import name_in
from enrollment.services import request_reset, wish_reset
from tests import factories
from tests.enrollment import making

pytestmark = pytest.mark.django_db


def test_the_queue_says_whom_each_case_is_about() -> None:
    officer = factories.officer()
    registration = making.registration(given_name="Ana", family_name="Silva", name_chinese="")
    request = request_reset(officer=officer, account=factories.subscriber().account, identity_check="seen")
    assert name_in(registration.case) == "Ana Silva"
    assert name_in(request.case) == "陳美 Mei Chan"
    assert set(waiting(officer)) == {registration.case, request.case}


def test_a_line_tells_what_is_late_and_what_is_ones_own() -> None:
    case = making.registration().case
    now = timezone.now()
    own = line(case, "Mei", making.entrant(case), now)
    assert (own.overdue, own.entered_by_me) == (False, True)
    later = line(case, "Mei", factories.officer(), now + timedelta(days=4))
    assert (later.overdue, later.entered_by_me) == (True, False)


def test_the_queue_costs_no_query_for_each_row(django_assert_max_num_queries: Any) -> None:
    officer = factories.officer()
    for _ in range(3):
        making.registration()
        request_reset(officer=officer, account=factories.subscriber().account, identity_check="seen")
    with django_assert_max_num_queries(2):
        assert len([name_in(case) for case in waiting(officer)]) == 6


def test_counts() -> None:
    officer = factories.officer()
    making.registration()
    late = making.registration().case
    Case.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    account = making.approved().account
    wish_reset(account_number=account.username, address="192.0.2.1")
    found = counts(officer)
    assert (found.cases, found.overdue, found.slips, found.wishes) == (2, 1, 1, 1)
    assert counts(factories.officer(at=factories.office("taipa"))).cases == 0


def test_who_is_offered_the_decision() -> None:
    case = making.registration().case
    assert may_decide(case, factories.officer(roles=[Role.APPROVING]))
    assert not may_decide(case, factories.officer(roles=[Role.REGISTRATION]))
    assert not may_decide(case, factories.officer(person_id=case.entered_person))
    case.state = "approved"
    assert not may_decide(case, factories.officer())
