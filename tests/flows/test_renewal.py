"""A certificate comes to its end and is renewed, through the real pages, with a clock that moves."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from ca.csr import parse_csr
from certificates.jobs import issue_orders
from certificates.models import Authority, Certificate, Order
from certificates.services import hold
from tests.certificates.making import Key, new_key
from tests.conftest import Clock
from tests.factories import officer, signed_in, subscriber
from tests.flows import journey
from tests.flows.journey import Applicant, pem, post
from tests.renewal.making import signed

pytestmark = pytest.mark.django_db


@dataclass
class Renewer:
    """Somebody whose pair was issued, in front of their browser, with their keys."""

    account: str
    keys: list[Key] = field(default_factory=lambda: [new_key(), new_key()])
    client: Client = field(default_factory=Client)

    def enrol(self, client: Client) -> Order:
        """Walk from the entitlement to the pair, with the mailbox proven on the way."""
        applicant = Applicant(client)
        applicant.begin("personal")
        applicant.confirm()
        applicant.prove_mailbox()
        applicant.agree()
        assert applicant.send(pem(self.keys[0]), pem(self.keys[1])).status_code == 302
        return applicant.have_signed()

    def come_back(self) -> None:
        """Sign in at the door, as months later."""
        self.client, answer = journey.signed_in(self.account, journey.NEW_PASSWORD)
        assert answer.status_code == 302, answer.content.decode()

    def offers(self) -> list[Any]:
        """What the renewal page lists."""
        return list(self.client.get(reverse("renewal:home")).context["offers"])

    def begin(self, old: Order) -> str:
        """Press the button of a pair; gives back the address of its page."""
        return str(post(self.client, reverse("renewal:start", args=[old.public_id]))["Location"])

    def prove_mailbox(self, page: str) -> None:
        """Have the link sent, take it from the mail, open it in another browser, press its button."""
        assert post(self.client, f"{page}mailbox/")["Location"] == page
        link = re.search(r"http\S+", journey.mails_sent()[-1].body)
        assert link
        assert Client().post("/" + link[0].split("/", 3)[3]).status_code in (200, 302)

    def send(self, page: str, csrs: list[str], **changes: Any) -> Any:
        """Send the page as it stands, with these requests and the challenge phrase or a proof."""
        version = self.client.get(page).context["form"]["version"].value()
        form = {"version": version, "accept": "on", "csr": csrs, "key_source": "own"}
        return post(self.client, page, {**form, "proof_kind": "phrase", "phrase": journey.PHRASE, **changes})

    def proof(self, page: str, csrs: list[str]) -> dict[str, str]:
        """What the script of the page makes with the old signing key."""
        nonce = post(self.client, f"{page}nonce/").json()
        lines = [f"csr-sha256: {hashlib.sha256(parse_csr(one.encode()).der).hexdigest()}" for one in csrs]
        lines += [f"nonce: {nonce['nonce']}", f"time: {nonce['time']}"]
        content = nonce["statement_head"] + "".join(f"{line}\n" for line in lines)
        signer = Certificate.objects.get(number=self.client.get(page).context["signer"]["number"])
        proof = base64.b64encode(signed(content.encode(), self.keys[0], signer)).decode()
        return {"proof_kind": "signature", "proof": proof, "phrase": ""}


@pytest.fixture
def renewer(ca: Authority) -> Renewer:
    """Registered, approved, with a password; the doors of officers are tested elsewhere."""
    desk = signed_in(Client(), officer(roles=[Role.REGISTRATION]))
    approver = signed_in(Client(), officer(roles=[Role.APPROVING]))
    assert journey.decided(approver, journey.registered(desk)).status_code == 302
    account, passcode = journey.printed(desk)
    client, _answer = journey.signed_in(account, passcode)
    first = {"new": journey.NEW_PASSWORD, "again": journey.NEW_PASSWORD}
    assert post(client, reverse("accounts:first-password"), first).status_code == 302
    return Renewer(account, client=client)


def certificates(order: Order) -> list[Certificate]:
    return list(Certificate.objects.filter(item__order=order).order_by("item__position"))


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
