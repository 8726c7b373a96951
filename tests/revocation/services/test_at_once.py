"""What comes at once: holders, officers and visitors that meet on the same certificates."""

import time
from functools import partial

import pytest
from django.db import connection

from accounts.models import Subscriber
from accounts.states import AccountState
from audit.errors import WrongState
from certificates.errors import ChallengeWrong
from certificates.models import Authority, Certificate
from certificates.services import place_order
from notifications.models import Message
from revocation.errors import AlreadyAsked
from revocation.models import RevocationRequest
from revocation.services import PhraseWish, request_with_phrase, withdraw_revocation
from revocation.states import Reason
from tests import factories
from tests.certificates.making import PHRASE, ceremony, draft, issued, many, submission
from tests.revocation.making import decided, on_paper, requested, states
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def certificates(transactional_db: None) -> list[Certificate]:
    """A pair whose rows other threads see, too."""
    ceremony()
    return issued(kind="personal")


def kinds(outcomes: list[object]) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


def test_of_requests_at_once_one_is_made(certificates: list[Certificate]) -> None:
    orders = (certificates, certificates[::-1], certificates[:1], certificates)
    outcomes = at_once(*(lambda these=these: requested(these) for these in orders))
    assert kinds(outcomes) == ["AlreadyAsked"] * 3 + ["RevocationRequest"]
    made = RevocationRequest.objects.get()
    assert states([line.certificate for line in made.lines.all()]) == ["held"] * made.lines.count()


def test_an_approval_and_a_withdrawal_at_once_are_one_of_them(certificates: list[Certificate]) -> None:
    holder = certificates[0].subscriber
    assert isinstance(holder, Subscriber)
    officer = factories.officer()
    for _ in range(3):
        made = requested(issued(holder, "personal"))
        mine = RevocationRequest.objects.select_related("case").get(pk=made.pk)
        outcomes = at_once(
            partial(decided, made, officer=officer), partial(withdraw_revocation, request=mine, subscriber=holder)
        )
        assert sum(isinstance(one, WrongState) for one in outcomes) == 1, outcomes
        made.case.refresh_from_db()
        after = {"approved": "revoked", "withdrawn": "valid"}[made.case.state]
        assert states([line.certificate for line in made.lines.all()]) == [after, after]
        told = Message.objects.filter(key__contains=made.case.reference).exclude(event="revocation-requested")
        assert [one.event for one in told] == [f"revocation-{made.case.state}"]


def test_no_order_slips_past_the_end_of_its_account(certificates: list[Certificate]) -> None:
    officer = factories.officer()
    for _ in range(3):
        holder = factories.subscriber(state=AccountState.NEW)
        made, order = requested(issued(holder), closes_account=True), draft(holder)
        outcomes = at_once(
            partial(decided, made, officer=officer), partial(place_order, order=order, submission=submission())
        )
        holder.account.refresh_from_db()
        order.refresh_from_db()
        after = {"placed": ("OrderUnderway", "new", "open"), "draft": ("AccountClosed", "closed", "approved")}
        made.case.refresh_from_db()
        refused = [type(one).__name__ for one in outcomes if isinstance(one, Exception)]
        assert (*refused, holder.account.state, made.case.state) == after[order.state]


def test_officers_at_once_decide_once(certificates: list[Certificate]) -> None:
    made, officers = requested(certificates), [factories.officer() for _ in range(3)]
    outcomes = at_once(
        lambda: decided(made, officer=officers[0]),
        lambda: decided(made, officer=officers[1], approve=False),
        lambda: decided(made, officer=officers[2]),
    )
    assert sum(isinstance(one, WrongState) for one in outcomes) == 2, outcomes
    assert len(set(states(certificates))) == 1


def test_tries_at_once_open_three_times_at_most(certificates: list[Certificate]) -> None:
    def guess(number: int) -> None:
        wish = PhraseWish(certificates[0].number, f"wrong phrase {number}", Reason.LOST)
        request_with_phrase(wish=wish, address=f"203.0.113.{number}")

    outcomes = at_once(*(lambda number=number: guess(number) for number in range(8)))
    assert kinds(outcomes) == ["ChallengeWrong"] * 8
    right = PhraseWish(certificates[0].number, PHRASE, Reason.LOST)
    with pytest.raises(ChallengeWrong):
        request_with_phrase(wish=right, address="203.0.113.99")


def test_two_papers_that_overlap_are_one(certificates: list[Certificate]) -> None:
    officers = [factories.officer() for _ in range(2)]
    outcomes = at_once(
        lambda: on_paper(certificates, officer=officers[0]), lambda: on_paper(certificates[::-1], officer=officers[1])
    )
    assert kinds(outcomes) == ["AlreadyAsked", "RevocationRequest"]
    assert isinstance(next(one for one in outcomes if isinstance(one, AlreadyAsked)).reference, str)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="measured on PostgreSQL")
@pytest.mark.parametrize("reason", [Reason.UNUSED, Reason.EXPOSED])
def test_ten_thousand_are_decided_in_seconds(certificates: list[Certificate], reason: Reason) -> None:
    authority, count = Authority.objects.get(pk=certificates[0].authority_id), 10_000
    all_of_them = many(authority, count)
    people = [factories.subscriber(state=AccountState.NEW) for _ in range(200)]
    for at, person in enumerate(people):
        part = [one.pk for one in all_of_them[at :: len(people)]]
        Certificate.objects.filter(pk__in=part).update(subscriber=person)
    begin = time.monotonic()
    made = on_paper(all_of_them, reason)
    entered = time.monotonic()
    decided(made)
    end = time.monotonic()
    assert Certificate.objects.filter(state="revoked").count() == count
    assert Message.objects.filter(event="revocation-approved").count() == len(people)
    assert entered - begin < 30
    assert end - entered < 30
