"""Every mail that came to nobody is brought before the desk, once for each failure."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from audit.services import SYSTEM
from audit.transitions import advance
from cases.models import Case
from cases.services import Decision
from desk import jobs
from desk.jobs import open_mail_cases
from desk.models import UndeliveredMail
from desk.services import decide_mail
from notifications.models import Message
from notifications.states import MessageState
from tests import environment, factories
from tests.notifications.conftest import promised

pytestmark = pytest.mark.django_db


def fail(message: Message, why: str = "550 5.1.1 no such user") -> Message:
    """Let a message fail as the mail worker does."""
    changes: dict[str, Any] = {"last_error": why, "failed_at": timezone.now()}
    queued, sending, failed = MessageState.QUEUED, MessageState.SENDING, MessageState.FAILED
    advance(message, before=queued, after=sending, actor=SYSTEM, event="message.taken")
    advance(message, before=sending, after=failed, actor=SYSTEM, event="message.failed", changes=changes)
    return message


def test_a_failed_mail_becomes_one_case_of_its_readers_office() -> None:
    factories.office("main")
    branch = factories.office("branch")
    factories.subscriber(at=branch, email="ana@example.com")
    message = fail(promised())
    promised("waits")
    assert open_mail_cases() == 1
    assert open_mail_cases() == 0
    case = Case.objects.get()
    assert (case.kind, case.office, case.entered_by, case.entered_person) == ("mail", branch, None, "system")
    assert case.undelivered_mail.message == message
    assert case.undelivered_mail.failed_at == message.failed_at


def test_what_changed_since_it_was_found_opens_no_case() -> None:
    """Another scheduler was faster, or the mail waits to be sent again."""
    office, known, queued = factories.office("main"), fail(promised("known")), fail(promised("queued"))
    assert open_mail_cases() == 2
    UndeliveredMail.objects.filter(message=queued).delete()
    Message.objects.filter(pk=queued.pk).update(state=MessageState.QUEUED)
    assert [jobs._open(one.pk, office) for one in (known, queued)] == [False, False]
    assert UndeliveredMail.objects.get().message == known


def test_an_address_that_nobody_has_goes_to_the_first_office() -> None:
    first = factories.office("main")
    factories.office("branch")
    fail(promised())
    open_mail_cases()
    assert Case.objects.get().office == first


def test_a_mail_that_fails_again_is_a_case_again() -> None:
    message = fail(promised())
    officer = factories.officer()
    open_mail_cases()
    decide_mail(case=Case.objects.get(), decision=Decision(officer=officer, approve=True, revision=1))
    assert open_mail_cases() == 0
    message.refresh_from_db()
    fail(message)
    assert open_mail_cases() == 1
    assert UndeliveredMail.objects.filter(message=message).count() == 2


def test_a_rejected_case_does_not_come_back() -> None:
    fail(promised())
    officer = factories.officer()
    open_mail_cases()
    decide_mail(case=Case.objects.get(), decision=Decision(officer=officer, approve=False, revision=1, reason="called"))
    assert open_mail_cases() == 0


def test_a_mail_about_a_late_case_makes_no_case_that_could_be_late_in_turn() -> None:
    factories.office()
    fail(promised(event="case-overdue"))
    assert open_mail_cases() == 0


def test_before_there_is_an_office_nothing_is_lost() -> None:
    fail(promised())
    assert open_mail_cases() == 0
    factories.office()
    assert open_mail_cases() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not environment.POSTGRESQL, reason="only one writes at a time there")
def test_two_schedulers_open_one_case() -> None:
    factories.office()
    for number in range(10):
        fail(promised(f"k{number}"))

    def work() -> None:
        open_mail_cases()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    open_mail_cases()
    assert Case.objects.count() == 10
