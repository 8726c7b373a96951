"""Deciding about a mail that came to nobody."""

import pytest

from audit.errors import WrongState
from cases.errors import ReasonMissing
from cases.models import Case
from cases.services import Decision
from desk.errors import SecretsForgotten
from desk.jobs import open_mail_cases
from desk.services import decide_mail
from notifications.models import Message
from tests import factories
from tests.desk.test_jobs import fail
from tests.notifications.conftest import promised

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """A mailbox link that was refused."""
    factories.office()
    fail(promised())
    open_mail_cases()
    return Case.objects.get()


def decision(*, approve: bool, reason: str = "") -> Decision:
    return Decision(officer=factories.officer(), approve=approve, revision=1, reason=reason)


def test_an_approved_mail_is_sent_again_from_the_beginning_under_its_own_message_id(case: Case) -> None:
    before = Message.objects.get()
    decide_mail(case=case, decision=decision(approve=True))
    message = Message.objects.get()
    assert (message.state, message.attempts, message.failed_at) == ("queued", 0, None)
    for name in ("message_id", "address", "secrets", "created_at"):
        assert getattr(message, name) == getattr(before, name)
    assert Case.objects.get().state == "approved"


def test_a_rejected_mail_stays_where_it_is_and_says_why(case: Case) -> None:
    with pytest.raises(ReasonMissing):
        decide_mail(case=case, decision=decision(approve=False))
    decide_mail(case=case, decision=decision(approve=False, reason="We called her."))
    assert Message.objects.get().state == "failed"
    assert Case.objects.get().reason == "We called her."


def test_a_mail_whose_secrets_are_gone_is_not_sent_and_the_case_stays_open(case: Case) -> None:
    Message.objects.update(secrets="")
    with pytest.raises(SecretsForgotten):
        decide_mail(case=case, decision=decision(approve=True))
    assert (Case.objects.get().state, Message.objects.get().state) == ("open", "failed")


def test_what_was_sent_meanwhile_is_not_sent_again(case: Case) -> None:
    Message.objects.update(state="sent")
    with pytest.raises(WrongState):
        decide_mail(case=case, decision=decision(approve=True))
    assert Case.objects.get().state == "open"
