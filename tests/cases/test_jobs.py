"""Overdue cases: the desk is told, once at a time, until somebody decides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import Office
from audit.models import Event
from cases import jobs
from cases.jobs import escalate
from cases.models import Case
from cases.services import Decision, Outsider, decide, open_case, withdraw
from cases.states import CaseKind
from notifications.jobs import compose
from notifications.models import Message
from tests import factories
from tests.conftest import Clock
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def opened(kind: CaseKind = CaseKind.REVOCATION) -> Case:
    return open_case(kind=kind, by=Outsider(factories.office(), "visitor"))


def test_nobody_is_told_before_the_time_is_over(clock: Clock) -> None:
    case = opened()
    clock.move_to(case.due_at - timedelta(seconds=2))
    assert escalate() == 0
    clock.move_to(case.due_at + timedelta(seconds=2))
    assert escalate() == 1
    case.refresh_from_db()
    assert case.escalated_at is not None
    assert Event.objects.filter(name="case.overdue", subject=case.audit_id).count() == 1


def test_what_was_decided_takes_no_place_in_the_round(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_BATCH", 1)
    decided, waits = opened(), opened()
    withdraw(case=decided, actor="visitor")
    clock.move_to(waits.due_at + timedelta(seconds=2))
    assert escalate() == 1


def test_the_desk_is_told_once_a_day_as_long_as_the_case_waits(clock: Clock) -> None:
    case = opened()
    clock.move_to(case.due_at + timedelta(minutes=1))
    told = []
    for _ in range(3 * 24 * 4):
        told.append(escalate())
        clock.shift(minutes=15)
    assert sum(told) == 3
    assert Message.objects.filter(event="case-overdue").count() == 3
    assert [at for at, one in enumerate(told) if one] == [0, 24 * 4, 2 * 24 * 4]


@pytest.mark.parametrize("end", ["approved", "withdrawn"])
def test_what_is_decided_or_withdrawn_is_not_told_of(end: str, clock: Clock) -> None:
    case = opened()
    clock.move_to(case.due_at + timedelta(hours=1))
    if end == "approved":
        decide(case=case, decision=Decision(officer=factories.officer(), approve=True, revision=1))
    else:
        withdraw(case=case, actor="visitor")
    assert escalate() == 0


def test_a_case_that_is_decided_while_the_desk_is_told_is_left_alone(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened()
    clock.move_to(case.due_at + timedelta(hours=1))
    tell = jobs._tell

    def withdrawn_meanwhile(found: Case, now: datetime) -> bool:
        withdraw(case=Case.objects.get(pk=found.pk), actor="visitor")
        return tell(found, now)

    monkeypatch.setattr(jobs, "_tell", withdrawn_meanwhile)
    assert escalate() == 0
    assert not Message.objects.exists()


def test_the_mail_goes_to_the_office_or_else_to_the_help_address(clock: Clock) -> None:
    with_address = Office.objects.create(code="taipa", name="Taipa", email="desk@taipa.example.org")
    open_case(kind=CaseKind.REPORT, by=Outsider(with_address, "visitor"))
    opened(CaseKind.REPORT)
    clock.shift(hours=25)
    assert escalate() == 2
    addresses = set(Message.objects.values_list("address", flat=True))
    assert addresses == {"desk@taipa.example.org", settings.SITE["help_mail"]["en"]}


def test_an_address_that_no_mail_can_go_to_keeps_no_other_office_from_its_mail(clock: Clock) -> None:
    broken = Office.objects.create(code="taipa", name="Taipa", email="a\r\nBcc: x@example.org")
    first = open_case(kind=CaseKind.REPORT, by=Outsider(broken, "visitor"))
    opened(CaseKind.REPORT)
    clock.shift(hours=25)
    assert escalate() == 1
    first.refresh_from_db()
    assert first.escalated_at is None, "nobody was told"


def test_the_mail_says_which_case_and_since_when(clock: Clock, settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    case = opened()
    clock.move_to(case.due_at + timedelta(hours=1))
    escalate()
    mail = compose(Message.objects.get())
    assert case.reference in mail.subject
    assert f"/desk/cases/{case.reference}/" in str(mail.body)
    assert "Revocation" in str(mail.body)
    local = timezone.localtime(case.due_at)
    assert f"{local:%H:%M:%S}" in str(mail.body)


@pytest.mark.django_db(transaction=True)
def test_however_many_look_at_once_each_case_is_told_of_once(clock: Clock) -> None:
    for _ in range(5):
        opened()
    clock.shift(hours=25)
    outcomes = at_once(*[escalate] * 4)
    assert sum(outcomes) == 5
    assert Message.objects.filter(event="case-overdue").count() == 5
    assert Event.objects.filter(name="case.overdue").count() == 5
