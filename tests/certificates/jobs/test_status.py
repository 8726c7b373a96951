"""The one place where what the CA says of a certificate changes: counts, locks, dates, all or none.

What the acts mean is in tests/certificates/services/test_status.py.
"""

import time
from functools import partial
from threading import Event as Flag

import pytest
from django.db import transaction
from django.utils import timezone

from audit.errors import WrongState
from audit.models import Event
from certificates.jobs import status
from certificates.jobs.status import hold_all, lift_all, revoke_all
from certificates.models import Authority, Certificate
from certificates.rules import SERVICE_MAIL
from notifications.models import MailCertificate
from tests import environment
from tests.certificates.making import ceremony, many
from tests.threads import at_once

pytestmark = pytest.mark.django_db
A_WHILE = 0.4  # seconds
only_postgresql = pytest.mark.skipif(not environment.POSTGRESQL, reason="SQLite lets one at a time write")


def changes(authority: Authority) -> int:
    authority.refresh_from_db()
    return authority.status_changes


def test_each_act_counts_one_change_at_each_ca_it_touches(authority: Authority) -> None:
    other, idle = ceremony(), ceremony()
    certificates = [*many(authority, 3), *many(other, 2)]
    for act in (hold_all, lift_all, partial(revoke_all, reason="")):
        before = changes(authority), changes(other), changes(idle)
        act(certificates, actor="system")
        assert (changes(authority), changes(other), changes(idle)) == (before[0] + 1, before[1] + 1, before[2])


def test_valid_and_suspended_ones_are_one_change(authority: Authority) -> None:
    certificates = many(authority, 4)
    hold_all(certificates[:2], actor="system")
    before = changes(authority)
    revoke_all(certificates, reason="superseded", actor="system")
    assert changes(authority) == before + 1
    assert Event.objects.filter(name="certificate.revoked").count() == 4


def test_to_change_nothing_is_no_change(authority: Authority) -> None:
    before = changes(authority)
    revoke_all([], reason="", actor="system")
    assert changes(authority) == before


@pytest.mark.parametrize("act", [hold_all, partial(revoke_all, reason="")])
def test_with_the_certificate_of_our_mails_no_mail_is_signed_any_more(act: partial[None], authority: Authority) -> None:
    own, other = many(authority, 2)
    own.profile = SERVICE_MAIL
    own.save()
    for one in (own, other):
        MailCertificate.objects.create(
            spki_sha256=one.public_key.spki_sha256, not_before=one.not_before, not_after=one.not_after
        )
    act([other], actor="system")
    assert not MailCertificate.objects.exclude(retired_at=None).exists()
    act([own], actor="system")
    retired = MailCertificate.objects.exclude(retired_at=None).get()
    assert retired.spki_sha256 == own.public_key.spki_sha256
    if own.state == "held":
        revoke_all([own], reason="", actor="system")
    assert MailCertificate.objects.get(pk=retired.pk).retired_at == retired.retired_at
    assert Event.objects.filter(name="mail-certificate.retired", subject=f"mail-certificate:{retired.pk}").count() == 1


@pytest.mark.parametrize("wrong", [0, 4, 6])
def test_all_or_none_across_statements(wrong: int, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_AT_ONCE", 3)
    certificates = many(authority, 7)
    revoke_all(certificates[wrong : wrong + 1], reason="", actor="system")
    before = changes(authority)
    for act in (hold_all, partial(revoke_all, reason="")):
        with pytest.raises(WrongState):
            act(certificates, actor="system")
    assert Certificate.objects.filter(state="valid").count() == 6
    assert changes(authority) == before
    rest = list(Certificate.objects.filter(state="valid").order_by("pk"))
    hold_all([rest[0], rest[-1]], actor="system")
    revoke_all(rest, reason="", actor="system")
    assert not Certificate.objects.filter(state="valid").exists()


@pytest.mark.django_db(transaction=True)
@only_postgresql
@pytest.mark.parametrize("act", [hold_all, partial(revoke_all, reason="")])
def test_who_waited_for_another_act_has_the_later_date(act: partial[None], authority: Authority) -> None:
    """Whatever list was made while they waited is older than they are."""
    first, second = many(authority, 2)
    begun = Flag()

    def holding() -> None:
        with transaction.atomic():
            hold_all([first], actor="system")
            begun.set()
            time.sleep(A_WHILE)

    def waiting() -> None:
        assert begun.wait(10)
        act([second], actor="system")

    asked = timezone.now()
    assert at_once(holding, waiting) == [None, None]
    second.refresh_from_db()
    assert second.revoked_at is not None
    assert (second.revoked_at - asked).total_seconds() >= A_WHILE


@pytest.mark.django_db(transaction=True)
@only_postgresql
def test_many_in_another_order_never_wait_in_a_circle(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are locked in their order across statements, not only within one."""
    monkeypatch.setattr(status, "_AT_ONCE", 1)
    for _ in range(10):
        some = many(authority, 4)
        outcomes = at_once(partial(hold_all, some, actor="system"), partial(hold_all, some[::-1], actor="system"))
        assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "WrongState"]


@pytest.mark.django_db(transaction=True)
@only_postgresql
def test_two_cas_in_another_order_never_wait_in_a_circle(authority: Authority) -> None:
    """Suspended ones of one CA and valid ones of another: both rows are taken before anything moves."""
    other = ceremony()
    for _ in range(10):
        here, there = many(authority, 2), many(other, 2)
        hold_all([here[0], there[0]], actor="system")
        outcomes = at_once(
            partial(revoke_all, [here[0], there[1]], reason="", actor="system"),
            partial(revoke_all, [there[0], here[1]], reason="", actor="system"),
        )
        assert outcomes == [None, None]
