"""What comes at once: workers, publishers and officers that meet on the same rows."""

from functools import partial

import pytest
from cryptography import x509

from audit.models import Event
from certificates import jobs
from certificates.models import Attempt, Authority, Certificate, PublishedList
from certificates.services import revoke
from enrollment.errors import AlreadyWaiting
from enrollment.models import Registration, ResetRequest
from enrollment.services import register, request_reset
from notifications.models import Message
from revocation.errors import AlreadyRevoked
from revocation.models import RevocationRequest
from revocation.services import Wish, request_revocation
from revocation.states import Door, Reason
from tests import factories
from tests.certificates.making import ceremony, many, placed, whole
from tests.enrollment import making
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issuing_ca(transactional_db: None) -> Authority:
    """A CA whose rows other threads see, too."""
    return ceremony()


def test_workers_that_issue_the_same_orders_make_each_certificate_once(issuing_ca: Authority) -> None:
    orders = [placed(kind=kind) for kind in ("personal", "secure-email") * 4]
    ids = [order.pk for order in orders]
    outcomes = at_once(
        lambda: jobs.issue_orders(ids), lambda: jobs.issue_orders(ids[::-1]), lambda: jobs.issue_orders(ids[3:4])
    )
    assert outcomes == [None] * 3
    for order in orders:
        whole(order)
    assert Certificate.objects.count() == Attempt.objects.count() == 12
    assert Event.objects.filter(name="order.issued").count() == len(orders)
    assert Message.objects.filter(event="certificate-issued").count() == len(orders)


def test_workers_that_finish_the_same_orders_make_each_certificate_once(issuing_ca: Authority) -> None:
    orders = [placed(kind="personal") for _ in range(4)]
    reserved = jobs.issuing.reserve([order.pk for order in orders])
    outcomes = at_once(lambda: jobs.finish_orders(reserved), lambda: jobs.finish_orders(reserved[::-1]))
    assert outcomes == [None] * 2
    for order in orders:
        whole(order)


def test_publishers_at_once_make_one_list_and_numbers_rise(issuing_ca: Authority) -> None:
    order = placed()
    jobs.issue_orders([order.pk])
    revoke(certificates=[Certificate.objects.get()], reason="superseded", actor="system")

    assert at_once(*[jobs.publish_lists] * 4) == [None] * 4

    lists = list(PublishedList.objects.filter(authority=issuing_ca).order_by("pk"))
    assert len(lists) == 2, "the ceremony's and one more"
    assert lists[0].number < lists[1].number
    assert len(x509.load_der_x509_crl(bytes(lists[1].der))) == 1


def test_the_same_person_entered_at_once_is_entered_once(transactional_db: None) -> None:
    facts, officers = making.facts(), [factories.officer() for _ in range(4)]
    outcomes = at_once(*(lambda who=who: register(officer=who, facts=facts) for who in officers))
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyWaiting"] * 3 + ["Registration"]
    assert Registration.objects.count() == 1


def test_a_reset_entered_at_once_is_entered_once(transactional_db: None) -> None:
    account, officers = factories.subscriber().account, [factories.officer() for _ in range(4)]
    outcomes = at_once(
        *(lambda who=who: request_reset(officer=who, account=account, identity_check="seen") for who in officers)
    )
    assert sum(isinstance(one, AlreadyWaiting) for one in outcomes) == 3
    assert ResetRequest.objects.count() == 1


def test_what_a_request_suspends_and_an_officer_revokes_at_once_is_revoked(issuing_ca: Authority) -> None:
    """The one locks certificates and waits for their CA, the other as well: nobody is refused for a lock."""
    clerks = [factories.officer() for _ in range(2)]
    for _ in range(10):
        certificates = many(issuing_ca, 4)
        wish = partial(Wish, door=Door.PAPER, reason=Reason.EXPOSED, form_number="SG-201-1")
        asking = [
            partial(request_revocation, wish=wish(certificates=certificates[at : at + 2], by=clerk))
            for at, clerk in zip((0, 2), clerks, strict=True)
        ]
        fresh = list(Certificate.objects.filter(pk__in=[one.pk for one in certificates]))
        revoking = partial(revoke, certificates=fresh[::-1], reason="keyCompromise", actor="system")
        *asked, revoked = at_once(*asking, revoking)
        assert revoked is None
        assert all(isinstance(one, RevocationRequest | AlreadyRevoked) for one in asked), asked
        found = Certificate.objects.filter(pk__in=[one.pk for one in certificates])
        assert {one.state for one in found} == {"revoked"}
