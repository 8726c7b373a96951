"""The pages of renewal: what they offer, what they take, what they say when they refuse."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import MailboxProof, Subscriber
from certificates import jobs
from certificates.models import Authority, Order
from certificates.services import hold
from notifications.models import Message
from renewal.models import RenewalNonce
from renewal.selectors.offers import draft_of
from renewal.services.proofs import Nonce
from renewal.views import subscriber as subscriber_views
from tests import factories
from tests.certificates.making import ceremony, csr
from tests.conftest import Clock
from tests.renewal import making
from tests.renewal.making import PHRASE, Holder, address, near_the_end, signed, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def ca(db: None) -> Authority:
    return ceremony()


@pytest.fixture
def made(ca: Authority, clock: Clock) -> Holder:
    """Ten days before the end of a pair."""
    return near_the_end(clock, "personal")


@pytest.fixture
def order(made: Holder) -> Order:
    return made.begin()


@pytest.fixture
def tab(made: Holder) -> Client:
    return made.browser()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def form(**changes: Any) -> dict[str, Any]:
    """What the page sends with the challenge phrase."""
    return {
        "version": "1",
        "accept": "on",
        "key_source": "own",
        "csr": [csr().decode(), csr().decode()],
        "proof_kind": "phrase",
        "phrase": PHRASE,
        "challenge": "",
        "challenge_again": "",
        **changes,
    }


def signature(tab: Client, made: Holder, order: Order, sent: dict[str, Any]) -> str:
    """The proof as the page's script makes it, with a nonce from the page."""
    answer = tab.post(address("nonce", order)).json()
    assert set(answer) == {"nonce", "time", "statement_head"}
    nonce = RenewalNonce.objects.order_by("pk").last()
    assert nonce is not None
    content = words(Nonce(answer["nonce"], nonce.made_at, answer["statement_head"]), _requests(sent))
    assert f"time: {answer['time']}\n".encode() in content
    return base64.b64encode(signed(content, made.keys[0], made.certificates[0])).decode()


def _requests(sent: dict[str, Any]) -> tuple[bytes, ...]:
    return tuple(one.encode() for one in sent["csr"])


# --- home --------------------------------------------------------------------------------------------------------


def test_a_visitor_reads_how_it_goes_and_finds_the_door() -> None:
    page = text(Client().get(reverse("renewal:home")))
    assert f"{reverse('accounts:sign-in')}?next={reverse('renewal:home')}" in page


def test_an_officer_reads_how_it_goes() -> None:
    tab = factories.signed_in(Client(), factories.officer())
    assert "Sign in and renew" not in text(tab.get(reverse("renewal:home")))


def test_a_pair_has_one_button(tab: Client, made: Holder) -> None:
    answer = tab.get(reverse("renewal:home"))
    page = text(answer)
    assert page.count('<button type="submit" class="btn btn-primary">Renew') == 1
    assert f'id="order-{made.order.public_id}"' in page
    for certificate in made.certificates:
        assert certificate.number in page
    assert "no-store" in answer["Cache-Control"]


def test_who_has_nothing_is_led_to_apply() -> None:
    tab = factories.signed_in(Client(), factories.subscriber())
    assert reverse("enrollment:home") in text(tab.get(reverse("renewal:home")))


def test_home_takes_few_queries(tab: Client, ca: Authority, made: Holder, django_assert_max_num_queries: Any) -> None:
    from_before = made.subscriber
    for _ in range(3):
        making.holder(subscriber=from_before)
    with django_assert_max_num_queries(14):
        assert len(tab.get(reverse("renewal:home")).context["offers"]) == 4


def test_too_early_says_from_when(ca: Authority, clock: Clock) -> None:
    made = making.holder()
    tab = made.browser()
    assert "You can renew from" in text(tab.get(reverse("renewal:home")))
    answer = tab.post(reverse("renewal:start", args=[made.order.public_id]), follow=True)
    assert "too early to renew" in text(answer)
    assert not Order.objects.filter(renews=made.order).exists()


# --- start -------------------------------------------------------------------------------------------------------


def test_the_button_leads_to_the_page_and_back_to_it(tab: Client, made: Holder) -> None:
    start = reverse("renewal:start", args=[made.order.public_id])
    first = tab.post(start)["Location"]
    assert tab.post(start)["Location"] == first
    assert tab.get(start)["Location"] == reverse("renewal:home")
    assert tab.get(first).status_code == 200


