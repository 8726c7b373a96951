"""Health turns red in time, and tells nothing about anybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone

from audit.services import record
from cases.services import Outsider, open_case, withdraw
from cases.states import CaseKind
from certificates.models import Authority, Order, PublishedList
from certificates.states import Authorisation, Channel, OrderState
from notifications.models import MailCertificate, Message
from notifications.services import Letter, promise
from notifications.states import MessageState
from tests.conftest import Clock
from tests.factories import office

pytestmark = pytest.mark.django_db


@pytest.fixture
def issuing() -> Authority:
    now = timezone.now()
    common: dict[str, Any] = {
        "certificate": b"", "not_after": now + timedelta(days=999), "ca_issuers_url": "http://s/ca",
        "crl_url": "http://s/crl", "ocsp_url": "http://s/ocsp", "cps_url": "http://s/cps",
    }  # fmt: skip
    root = Authority.objects.create(
        slug="root", name="Root", sha256="0" * 64, not_before=now - timedelta(days=9), **common
    )
    return Authority.objects.create(
        slug="g03", name="G03", sha256="1" * 64, parent=root, not_before=now - timedelta(minutes=5), **common
    )


def publish(authority: Authority, age: timedelta) -> None:
    this_update = timezone.now() - age
    number = authority.lists.count() + 1
    PublishedList.objects.create(
        authority=authority, number=number, der=b"", this_update=this_update,
        next_update=this_update + timedelta(hours=72),
    )  # fmt: skip


def wait(state: OrderState, age: timedelta) -> None:
    placed = timezone.now() - age
    Order.objects.create(
        profile="secure-email", profile_version=1, channel=Channel.WEB, authorisation=Authorisation.ENTITLEMENT,
        authorisation_id=str(age), state=state, created_at=placed, placed_at=placed,
    )  # fmt: skip


def promised(clock: Clock, **ago: float) -> Message:
    """A mail that was promised so long ago and still waits."""
    clock.shift(**{unit: -amount for unit, amount in ago.items()})
    promise(letter=Letter(event="data-error", key=str(ago), address="ana@example.org", language="en"))
    clock.stop()
    return Message.objects.get(key=str(ago))


def ask() -> tuple[int, dict[str, Any]]:
    response = Client().get("/healthz")
    assert "no-store" in response["Cache-Control"]
    return response.status_code, response.json()


def test_an_empty_site_is_well() -> None:
    nothing = {
        "oldest_waiting_order_seconds": None,
        "newest_crl_age_seconds": None,
        "oldest_waiting_mail_seconds": None,
        "oldest_overdue_case_seconds": None,
        "undelivered_mails": 0,
    }
    fine = dict.fromkeys(("status", "database", "mail", "mail_signature"), "ok")
    assert ask() == (200, {**fine, **nothing})


def test_young_orders_and_lists_are_well(issuing: Authority) -> None:
    publish(issuing, timedelta(hours=20))
    publish(issuing, timedelta(hours=2))
    wait(OrderState.PLACED, timedelta(seconds=20))
    status, body = ask()
    assert status == 200
    assert 7200 <= body["newest_crl_age_seconds"] < 7300
    assert 20 <= body["oldest_waiting_order_seconds"] < 60


def test_a_new_ca_has_some_time_until_its_first_list(issuing: Authority) -> None:
    assert ask()[0] == 200


def test_an_old_list_is_red(issuing: Authority) -> None:
    publish(issuing, timedelta(hours=13))
    assert ask()[0] == 503


@pytest.mark.parametrize("state", [OrderState.PLACED, OrderState.SIGNING])
def test_an_order_that_nobody_signs_is_red(state: OrderState) -> None:
    wait(state, timedelta(minutes=6))
    assert ask()[0] == 503


def test_a_mail_that_waits_while_others_go_out_is_well(clock: Clock) -> None:
    promised(clock, hours=20)
    record(event="message.sent", actor="system", subject="message:7")
    status, body = ask()
    assert (status, body["mail"]) == (200, "ok")
    assert 20 * 3600 <= body["oldest_waiting_mail_seconds"] < 20 * 3600 + 60


def test_mails_that_wait_while_none_goes_out_are_red(clock: Clock) -> None:
    promised(clock, minutes=59)
    assert ask()[0] == 200
    promised(clock, minutes=61)
    status, body = ask()
    assert (status, body["mail"]) == (503, "stuck")
    Message.objects.update(state=MessageState.SENT)
    assert ask()[0] == 200


def test_overdue_cases_and_undelivered_mails_are_shown_and_call_nobody(clock: Clock) -> None:
    by = Outsider(office(), "system")
    clock.shift(days=-4)
    open_case(kind=CaseKind.MAIL, by=by)
    done = open_case(kind=CaseKind.MAIL, by=by)
    withdraw(case=done, actor="system")
    clock.stop()
    open_case(kind=CaseKind.REPORT, by=by)
    status, body = ask()
    assert (status, body["undelivered_mails"]) == (200, 1)
    assert 86400 <= body["oldest_overdue_case_seconds"] < 86400 + 60


def test_finished_orders_wait_for_nothing() -> None:
    wait(OrderState.ISSUED, timedelta(days=6))
    assert ask()[0] == 200


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_down_is_red(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise error("secret words")

    monkeypatch.setattr("portal.health._oldest_order", down)
    status, body = ask()
    assert status == 503
    assert body["database"] == "down"
    assert "secret words" not in str(body)


@pytest.mark.parametrize(("days_left", "signed"), [(200, True), (80, False), (-1, False)])
def test_a_mail_certificate_that_nobody_renews_turns_it_red(issuing: Authority, days_left: int, signed: bool) -> None:
    publish(issuing, timedelta(0))
    not_after = timezone.now() + timedelta(days=days_left)
    MailCertificate.objects.create(
        spki_sha256="0" * 64, chain="", not_before=not_after - timedelta(days=365), not_after=not_after
    )
    page = Client().get("/healthz")
    assert page.status_code == (200 if signed else 503)
    assert page.json()["mail_signature"] == ("ok" if signed else "due")
