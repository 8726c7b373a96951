"""The subscriber's pages, one by one; the whole way is walked in tests/flows."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import Acceptance, MailboxProof, Subscriber
from accounts.services import print_passcode, set_first_password
from audit.services import SYSTEM
from certificates.models import Order
from certificates.states import OrderState
from enrollment.models import Entitlement
from enrollment.services import open_application
from notifications.jobs import deliver
from notifications.models import Message
from tests import factories
from tests.enrollment import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder() -> Subscriber:
    """Somebody approved for the pair and for secure-email, who chose a password."""
    call_command("load_agreements", stdout=StringIO())
    person = making.approved(profiles=("personal", "secure-email"))
    print_passcode(account=person.account, actor=SYSTEM)
    set_first_password(account=person.account, new=factories.PASSWORD)
    return person


@pytest.fixture
def tab(holder: Subscriber) -> Client:
    """Their browser, signed in."""
    return factories.signed_in(Client(), holder)


@pytest.fixture
def order(holder: Subscriber) -> Order:
    """A draft for secure-email."""
    entitlement = Entitlement.objects.get(subscriber=holder, profile="secure-email")
    return open_application(subscriber=holder, entitlement=entitlement)


def page(order: Order, name: str) -> str:
    return reverse(f"enrollment:{name}", args=[order.public_id])


def following(order: Order) -> str:
    return reverse("certificates:order", args=[order.public_id])


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_visitor_learns_how_to_begin() -> None:
    answer = Client().get(reverse("enrollment:home"))
    assert "passcode slip" in words(answer)
    assert reverse("accounts:sign-in") in words(answer)


def test_an_officer_is_led_to_the_desk() -> None:
    tab = factories.signed_in(Client(), factories.officer())
    assert tab.get(reverse("enrollment:home"))["Location"] == reverse("desk:queue")


def test_home_shows_each_entitlement_with_one_button(tab: Client, order: Order) -> None:
    answer = tab.get(reverse("enrollment:home"))
    assert {(one.entitlement.profile, str(one.state)) for one in answer.context["offers"]} == {
        ("personal", "open"),
        ("secure-email", "begun"),
    }
    assert answer.context["first"].entitlement.profile == "secure-email"
    assert words(answer).count('<button type="submit" class="btn btn-primary">') == 2


def test_home_without_anything_says_what_to_do() -> None:
    tab = factories.signed_in(Client(), factories.subscriber())
    assert "has not approved any certificate" in words(tab.get(reverse("enrollment:home")))


def test_pages_of_a_subscriber_take_few_queries(
    tab: Client, order: Order, holder: Subscriber, django_assert_max_num_queries: Any
) -> None:
    making_ready(tab, order, holder)
    for address in (
        reverse("enrollment:home"),
        *(page(order, name) for name in ("data", "mailbox", "agreement", "key")),
    ):
        with django_assert_max_num_queries(15):
            assert tab.get(address).status_code == 200, address


def making_ready(tab: Client, order: Order, holder: Subscriber) -> None:
    """Do every step before the key."""
    to_agreement(tab, order)
    tab.post(page(order, "agreement"), {"version": 1, "accept": "on"})


def to_agreement(tab: Client, order: Order) -> None:
    """Do every step before the agreement."""
    tab.post(page(order, "data"))
    tab.post(page(order, "mailbox"))
    proof = MailboxProof.objects.get()
    MailboxProof.objects.update(proven_at=proof.sent_at)


def test_the_data_page_shows_what_is_registered(tab: Client, order: Order) -> None:
    answer = tab.get(page(order, "data"))
    assert "Mei Chan" in words(answer)
    assert "陳美" in words(answer)
    assert order.identity
    assert order.identity.email in words(answer)


def test_wrong_data_are_reported_to_the_desk(tab: Client, order: Order) -> None:
    assert tab.post(page(order, "report-error"), {"text": ""}).status_code == 422
    answer = tab.post(page(order, "report-error"), {"text": "It is Mei-Ling.\nThank you"}, follow=True)
    assert "on its way to the registration desk" in words(answer)
    deliver(Message.objects.get(event="data-error").pk)
    assert "It is Mei-Ling." in mail.outbox[-1].body
    assert mail.outbox[-1].to == ["help@sigillum.example"]


def test_the_mailbox_page_notices_the_proof(tab: Client, order: Order) -> None:
    tab.post(page(order, "data"))
    assert "Send the link" in words(tab.get(page(order, "mailbox")))
    tab.post(page(order, "mailbox"))
    assert "Send another link" in words(tab.get(page(order, "mailbox")))
    assert "has not been opened yet" in words(tab.get(page(order, "mailbox"), {"opened": ""}))
    proof = MailboxProof.objects.get()
    MailboxProof.objects.update(proven_at=proof.sent_at)
    assert "is confirmed" in words(tab.get(page(order, "mailbox")))
    assert tab.get(page(order, "mailbox"), {"opened": ""})["Location"] == page(order, "order")
    tab.post(page(order, "mailbox"))
    assert MailboxProof.objects.count() == 1


def test_too_many_links_are_told_so(tab: Client, order: Order) -> None:
    tab.post(page(order, "data"))
    codes = [tab.post(page(order, "mailbox")).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]


def test_the_agreement_is_kept_with_its_language(tab: Client, order: Order, holder: Subscriber) -> None:
    making_ready(tab, order, holder)
    acceptance = Acceptance.objects.get(purpose=order.audit_id)
    assert (acceptance.subscriber, acceptance.agreement.language) == (holder, "en")
    assert "You accepted version 1" in words(tab.get(page(order, "agreement")))


def test_the_consent_to_be_listed_is_asked_unticked_and_only_of_whoever_has_not_agreed(
    tab: Client, order: Order, holder: Subscriber
) -> None:
    to_agreement(tab, order)
    asked = words(tab.get(page(order, "agreement")))
    assert 'name="listed"' in asked
    assert not re.search(r"<input[^>]* checked", asked)
    assert tab.post(page(order, "agreement"), {"version": 1, "listed": "on"}).status_code == 422
    assert not Subscriber.objects.get(pk=holder.pk).listed  # nothing counts before the agreement does
    tab.post(page(order, "agreement"), {"version": 1, "accept": "on", "listed": "on"})
    assert Subscriber.objects.get(pk=holder.pk).listed
    next_one = open_application(
        subscriber=holder, entitlement=Entitlement.objects.get(subscriber=holder, profile="personal")
    )
    tab.post(page(next_one, "data"))
    assert 'name="listed"' not in words(tab.get(page(next_one, "agreement")))
    tab.post(page(next_one, "agreement"), {"version": 1, "accept": "on"})
    assert Subscriber.objects.get(pk=holder.pk).listed


def test_without_the_tick_nobody_is_listed(tab: Client, order: Order, holder: Subscriber) -> None:
    to_agreement(tab, order)
    tab.post(page(order, "agreement"), {"version": 1, "accept": "on"})
    assert Acceptance.objects.filter(subscriber=holder).exists()
    assert not Subscriber.objects.get(pk=holder.pk).listed


def test_an_agreement_that_changed_is_read_again(tab: Client, order: Order) -> None:
    tab.post(page(order, "data"))
    tab.post(page(order, "mailbox"))
    MailboxProof.objects.update(proven_at=MailboxProof.objects.get().sent_at)
    answer = tab.post(page(order, "agreement"), {"version": 0, "accept": "on"})
    assert "The agreement was changed" in words(answer)
    assert not Acceptance.objects.exists()
    assert tab.post(page(order, "agreement"), {"version": 1}).status_code == 422


def test_a_refused_order_says_why_and_gives_the_entitlement_back(tab: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(state=OrderState.REFUSED, refusal_code="key-weak")
    assert tab.get(page(order, "order"))["Location"] == following(order)
    assert "This key is weak" in words(tab.get(following(order)))
    entitlement = Entitlement.objects.get(public_id=order.authorisation_id)
    answer = tab.post(reverse("enrollment:start", args=[entitlement.public_id]))
    assert answer["Location"] not in (page(order, "order"), following(order))


@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_the_pages_stand_in_every_language(tab: Client, order: Order, holder: Subscriber, language: str) -> None:
    making_ready(tab, order, holder)
    tab.cookies["language"] = language
    for name in ("data", "mailbox", "agreement", "key"):
        answer = tab.get(page(order, name))
        assert answer.status_code == 200
        assert f'lang="{language[:2]}' in words(answer)


def test_an_order_that_no_entitlement_allows_has_no_steps(tab: Client, order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(authorisation="renewal")
    assert tab.get(page(order, "data")).status_code == 404