def test_a_stranger_s_order_is_not_found(made: Holder, order: Order) -> None:
    stranger = factories.signed_in(Client(), factories.subscriber())
    for start in (made.order.public_id, uuid4()):
        assert stranger.post(reverse("renewal:start", args=[start])).status_code == 404
    assert stranger.get(address("renew", order)).status_code == 404
    for page in ("renew", "nonce", "mailbox"):
        assert stranger.post(address(page, order), form()).status_code == 404
        assert stranger.post(reverse(f"renewal:{page}", args=[made.order.public_id])).status_code == 404


def test_what_is_no_renewal_is_not_found_here(tab: Client, made: Holder) -> None:
    assert tab.get(reverse("renewal:renew", args=[made.order.public_id])).status_code == 404


# --- the page ----------------------------------------------------------------------------------------------------


def test_the_page_shows_everything(tab: Client, made: Holder, order: Order) -> None:
    answer = tab.get(address("renew", order))
    context = answer.context
    first, second = made.certificates
    assert [one["number"] for one in context["old"]] == [first.number, second.number]
    assert context["signer"]["number"] == first.number
    assert [one["name"] for one in context["items"]] == ["personal-signing", "personal-encryption"]
    assert context["agreement"].version == 1
    assert (context["mailbox_needed"], context["mailbox_proven"]) == (True, True)
    assert "•" in context["id_number"]
    assert order.identity is not None
    assert order.identity.email in text(answer)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("language", ["zh-hant", "pt"])
def test_the_pages_stand_in_every_language(tab: Client, order: Order, language: str) -> None:
    for page in (reverse("renewal:home"), address("renew", order)):
        assert tab.get(page, headers={"accept-language": language}).status_code == 200


def test_it_takes_few_queries(tab: Client, order: Order, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(22):
        assert tab.get(address("renew", order)).status_code == 200


def test_with_the_phrase(tab: Client, made: Holder, order: Order) -> None:
    answer = tab.post(address("renew", order), form())
    assert answer["Location"] == reverse("certificates:order", args=[order.public_id])
    assert tab.get(address("renew", order))["Location"] == answer["Location"]
    jobs.issue_orders([order.pk])
    page = tab.get(reverse("renewal:home"))
    assert {str(one.state) for one in page.context["offers"]} == {"renewed", "early"}
    assert answer["Location"] in text(page)


def test_with_a_signature(tab: Client, made: Holder, order: Order) -> None:
    sent = form(proof_kind="signature", phrase="")
    sent["proof"] = signature(tab, made, order, sent)
    answer = tab.post(address("renew", order), sent)
    assert answer["Location"] == reverse("certificates:order", args=[order.public_id])
    again = tab.post(address("renew", order), sent)
    assert again["Location"] == answer["Location"], "the same form twice"


def test_a_used_signature_is_told_so(tab: Client, made: Holder, order: Order) -> None:
    sent = form(proof_kind="signature", csr=[csr(made.keys[1]).decode(), csr().decode()])
    sent["proof"] = signature(tab, made, order, sent)
    refused = tab.post(address("renew", order), sent)
    assert refused.status_code == 422
    assert "already used this key" in text(refused)
    again = tab.post(address("renew", order), sent)
    assert again.status_code == 422
    assert "used before" in text(again)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accept": ""}, "Tick this box to accept the agreement"),
        ({"proof_kind": "", "phrase": ""}, "Choose how you show that it is you."),
        ({"phrase": " "}, "Type the challenge phrase"),
        ({"phrase": "Wrong phrase 1"}, "do not fit together"),
        ({"proof_kind": "signature"}, "No signature came"),
        ({"proof_kind": "signature", "proof": "!!"}, "No signature came"),
        ({"proof_kind": "signature", "proof": "陳"}, "No signature came"),
        ({"proof_kind": "signature", "proof": "AAAA"}, "The signature cannot be read."),
        ({"proof_kind": "signature", "proof": "A" * 50_000}, "at most"),
        ({"csr": []}, "No signing request came"),
        ({"csr": ["x"]}, "does not fit"),
        ({"csr": ["x", "y"]}, "not a certificate signing request"),
        ({"challenge": "Another phrase 7"}, "are not the same"),
        ({"challenge": "short", "challenge_again": "short"}, "The challenge phrase is too short"),
        ({"version": "9"}, None),
    ],
    ids=str,
)
def test_what_is_missing_or_wrong_is_told_and_nothing_is_lost(
    tab: Client, order: Order, changes: dict[str, Any], words: str | None
) -> None:
    answer = tab.post(address("renew", order), form(**changes))
    if words is None:
        assert answer["Location"] == address("renew", order)
        assert "The agreement was changed" in text(tab.get(answer["Location"]))
    else:
        assert answer.status_code == 422
        assert escape(words) in text(answer)
        assert PHRASE not in text(answer)
    order.refresh_from_db()
    assert order.state == "draft"


