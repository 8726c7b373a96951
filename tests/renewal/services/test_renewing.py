"""Renewing: in the window, by the holder, with newest data and new keys, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography import x509
from django.core.management import call_command

from accounts.errors import AgreementChanged
from accounts.models import Acceptance, MailboxProof
from audit.errors import WrongState
from audit.models import Event
from ca import profiles
from certificates import jobs
from certificates.errors import (
    ChallengeTooShort,
    ChallengeWrong,
    CsrRefused,
    ItemsMissing,
    KeyUsedBefore,
    SameKeyTwice,
)
from certificates.models import Authority, Certificate, Order
from certificates.services import Submission, hold, prove_challenge, revoke
from renewal.errors import (
    AfterTheEnd,
    AlreadyRenewed,
    DataChanged,
    MailboxNotProven,
    NonceRefused,
    NotInService,
    NotRenewable,
    TooEarly,
)
from renewal.models import RenewalNonce
from renewal.services.proofs import Proof
from renewal.services.renewing import Wish, bring_up_to_date, open_renewal, renew
from tests import factories
from tests.certificates.making import OPERATORS, ceremony, csr, whole
from tests.conftest import Clock
from tests.renewal import making
from tests.renewal.making import PHRASE, Holder, near_the_end, proof, requests, wish
from tests.threads import at_once

pytestmark = pytest.mark.django_db
BY_PHRASE = Proof(phrase=PHRASE)


@pytest.fixture
def issuing_ca(db: None) -> Authority:
    return ceremony()


def renewed(made: Holder, order: Order | None = None, **changes: Any) -> Order:
    """Place the renewal with the challenge phrase."""
    order = order or made.begin()
    values = wish(requests(made.order.profile), BY_PHRASE)
    return renew(order=order, subscriber=made.subscriber, wish=replace(values, **changes))


# --- the window --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "Asia/Macau"])
@pytest.mark.parametrize(
    ("distance", "refusal"),
    [
        (timedelta(days=-30, seconds=-1), TooEarly),
        (timedelta(days=-30), None),
        (timedelta(), None),
        (timedelta(seconds=1), AfterTheEnd),
    ],
)
def test_one_second_early_and_one_second_late(
    issuing_ca: Authority, clock: Clock, settings: Any, zone: str, distance: timedelta, refusal: type[Exception] | None
) -> None:
    settings.TIME_ZONE = zone
    made = making.holder()
    moment: datetime = (made.ends + distance).astimezone(ZoneInfo(zone))
    clock.move_to(moment)
    if refusal is None:
        assert made.begin().renews == made.order
        return
    with pytest.raises(refusal) as said:
        made.begin()
    assert not Order.objects.filter(renews=made.order).exists()
    if refusal is TooEarly:
        first = made.ends - timedelta(days=30)
        assert f"{first:%Y-%m-%d %H:%M:%S} UTC" in str(said.value)


def test_a_draft_of_yesterday_is_refused_after_the_end(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    order = made.begin()
    clock.move_to(made.ends + timedelta(seconds=1))
    made.prove_mailbox()
    with pytest.raises(AfterTheEnd):
        renewed(made, order)
    order.refresh_from_db()
    assert order.state == "draft"


# --- what can be renewed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["secure-email", "personal"])
def test_by_signature(issuing_ca: Authority, clock: Clock, kind: str) -> None:
    made = near_the_end(clock, kind)
    order, csrs = made.begin(), requests(kind)
    renew(order=order, subscriber=made.subscriber, wish=wish(csrs, proof(made, order, csrs)))
    jobs.issue_orders([order.pk])
    whole(order)
    assert [one.item.certificate.replaces for one in _certificates(order)] == made.certificates
    assert {one.state for one in made.certificates} == {"valid"}
    assert (order.channel, order.authorisation, order.authorisation_id) == (
        "renewal",
        "renewal",
        str(made.order.public_id),
    )
    assert Acceptance.objects.get(purpose=order.audit_id).agreement.version == 1
    assert order.data_confirmed_at is not None
    assert Event.objects.get(name="renewal.proven", subject=order.audit_id).details == {"by": "signature"}


@pytest.mark.parametrize("key", ["p384", "rsa3072"])
def test_by_signatures_of_other_kinds_of_key(issuing_ca: Authority, clock: Clock, key: str) -> None:
    made = near_the_end(clock, key=key)
    order, csrs = made.begin(), requests()
    placed = renew(order=order, subscriber=made.subscriber, wish=wish(csrs, proof(made, order, csrs)))
    assert placed.state == "placed"


def test_by_phrase(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock, "personal")
    order = renewed(made)
    assert order.state == "placed"
    assert Event.objects.get(name="renewal.proven").details == {"by": "phrase"}
    assert order.challenge_hash == made.order.challenge_hash


def test_a_new_phrase_may_be_chosen(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    order = renewed(made, submission=Submission(requests(), "Another phrase 7"))
    jobs.issue_orders([order.pk])
    (new,) = _certificates(order)
    prove_challenge(certificate=new, phrase="another phrase 7", actor="test")
    with pytest.raises(ChallengeWrong):
        prove_challenge(certificate=new, phrase=PHRASE, actor="test")


def test_a_bad_new_phrase_costs_no_proof(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    with pytest.raises(ChallengeTooShort):
        renewed(made, submission=Submission(requests(), "short"))
    assert not Event.objects.filter(name="renewal.proven").exists()


@pytest.mark.parametrize("act", ["hold", "revoke"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_pair_of_which_one_is_out_of_service_is_not_renewed(
    issuing_ca: Authority, clock: Clock, act: str, which: int
) -> None:
    made = near_the_end(clock, "personal")
    order = made.begin()
    one = [made.certificates[which]]
    hold(certificates=one, actor="test") if act == "hold" else revoke(certificates=one, reason="", actor="test")
    with pytest.raises(NotInService):
        made.begin()
    with pytest.raises(NotInService):
        renewed(made, order)


def test_what_was_renewed_is_renewed_no_more(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    order = renewed(made)
    with pytest.raises(AlreadyRenewed):
        made.begin()
    jobs.issue_orders([order.pk])
    with pytest.raises(AlreadyRenewed):
        made.begin()


def test_a_refused_renewal_may_begin_again(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    first = renewed(made)
    Order.objects.filter(pk=first.pk).update(state="refused", refusal_code="lint-errors")
    again = made.begin()
    assert again.pk != first.pk
    assert renewed(made, again).state == "placed"


def test_the_new_one_can_be_renewed_in_its_turn(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    first = renewed(made)
    jobs.issue_orders([first.pk])
    clock.move_to(_certificates(first)[0].not_after - timedelta(days=1))
    made.prove_mailbox()
    second = renewed(made, open_renewal(subscriber=made.subscriber, old=first))
    assert second.renews == first


def test_what_lies_on_a_token_is_renewed_at_the_desk(
    issuing_ca: Authority, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = near_the_end(clock)
    read = profiles.profile
    monkeypatch.setattr(
        "certificates.selectors.orders.profile", lambda *which: replace(read(*which), key_place=("token",))
    )
    with pytest.raises(NotRenewable):
        made.begin()


# --- requests ----------------------------------------------------------------------------------------------------


def test_the_old_key_is_not_certified_again(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock, "personal")
    for old in (csr(made.keys[0]), csr(made.keys[1])):
        with pytest.raises(KeyUsedBefore):
            renewed(made, submission=Submission((old, csr())))
    assert Acceptance.objects.count() == 0, "what was not placed was not accepted"


@pytest.mark.parametrize(
    ("csrs", "refusal"),
    [
        (lambda: (csr(),), ItemsMissing),
        (lambda: (csr(), b"nothing"), CsrRefused),
        (lambda: (csr(),) * 2, ItemsMissing),
        (lambda: (), ItemsMissing),
    ],
)
def test_requests_that_do_not_fit_cost_no_proof(
    issuing_ca: Authority, clock: Clock, csrs: Callable[[], tuple[bytes, ...]], refusal: type[Exception]
) -> None:
    made = near_the_end(clock, "personal")
    expected = SameKeyTwice if len(csrs()) == 2 and csrs()[0] == csrs()[1] else refusal
    with pytest.raises((expected, SameKeyTwice)):
        renewed(made, submission=Submission(csrs()))
    assert not Event.objects.filter(name="renewal.proven").exists()


# --- data, mailbox, agreement ------------------------------------------------------------------------------------


def test_what_was_placed_meanwhile_keeps_its_data(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    begun = made.begin()
    factories.identity(made.subscriber, family_name="Wong")
    Order.objects.filter(pk=begun.pk).update(state="placed")
    assert not bring_up_to_date(order=begun, subscriber=made.subscriber)
    assert Order.objects.get(pk=begun.pk).identity_id == begun.identity_id
    Order.objects.filter(pk=begun.pk).update(state="draft")
    assert bring_up_to_date(order=begun, subscriber=made.subscriber)
    assert Event.objects.filter(name="order.brought-up-to-date", subject=begun.audit_id).count() == 1


def test_the_newest_identity_stands_in_the_new_certificate(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    begun = made.begin()
    factories.identity(made.subscriber, family_name="Wong", email="wong@example.org")
    made.prove_mailbox()
    with pytest.raises(DataChanged):
        renewed(made, begun)
    order = renewed(made, begun)
    jobs.issue_orders([order.pk])
    (new,) = _certificates(order)
    names = x509.load_der_x509_certificate(bytes(new.der)).subject
    assert names.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "Mei Wong"
    assert new.email == "wong@example.org"


def test_a_draft_that_is_opened_again_gets_the_newest_data(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    begun = made.begin()
    newest = factories.identity(made.subscriber)
    again = made.begin()
    assert (again.pk, again.identity) == (begun.pk, newest)
    assert not bring_up_to_date(order=again, subscriber=made.subscriber)


def test_the_newest_version_of_the_profile_is_used(
    issuing_ca: Authority, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = near_the_end(clock)
    begun = made.begin()
    read = profiles.profile

    def with_second(slug: str, version: int | None = None) -> Any:
        return replace(read(slug), version=2) if version in (None, 2) else read(slug, version)

    monkeypatch.setattr("renewal.services.renewing.profiles.profile", with_second)
    assert begun.profile_version == 1
    assert made.begin().profile_version == 2


def test_the_renewal_moves_to_the_newest_ca(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    assert issuing_ca.parent is not None
    slug = f"{issuing_ca.slug}-next"
    call_command(
        "ceremony", "issuing", root=issuing_ca.parent.slug, slug=slug, name="Next", operators=OPERATORS, verbosity=0
    )
    order = renewed(made)
    jobs.issue_orders([order.pk])
    assert _certificates(order)[0].authority.slug == slug
    assert made.certificates[0].authority == issuing_ca


def test_a_mailbox_proven_more_than_30_days_ago_is_proven_again(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    MailboxProof.objects.update(proven_at=made.ends - timedelta(days=40, seconds=1))
    with pytest.raises(MailboxNotProven):
        renewed(made)
    MailboxProof.objects.update(proven_at=made.ends - timedelta(days=39, hours=23))
    assert renewed(made).state == "placed"


def test_the_agreement_in_force_is_accepted(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    with pytest.raises(AgreementChanged):
        renewed(made, agreement=2)
    assert not Event.objects.filter(name="renewal.proven").exists()


# --- once --------------------------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_order(issuing_ca: Authority, clock: Clock) -> None:
    made = near_the_end(clock)
    order, csrs = made.begin(), requests()
    values = wish(csrs, proof(made, order, csrs))
    first = renew(order=order, subscriber=made.subscriber, wish=values)
    order.refresh_from_db()
    assert renew(order=order, subscriber=made.subscriber, wish=values) == first
    with pytest.raises(WrongState):
        renewed(made, order)


@pytest.mark.django_db(transaction=True)
def test_fifty_renewals_at_once_make_one_certificate(clock: Clock) -> None:
    issuing = ceremony()
    made = near_the_end(clock, "personal")
    opened = at_once(*[made.begin] * 10)
    assert {one.pk for one in opened} == {Order.objects.get(renews=made.order).pk}
    wishes = [_own_wish(made, opened[0]) for _ in range(50)]
    outcomes = at_once(*(lambda one=one: _renew_as_page(made, one) for one in wishes))
    placed = [one for one in outcomes if isinstance(one, Order)]
    assert len(placed) == 1, outcomes
    assert {type(one) for one in outcomes} <= {Order, WrongState, AlreadyRenewed}, outcomes
    assert Order.objects.filter(renews=made.order).count() == 1
    jobs.issue_orders([placed[0].pk])
    whole(placed[0])
    assert Certificate.objects.exclude(replaces=None).count() == 2
    assert Certificate.objects.filter(authority=issuing).count() == 4


@pytest.mark.django_db(transaction=True)
def test_one_signature_sent_fifty_times_at_once_counts_once(clock: Clock) -> None:
    ceremony()
    made = near_the_end(clock)
    order = made.begin()
    values = _own_wish(made, order)
    outcomes = at_once(*[lambda: _renew_as_page(made, values)] * 50)
    assert {one.pk for one in outcomes if isinstance(one, Order)} == {order.pk}
    assert {type(one) for one in outcomes} <= {Order, NonceRefused, AlreadyRenewed}, outcomes
    assert RenewalNonce.objects.exclude(used_at=None).count() == 1
    assert Event.objects.filter(name="renewal.proven").count() == 1
    assert Event.objects.filter(name="order.placed", subject=order.audit_id).count() == 1


def _own_wish(made: Holder, order: Order) -> Wish:
    csrs = requests(made.order.profile)
    return wish(csrs, proof(made, order, csrs))


def _renew_as_page(made: Holder, values: Wish) -> Order:
    order = Order.objects.get(renews=made.order)
    return renew(order=order, subscriber=made.subscriber, wish=values)


def _certificates(order: Order) -> list[Certificate]:
    return list(Certificate.objects.filter(item__order=order).order_by("item__position"))
