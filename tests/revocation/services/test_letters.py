"""What holders are told."""

import pytest
from django.core import mail
from django.utils import translation

from certificates.models import Authority, Certificate
from notifications import jobs
from notifications.models import Message
from revocation.services.letters import APPROVED, tell
from revocation.states import Reason
from tests.certificates.making import issued, person
from tests.revocation.making import decided, on_paper, requested

pytestmark = pytest.mark.django_db


def test_one_mail_for_all_of_a_holders_certificates(authority: Authority) -> None:
    holder = person()
    certificates = [*issued(holder, "personal"), *issued(holder)]
    made = on_paper(certificates)
    told = Message.objects.get(event="revocation-requested")
    assert told.context["numbers"] == ", ".join(one.number for one in sorted(certificates, key=lambda one: one.pk))
    assert told.key == f"revocation-requested:{made.case.reference}:{holder.number}"


def test_the_reason_is_said_in_the_holders_language(authority: Authority) -> None:
    made = requested(issued(person(language="pt")), Reason.REPLACED)
    told = Message.objects.get(event="revocation-requested")
    assert told.language == "pt"
    with translation.override("pt"):
        assert told.context["why"] == str(Reason.REPLACED.label)
    assert told.context["why"] != str(Reason.REPLACED.label)
    assert made.reason == Reason.REPLACED


def test_certificates_of_the_service_have_nobody_to_be_told(authority: Authority) -> None:
    ours, theirs = issued(), issued()
    Certificate.objects.filter(pk=ours[0].pk).update(subscriber=None)
    on_paper([*ours, *theirs])
    assert Message.objects.get(event="revocation-requested").context["numbers"] == theirs[0].number


def test_the_same_step_is_told_once(authority: Authority) -> None:
    certificates = issued()
    made = requested(certificates)
    decided(made)
    tell(APPROVED, made, certificates, {"reason": ""})
    assert Message.objects.filter(event=APPROVED).count() == 1


@pytest.mark.parametrize("approve", [True, False])
def test_the_mails_can_be_read(authority: Authority, approve: bool) -> None:
    certificates = issued()
    made = requested(certificates)
    decided(made, approve=approve, reason="" if approve else "Not signed.")
    for message in Message.objects.filter(event__startswith="revocation"):
        jobs.deliver(message.pk)
    sent = {one.subject: str(one.body) for one in mail.outbox}
    assert len(sent) == 2
    for text in sent.values():
        assert certificates[0].number in text
        assert made.case.reference in text
    assert any("Suspended at once" in text for text in sent.values())
    assert any("revoked for good" in text or "Not signed." in text for text in sent.values())
