"""Requests as their case's page shows them, and as holders follow their own."""

from typing import Any

import pytest
from django.http import Http404

from cases.models import Case
from certificates.models import Authority, Certificate
from revocation.selectors.requests import (
    Lines,
    name_of_request,
    own_request,
    own_requests,
    revocation_page,
    same_key,
)
from revocation.states import Reason
from tests import factories
from tests.certificates.making import issued, person
from tests.revocation.making import decided, on_paper, requested

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(authority: Authority) -> list[Certificate]:
    """The two certificates of one order."""
    return issued(person(given_name="Ana", family_name="Silva", name_chinese=""), kind="personal")


def test_whom_a_request_is_about(pair: list[Certificate]) -> None:
    mine, paper = requested(pair[:1]), on_paper(pair[1:])
    assert name_of_request(mine.case) == "Ana Silva"
    assert name_of_request(paper.case) == "Form R-2026-17"


def test_the_newest_identity_counts(pair: list[Certificate]) -> None:
    made = requested(pair)
    assert pair[0].subscriber is not None
    factories.identity(pair[0].subscriber, given_name="Ana", family_name="Souza", name_chinese="")
    page = revocation_page(Case.objects.get())
    assert page["identity"].family_name == "Souza"
    assert page["id_number"].startswith("1••")
    assert page["lines"][0:1][0]["holder"] == "Ana Souza"
    assert name_of_request(Case.objects.get(pk=made.case_id)) == "Ana Souza"


def test_lines_are_read_as_they_are_shown(pair: list[Certificate], django_assert_num_queries: Any) -> None:
    lines = Lines(requested(pair))
    with django_assert_num_queries(1):
        assert len(lines) == 2
    with django_assert_num_queries(2):  # the line with all that its row shows, and the holder's identities
        shown = lines[1:2]
    assert [one["number"] for one in shown] == [pair[1].number]
    assert shown[0]["held_since"] == Certificate.objects.get(pk=pair[1].pk).revoked_at


def test_what_is_not_suspended_has_no_date_of_it(pair: list[Certificate]) -> None:
    assert Lines(on_paper(pair))[0:1][0]["held_since"] is None


def test_certificates_with_the_same_key(pair: list[Certificate]) -> None:
    other, revoked = issued(), issued()
    Certificate.objects.filter(pk__in=[other[0].pk, revoked[0].pk]).update(public_key=pair[0].public_key)
    Certificate.objects.filter(pk=revoked[0].pk).update(state="revoked")
    assert list(same_key(requested(pair[:1], Reason.LOST))) == other
    assert not same_key(on_paper(pair[1:], Reason.UNUSED))


def test_a_decided_case_asks_nothing_more(pair: list[Certificate]) -> None:
    other = issued()
    Certificate.objects.filter(pk=other[0].pk).update(public_key=pair[0].public_key)
    case = requested(pair, Reason.LOST).case
    assert [one["number"] for one in revocation_page(case)["same_key"]] == [other[0].number]
    Case.objects.filter(pk=case.pk).update(state="withdrawn")
    assert revocation_page(Case.objects.get(pk=case.pk))["same_key"] == []


def test_earlier_requests_are_told(pair: list[Certificate]) -> None:
    first = requested(pair[:1])
    decided(first, approve=False)
    other_of_holder, stranger = requested(pair[1:]), requested(issued())
    page = revocation_page(requested(pair[:1]).case)
    assert page["earlier"] == [other_of_holder, first]
    assert revocation_page(stranger.case)["earlier"] == []


def test_a_holder_follows_their_own(pair: list[Certificate]) -> None:
    holder = pair[0].subscriber
    assert holder is not None
    made, foreign = requested(pair), requested(issued())
    own = own_requests(holder)
    assert [(one.request, one.suspended, one.may_withdraw) for one in own] == [(made, True, True)]
    assert own[0].numbers == ", ".join(one.number for one in pair)
    assert own_request(holder, made.case.reference) == made
    with pytest.raises(Http404):
        own_request(holder, foreign.case.reference)
    decided(made)
    assert [(one.suspended, one.may_withdraw) for one in own_requests(holder)] == [(False, False)]
