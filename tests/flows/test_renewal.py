"""A certificate comes to its end and is renewed, through the real pages, with a clock that moves."""

from datetime import timedelta

import pytest
from cryptography import x509
from django.test import Client
from django.urls import reverse

from certificates.jobs import issue_orders
from certificates.models import Order
from certificates.services import hold
from tests.conftest import Clock
from tests.factories import signed_in, subscriber
from tests.flows import journey
from tests.flows.journey import pem, post
from tests.flows.renewer import Renewer, certificates

pytestmark = pytest.mark.django_db


def at_the_page(renewer: Renewer, clock: Clock) -> tuple[Order, str]:
    """Nine days before the end, with the mailbox proven: the old order, and the address of the page that renews it."""
    old = renewer.enrol(renewer.client)
    clock.move_to(certificates(old)[0].not_after - timedelta(days=9))
    renewer.come_back()
    page = renewer.begin(old)
    renewer.prove_mailbox(page)
    return old, page


def test_a_pair_is_renewed_by_one_signature(renewer: Renewer, clock: Clock) -> None:
    old = renewer.enrol(renewer.client)
    ends = certificates(old)[0].not_after
    assert [str(one.state) for one in renewer.offers()] == ["early"]

    # Nine days before the end, in a new session: the mailbox was proven two years ago and is proven again.
    clock.move_to(ends - timedelta(days=9))
    renewer.come_back()
    assert [str(one.state) for one in renewer.offers()] == ["open"]
    page = renewer.begin(old)
    assert renewer.client.get(page).context["mailbox_proven"] is False
    csrs = [pem(), pem()]
    assert renewer.send(page, csrs)["Location"] == page, "not without the mailbox"
    renewer.prove_mailbox(page)

    answer = renewer.send(page, csrs, **renewer.proof(page, csrs))
    new = Order.objects.get(renews=old)
    assert answer["Location"] == reverse("certificates:order", args=[new.public_id])
    assert renewer.client.get(answer["Location"]).context["order"].state == "placed"
    issue_orders([new.pk])

    shown = renewer.client.get(answer["Location"])
    assert shown.templates[0].name == "certificates/issued.html"
    assert [one.replaces for one in certificates(new)] == certificates(old)
    found = [x509.load_der_x509_certificate(bytes(one.der)) for one in certificates(new)]
    assert [one.public_key() for one in found] == [x509.load_pem_x509_csr(one.encode()).public_key() for one in csrs]
    assert {one.state for one in certificates(old)} == {"valid"}, "the old pair lives to its end"
    last = journey.mails_sent()[-1]
    assert "It takes the place of: " + ", ".join(one.number for one in certificates(old)) in last.body
    assert [str(one.state) for one in renewer.offers()] == ["early", "renewed"]
    again = post(renewer.client, reverse("renewal:start", args=[old.public_id]), follow=True)
    assert "was renewed already" in again.content.decode()


def test_the_new_pair_is_renewed_in_its_turn(renewer: Renewer, clock: Clock) -> None:
    old, page = at_the_page(renewer, clock)
    assert renewer.send(page, [pem(), pem()]).status_code == 302
    new = Order.objects.get(renews=old)
    issue_orders([new.pk])

    clock.move_to(certificates(new)[0].not_after - timedelta(days=1))
    renewer.come_back()
    assert [str(one.state) for one in renewer.offers()] == ["open", "renewed"]
    page = renewer.begin(new)
    renewer.prove_mailbox(page)
    refused = renewer.send(page, [pem(), pem()], phrase="Not the phrase 1")
    assert "do not fit together" in refused.content.decode()
    assert renewer.send(page, [pem(), pem()]).status_code == 302, "the phrase of the first order was kept"


def test_the_old_key_may_not_come_back(renewer: Renewer, clock: Clock) -> None:
    _old, page = at_the_page(renewer, clock)
    refused = renewer.send(page, [pem(renewer.keys[0]), pem()])
    assert refused.status_code == 422
    assert "already used this key" in refused.content.decode()
    assert renewer.send(page, [pem(), pem()]).status_code == 302


def test_a_signature_is_good_for_its_requests_alone(renewer: Renewer, clock: Clock) -> None:
    _old, page = at_the_page(renewer, clock)
    csrs = [pem(), pem()]
    proof = renewer.proof(page, csrs)
    exchanged = renewer.send(page, [pem(), pem()], **proof)
    assert "does not belong to this request" in exchanged.content.decode()
    clock.shift(minutes=11)
    late = renewer.send(page, csrs, **proof)
    assert "older than ten minutes" in late.content.decode()
    assert renewer.send(page, csrs, **renewer.proof(page, csrs)).status_code == 302


def test_one_second_too_late(renewer: Renewer, clock: Clock) -> None:
    old = renewer.enrol(renewer.client)
    ends = certificates(old)[0].not_after
    clock.move_to(ends - timedelta(minutes=5))
    renewer.come_back()
    page = renewer.begin(old)
    renewer.prove_mailbox(page)
    csrs = [pem(), pem()]
    proof = renewer.proof(page, csrs)
    clock.move_to(ends + timedelta(seconds=1))
    version = 1
    form = {"version": version, "accept": "on", "csr": csrs, "key_source": "own", **proof}
    answer = post(renewer.client, page, form, follow=True)
    assert "can no longer be renewed" in answer.content.decode()
    assert Order.objects.get(renews=old).state == "draft"
    assert [str(one.state) for one in renewer.offers()] == ["ended"]


def test_what_is_suspended_while_the_order_waits_is_not_renewed(renewer: Renewer, clock: Clock) -> None:
    old, page = at_the_page(renewer, clock)
    following = renewer.send(page, [pem(), pem()])["Location"]
    hold(certificates=certificates(old), actor="test")
    issue_orders([Order.objects.get(renews=old).pk])
    words = renewer.client.get(following).content.decode()
    assert "suspended or revoked meanwhile" in words
    assert f'href="{reverse("renewal:home")}"' in words


def test_a_stranger_finds_nothing(renewer: Renewer, clock: Clock) -> None:
    old = renewer.enrol(renewer.client)
    clock.move_to(certificates(old)[0].not_after - timedelta(days=9))
    renewer.come_back()
    page = renewer.begin(old)
    stranger = signed_in(Client(), subscriber())
    assert stranger.post(reverse("renewal:start", args=[old.public_id])).status_code == 404
    for address in (page, f"{page}nonce/", f"{page}mailbox/"):
        assert stranger.post(address).status_code == 404
    assert stranger.get(page).status_code == 404
    assert not stranger.get(reverse("renewal:home")).context["offers"]