def test_three_wrong_phrases_shut_the_door_for_the_right_one(tab: Client, order: Order, clock: Clock) -> None:
    for _ in range(3):
        assert "do not fit together" in text(tab.post(address("renew", order), form(phrase="Wrong phrase 1")))
    assert tab.post(address("renew", order), form()).status_code == 422
    clock.shift(hours=24, seconds=1)
    tab = factories.signed_in(Client(), order.subscriber)  # type: ignore[arg-type]  # a subscriber's order
    assert tab.post(address("renew", order), form()).status_code == 302


def test_data_that_changed_are_looked_at_again(tab: Client, made: Holder, order: Order) -> None:
    factories.identity(made.subscriber, family_name="Wong")
    made.prove_mailbox()
    answer = tab.post(address("renew", order), form(), follow=True)
    assert "Your registered data changed" in text(answer)
    assert "Wong" in text(answer)
    assert tab.post(address("renew", order), form()).status_code == 302


@pytest.mark.parametrize("send", [lambda tab, page: tab.get(page), lambda tab, page: tab.post(page, form())])
def test_what_cannot_be_renewed_any_more_leads_home(
    tab: Client, made: Holder, order: Order, send: Callable[[Client, str], Any]
) -> None:
    hold(certificates=made.certificates, actor="test")
    answer = send(tab, address("renew", order))
    assert answer["Location"] == reverse("renewal:home")
    assert "suspended or revoked" in text(tab.get(answer["Location"]))


def test_the_second_of_two_clicks_is_led_to_the_order(
    tab: Client, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both clicks found a draft; the first was placed while the second was looked at."""
    sent, following = form(), reverse("certificates:order", args=[order.public_id])
    found = draft_of(made_by(order), order.public_id)
    assert tab.post(address("renew", order), sent)["Location"] == following
    monkeypatch.setattr(subscriber_views, "draft_of", lambda *_: found)
    assert tab.post(address("renew", order), sent)["Location"] == following


def made_by(order: Order) -> Subscriber:
    assert order.subscriber is not None
    return order.subscriber


def test_another_tab_that_was_first_is_followed(tab: Client, order: Order) -> None:
    tab.post(address("renew", order), form())
    answer = tab.post(address("renew", order), form(), follow=True)
    assert "sent already, from another tab" in text(answer)
    assert tab.post(address("renew", order), {})["Location"] == reverse("certificates:order", args=[order.public_id])


# --- nonce and mailbox -------------------------------------------------------------------------------------------


def test_nonces_are_for_drafts_and_not_without_end(tab: Client, made: Holder, order: Order) -> None:
    codes = [tab.post(address("nonce", order)).status_code for _ in range(61)]
    assert codes == [200] * 60 + [429]
    tab.post(address("renew", order), form())
    assert tab.post(address("nonce", order)).status_code == 409
    assert tab.get(address("nonce", order)).status_code == 405


def test_an_old_mailbox_proof_is_asked_for_again(tab: Client, made: Holder, order: Order) -> None:
    MailboxProof.objects.update(proven_at=made.ends - timedelta(days=45))
    page = tab.get(address("renew", order))
    assert page.context["mailbox_proven"] is False
    assert "Send the link" in text(page)
    refused = tab.post(address("renew", order), form(), follow=True)
    assert "not confirmed yet" in text(refused)

    answer = tab.post(address("mailbox", order))
    assert answer["Location"] == address("renew", order)
    assert Message.objects.filter(event="mailbox-link").count() == 1
    assert "has not been opened yet" in text(tab.get(address("renew", order), {"opened": ""}))
    made.prove_mailbox()
    tab.post(address("mailbox", order))
    assert Message.objects.filter(event="mailbox-link").count() == 1, "who has proven it gets no further link"
    assert tab.post(address("renew", order), form()).status_code == 302
