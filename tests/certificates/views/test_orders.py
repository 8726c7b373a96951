"""The page that follows an order: where it stands, in every state, for its owner alone."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Subscriber
from certificates import jobs
from certificates.models import Authority, Order
from certificates.services import place_service_order
from certificates.states import Authorisation, OrderState
from tests import factories
from tests.certificates.making import OPERATORS, csr, draft, placed

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder(authority: Authority) -> Subscriber:
    return factories.subscriber()


@pytest.fixture
def tab(client: Client, holder: Subscriber) -> Client:
    return factories.signed_in(client, holder)


def page(order: Order) -> str:
    return reverse("certificates:order", args=[order.public_id])


def status(order: Order) -> str:
    return reverse("certificates:order-status", args=[order.public_id])


def test_an_order_is_followed_until_its_certificates_are_there(tab: Client, holder: Subscriber) -> None:
    order = placed(holder, "personal")
    answer = tab.get(page(order))
    assert answer.templates[0].name == "certificates/order.html"
    assert [item["name"] for item in answer.context["items"]] == ["personal-signing", "personal-encryption"]
    assert tab.get(status(order)).json() == {"state": "placed", "text": "waiting to be signed", "next": None}

    jobs.issue_orders([order.pk])
    assert tab.get(status(order)).json()["next"] == page(order)
    answer = tab.get(page(order))
    assert answer.templates[0].name == "certificates/issued.html"
    assert [one["item_name"] for one in answer.context["certificates"]] == ["personal-signing", "personal-encryption"]


@pytest.mark.parametrize(
    ("authorisation", "home"), [(Authorisation.ENTITLEMENT, "enrollment:home"), (Authorisation.RENEWAL, "renewal:home")]
)
def test_a_refused_order_says_why_and_where_to_begin_again(
    tab: Client, holder: Subscriber, authorisation: str, home: str
) -> None:
    order = placed(holder)
    refused = {"state": OrderState.REFUSED, "refusal_code": "key-weak", "authorisation": authorisation}
    Order.objects.filter(pk=order.pk).update(**refused)
    words = tab.get(page(order)).content.decode()
    assert "This key is weak" in words
    assert f'href="{reverse(home)}">Back' in words
    assert tab.get(status(order)).json()["next"] == page(order)


def test_a_draft_is_gone_on_with(tab: Client, holder: Subscriber) -> None:
    order = draft(holder)
    assert tab.get(page(order))["Location"] == reverse("enrollment:order", args=[order.public_id])
    Order.objects.filter(pk=order.pk).update(authorisation=Authorisation.RENEWAL)
    assert tab.get(page(order))["Location"] == reverse("renewal:renew", args=[order.public_id])


def test_it_takes_few_queries(tab: Client, holder: Subscriber, django_assert_max_num_queries: Any) -> None:
    order = placed(holder, "personal")
    for address in (page(order), status(order)):
        with django_assert_max_num_queries(12):
            assert tab.get(address).status_code == 200
    jobs.issue_orders([order.pk])
    with django_assert_max_num_queries(12):
        assert tab.get(page(order)).status_code == 200


def test_nobody_else_finds_it(tab: Client) -> None:
    theirs = placed(factories.subscriber())
    inside = place_service_order(profile="ocsp-responder", subject={"common_name": "x"}, csr=csr(), operators=OPERATORS)
    for address in (page(theirs), status(theirs), page(inside), reverse("certificates:order", args=[uuid4()])):
        assert tab.get(address).status_code == 404


def test_it_is_kept_in_no_cache(tab: Client, holder: Subscriber) -> None:
    order = placed(holder)
    for address in (page(order), status(order)):
        assert "no-store" in tab.get(address)["Cache-Control"]
