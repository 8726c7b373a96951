"""Issuing: each order once, each serial number once, nothing signed that is not known, whatever breaks on the way."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Identity
from audit.models import Event
from ca import service
from ca.csr import parse_csr
from ca.errors import LintErrors, SignatureMismatch, SignerUnusable
from certificates import jobs
from certificates.jobs import issuing, keys
from certificates.models import Attempt, Authority, Certificate, Order, PublicKey
from certificates.rules import key_file
from certificates.services import open_draft, place_order, place_service_order
from notifications.models import Message
from tests.certificates.making import (
    OPERATORS,
    ceremony,
    csr,
    grant,
    placed,
    raising,
    state_of,
    submission,
    sweep,
    whole,
)
from tests.conftest import Clock

pytestmark = pytest.mark.django_db


def test_an_order_becomes_a_certificate_with_record_and_letter(authority: Authority) -> None:
    order = placed()
    jobs.issue_orders([order.pk])
    whole(order)
    certificate = Certificate.objects.get()
    assert certificate.subscriber == order.subscriber
    assert order.identity is not None
    assert certificate.email == order.identity.email
    assert certificate.authority == authority
    names = list(Event.objects.filter(subject=order.audit_id).values_list("name", flat=True))
    assert names == ["order.opened", "order.placed", "order.taken", "order.issued"]
    assert Event.objects.filter(name="certificate.issued", subject=certificate.audit_id).exists()
    assert Event.objects.filter(name="serial.signed", subject=f"serial:{certificate.serial}").exists()
    letter = Message.objects.get(event="certificate-issued")
    assert letter.address == order.identity.email
    assert certificate.number in letter.context["numbers"]


def test_a_pair_comes_together(authority: Authority) -> None:
    order = placed(kind="personal")
    jobs.issue_orders([order.pk])
    whole(order)
    assert [one.template for one in Certificate.objects.order_by("pk")] == ["personal-signing", "personal-encryption"]
    assert Message.objects.filter(event="certificate-issued").count() == 1


def test_a_message_that_comes_twice_or_late_issues_once(authority: Authority) -> None:
    order = placed()
    for _ in range(3):
        jobs.issue_orders([order.pk, order.pk])
    whole(order)
    jobs.issue_orders([10**9])


def test_one_message_takes_the_others_that_wait_along_in_few_queries(
    authority: Authority, django_assert_max_num_queries: Any
) -> None:
    orders = [placed() for _ in range(8)]
    jobs.issue_orders([placed().pk])  # loads the keys and the linter
    more = [placed() for _ in range(4)]
    with django_assert_max_num_queries(45):
        jobs.issue_orders([more[0].pk])
    for order in [*orders, *more]:
        whole(order)


def test_a_batch_is_not_larger_than_said(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "BATCH", 2)
    orders = [placed() for _ in range(3)]
    jobs.issue_orders([orders[2].pk])
    assert [state_of(order) for order in orders] == ["issued", "placed", "issued"]


def test_what_the_ca_refuses_is_refused_with_its_reason_and_frees_the_authorisation(authority: Authority) -> None:
    order, fine = placed(kind="personal"), placed()
    assert order.subscriber is not None
    assert order.identity is not None
    Identity.objects.filter(pk=order.identity.pk).update(country="mo")
    jobs.issue_orders([order.pk])
    assert (state_of(order), order.refusal_code) == ("refused", "country-not-allowed")
    whole(fine)
    same = replace(grant("personal"), id=order.authorisation_id)
    again = open_draft(subscriber=order.subscriber, identity=order.identity, authorisation=same)
    assert again.pk != order.pk
    sent = [bytes(item.csr) for item in order.items.all()]
    assert place_order(order=again, submission=submission(*sent)).state == "placed", "the same keys may be sent again"


def test_a_pair_is_refused_whole(authority: Authority) -> None:
    order = placed(kind="personal")
    PublicKey.objects.filter(pk=order.items.get(position=1).public_key_id).update(block_reason="exposed")
    jobs.issue_orders([order.pk])
    assert (state_of(order), order.refusal_code) == ("refused", "key-blocked")
    assert not Attempt.objects.exists()
    assert not Certificate.objects.exists()
    letter = Message.objects.get(event="order-refused")
    assert "exposed or broken" in letter.context["reason"]
    assert order.finished_at is not None


def test_a_lint_error_ends_one_order_and_not_its_neighbours(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = placed(), placed()
    marked = bytes(bad.items.get().csr)
    prepare = service.prepare

    def picky(issuer: Any, demand: Any, **rest: Any) -> Any:
        if demand.csr == marked:
            raise LintErrors(("a finding",))
        return prepare(issuer, demand, **rest)

    monkeypatch.setattr(issuing, "prepare", picky)
    jobs.issue_orders([bad.pk, good.pk])
    assert (state_of(bad), bad.refusal_code, bad.refusal_detail) == ("refused", "lint-errors", "a finding")
    whole(good)


# --- keys and signatures -----------------------------------------------------------------------------------------


def test_a_process_without_keys_takes_nothing(authority: Authority, settings: Any) -> None:
    order = placed()
    settings.CA_KEY_DIR = None
    jobs.issue_orders([order.pk])
    assert state_of(order) == "placed"
    assert order.taken_at is None


def test_a_key_that_stops_working_leaves_the_order_to_be_finished(authority: Authority, clock: Clock) -> None:
    order = placed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(issuing, "issue", raising(SignerUnusable))
        jobs.issue_orders([order.pk])
    assert state_of(order) == "signing"
    clock.shift(seconds=31)
    sweep()
    whole(order)


def test_a_signature_that_does_not_pass_its_check_is_never_stored(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = placed()
    monkeypatch.setattr(issuing, "issue", raising(SignatureMismatch))
    jobs.issue_orders([order.pk])
    assert (state_of(order), order.refusal_code) == ("refused", "signature-mismatch")
    assert not Certificate.objects.exists()
    assert Attempt.objects.get().state == "reserved"


def test_a_certificate_of_another_order_is_never_stored(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    first = placed()
    jobs.issue_orders([first.pk])
    other = bytes(Certificate.objects.get().der)
    order = placed()
    monkeypatch.setattr(issuing, "issue", lambda *_: other)
    jobs.issue_orders([order.pk])
    assert (state_of(order), order.refusal_code) == ("refused", "signature-mismatch")
    assert Certificate.objects.count() == 1


# --- the clock ---------------------------------------------------------------------------------------------------


def test_a_request_that_was_exchanged_after_it_was_placed_is_not_prepared(authority: Authority) -> None:
    order = placed()
    order.items.update(csr=parse_csr(csr()).der)
    jobs.issue_orders([order.pk])
    assert state_of(order) == "refused"
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("shift", [{"days": -1}, {"seconds": -8}, {"seconds": 8}, {"days": 40}])
def test_nothing_is_signed_while_the_clocks_differ(
    shift: dict[str, float], authority: Authority, lone_clock: Clock
) -> None:
    order = placed()
    lone_clock.shift(**shift)
    jobs.issue_orders([order.pk])
    assert state_of(order) == "placed"
    lone_clock.stop()
    jobs.issue_orders([order.pk])
    whole(order)


def test_nothing_is_signed_behind_what_already_happened(authority: Authority, clock: Clock) -> None:
    order = placed()
    clock.shift(hours=-1)  # both clocks went back: only the record knows
    jobs.issue_orders([order.pk])
    assert state_of(order) == "placed"


def test_bytes_that_were_stored_are_not_signed_at_a_wrong_time(authority: Authority, lone_clock: Clock) -> None:
    order = placed()
    issuing.reserve([order.pk])
    lone_clock.shift(days=40)
    jobs.finish_orders([order.pk])
    assert state_of(order) == "signing"
    lone_clock.stop()
    jobs.finish_orders([order.pk])
    whole(order)


@pytest.mark.parametrize("year", [2049, 2050])
def test_dates_beyond_2049_are_written_in_the_right_type(year: int, authority: Authority, clock: Clock) -> None:
    clock.move_to(timezone.now().replace(year=year, month=11, day=1))
    ceremony()
    order = placed()
    jobs.issue_orders([order.pk])
    whole(order)
    tag = bytes(Certificate.objects.get().der).count(
        b"\x18\x0f20"
    )  # GeneralizedTime of 15 characters (RFC 5280 4.1.2.5)
    assert tag == (2 if year == 2050 else 1)


# --- generations and inside use ----------------------------------------------------------------------------------


def test_an_order_that_waited_through_a_change_of_generation_goes_to_the_new_ca(authority: Authority) -> None:
    assert authority.parent is not None
    order = placed()
    call_command(
        "ceremony",
        "issuing",
        root=authority.parent.slug,
        slug=f"{authority.slug}-next",
        name="Next",
        operators=OPERATORS,
    )
    jobs.issue_orders([order.pk])
    whole(order)
    assert Certificate.objects.get().authority.slug == f"{authority.slug}-next"
    assert order.authority == Certificate.objects.get().authority
    responder = place_service_order(
        profile="ocsp-responder", subject={"common_name": "old"}, csr=csr(), operators=OPERATORS, authority=authority
    )
    jobs.issue_orders([responder.pk])
    whole(responder)
    assert responder.items.get().certificate.authority == authority
    assert not Message.objects.filter(key__contains=str(responder.public_id)).exists()


def test_an_old_order_is_finished_under_the_profile_version_it_was_placed_under(authority: Authority) -> None:
    order = placed()
    Order.objects.filter(pk=order.pk).update(profile_version=99)
    jobs.issue_orders([order.pk])
    assert (state_of(order), order.refusal_code) == ("refused", "profile-unknown")


def test_what_was_left_behind_is_taken_up_within_a_minute() -> None:
    assert issuing.DEAD_WORKER + timedelta(seconds=20) < timedelta(seconds=60)


def test_a_ca_without_its_key_stops_no_orders_of_others(authority: Authority) -> None:
    stuck = placed()
    ceremony()
    going = placed()
    key = key_file(Path(settings.CA_KEY_DIR or ""), authority.slug)
    hidden = key.rename(key.with_suffix(".hidden"))
    keys._load.cache_clear()
    jobs.issue_orders([going.pk])
    hidden.rename(key)
    assert (state_of(stuck), state_of(going)) == ("placed", "issued")
    jobs.issue_orders([stuck.pk])
    whole(stuck)
