"""Notices: each threshold once, the newest after an outage, nobody for nothing, nobody twice."""

import os
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest
from django.conf import settings
from django.core import mail

from accounts.models import Account, Identity
from accounts.states import AccountState
from ca.profiles import load_profiles
from certificates.models import Certificate, Order
from notifications.jobs import deliver
from notifications.models import Message
from renewal.jobs import notices
from renewal.jobs.notices import send_notices
from renewal.models import Notice
from renewal.rules import NOTICE_DAYS
from renewal.selectors import ending
from tests import factories
from tests.bench.__main__ import figures_of
from tests.conftest import Clock
from tests.environment import POSTGRESQL
from tests.renewal.rows import units
from tests.threads import at_once

END = datetime(2027, 7, 5, 4, 5, 6, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)

pytestmark = pytest.mark.django_db


def days(count: float) -> timedelta:
    return timedelta(days=count)


def run(clock: Clock, moment: datetime) -> list[tuple[str, str]]:
    """Let it be `moment`, run, and give back what was promised then: event and days left."""
    clock.move_to(moment)
    before = set(Message.objects.values_list("pk", flat=True))
    count = send_notices()
    new = [(one.event, one.context.get("days", "")) for one in Message.objects.exclude(pk__in=before)]
    assert count == len(new)
    return new


def ledger() -> list[tuple[int, bool]]:
    return sorted(Notice.objects.values_list("threshold", "told"), reverse=True)


def renewed(order: Order, state: str) -> Order:
    """An order that renews this one."""
    new = Order.objects.get(pk=order.pk)
    new.pk, new.public_id, new.state, new.renews = None, uuid.uuid4(), state, order
    new.authorisation, new.authorisation_id = "renewal", str(order.public_id)
    new.save()
    return new


def test_a_holder_is_told_at_each_threshold_and_at_the_end(clock: Clock) -> None:
    units(1, END)
    told = []
    moment = END - days(32)
    while moment < END + days(40):
        for event, left in run(clock, moment):
            told.append((event, left, moment - 12 * HOUR < END - days(int(left or 0)) <= moment))
        moment += 12 * HOUR
    expected = [("renewal-notice", "30"), ("renewal-notice", "14"), ("renewal-notice", "7"), ("renewal-notice", "1")]
    assert told == [(*one, True) for one in [*expected, ("renewal-ended", "")]]
    assert ledger() == [(30, True), (14, True), (7, True), (1, True), (0, True)]


@pytest.mark.parametrize("threshold", [30, 14, 7, 1, 0])
def test_not_a_second_early(clock: Clock, threshold: int) -> None:
    units(1, END)
    run(clock, END - days(threshold + 0.5))
    assert run(clock, END - days(threshold) - 2 * SECOND) == []
    assert len(run(clock, END - days(threshold) + SECOND)) == 1


def test_after_an_outage_one_mail_says_what_is_left(clock: Clock) -> None:
    units(1, END)
    assert run(clock, END - days(29.5)) == [("renewal-notice", "30")]
    assert run(clock, END - days(29.5) + days(24)) == [("renewal-notice", "6")]
    assert ledger() == [(30, True), (14, False), (7, True)]
    assert run(clock, END - days(0.5)) == [("renewal-notice", "1")]


def test_after_an_outage_beyond_the_end_it_is_told_that_it_ended(clock: Clock) -> None:
    units(1, END)
    assert run(clock, END + days(20)) == [("renewal-ended", "")]
    assert ledger() == [(30, False), (14, False), (7, False), (1, False), (0, True)]
    assert run(clock, END + days(21)) == []


def test_who_ended_long_ago_is_left_alone(clock: Clock) -> None:
    units(1, END)
    assert run(clock, END + days(30) + SECOND) == []
    assert ledger() == []
    assert run(clock, END + days(30) - HOUR) == [("renewal-ended", "")]


def test_a_pair_is_told_of_once_with_both_numbers(clock: Clock) -> None:
    (order,) = units(1, END, kind="personal")
    assert run(clock, END - days(30) + SECOND) == [("renewal-notice", "30")]  # the second one's has not come yet
    numbers = list(Certificate.objects.order_by("pk").values_list("number", flat=True))
    lines = Message.objects.get().context["certificates"].splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines] == numbers
    assert lines[0].split(" ")[0] != ""
    assert ledger() == [(30, True), (30, True)]
    assert run(clock, END - days(30) + 3 * SECOND) == []
    assert run(clock, END + SECOND) == [("renewal-ended", "")]
    assert run(clock, END + 3 * SECOND) == []
    assert Message.objects.filter(key__contains=str(order.public_id)).count() == 2


@pytest.mark.parametrize("state", ["placed", "signing", "issued"])
def test_nobody_is_told_once_it_is_renewed(clock: Clock, state: str) -> None:
    renewed(units(1, END)[0], state)
    for left in (30, 14, 7, 1, 0):
        assert run(clock, END - days(left) + HOUR) == []
    assert ledger() == []


def test_who_renewed_or_closed_the_account_while_it_was_run_is_not_told(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found before is looked at once more under the lock."""
    first, second, third = units(3, END)
    found = [first.pk, second.pk, third.pk]
    monkeypatch.setattr(notices, "_crossed", lambda days, *_: iter([found] if days == NOTICE_DAYS[0] else []))
    renewed(first, "placed")
    Account.objects.filter(subscriber=second.subscriber).update(state=AccountState.CLOSED)
    assert run(clock, END - days(29)) == [("renewal-notice", "29")]
    assert str(third.public_id) in Message.objects.get().key


@pytest.mark.parametrize("state", ["draft", "refused"])
def test_a_renewal_that_was_only_begun_or_refused_silences_nothing(clock: Clock, state: str) -> None:
    renewed(units(1, END)[0], state)
    assert run(clock, END - days(13)) == [("renewal-notice", "13")]


def test_a_renewal_that_is_refused_later_makes_the_next_run_tell(clock: Clock) -> None:
    new = renewed(units(1, END)[0], "placed")
    assert run(clock, END - days(6)) == []
    Order.objects.filter(pk=new.pk).update(state="refused")
    assert run(clock, END - days(6) + HOUR) == [("renewal-notice", "6")]


def test_nobody_is_told_of_what_was_revoked(clock: Clock) -> None:
    units(1, END)
    Certificate.objects.update(state="revoked")
    assert run(clock, END - days(6)) == run(clock, END + HOUR) == []


def test_what_is_held_waits_until_it_is_lifted(clock: Clock) -> None:
    units(1, END, kind="personal")
    second = Certificate.objects.order_by("pk")[1:2].get()
    Certificate.objects.filter(pk=second.pk).update(state="held")
    assert run(clock, END - days(29)) == run(clock, END - days(13)) == []
    Certificate.objects.filter(pk=second.pk).update(state="valid")
    assert run(clock, END - days(12)) == [("renewal-notice", "12")]
    assert {told for _, told in ledger()} == {False, True}


def test_half_a_pair_is_told_of_without_the_way_to_renew(clock: Clock) -> None:
    units(1, END, kind="personal")
    first = Certificate.objects.order_by("pk")[0]
    Certificate.objects.filter(pk=first.pk).update(state="revoked")
    assert run(clock, END - days(6)) == [("renewal-notice", "7")]  # the second one ends a little later
    context = Message.objects.get().context
    assert context["renewable"] == ""
    assert first.number not in context["certificates"]


@pytest.mark.parametrize(("kind", "renewable"), [("personal", "yes"), ("personal-token", "")])
def test_what_a_token_holds_is_not_renewed_on_the_site(clock: Clock, kind: str, renewable: str) -> None:
    units(1, END, kind=kind)
    run(clock, END - days(6.5))
    assert Message.objects.get().context["renewable"] == renewable


def test_nobody_is_told_after_closing_the_account(clock: Clock) -> None:
    units(1, END)
    Account.objects.update(state=AccountState.CLOSED)
    assert run(clock, END - days(6)) == []


@pytest.mark.parametrize("state", [AccountState.LOCKED, AccountState.NEW, AccountState.SLIP])
def test_who_cannot_sign_in_just_now_is_told(clock: Clock, state: AccountState) -> None:
    units(1, END)
    Account.objects.update(state=state)
    assert run(clock, END - days(5.5)) == [("renewal-notice", "6")]


def test_certificates_for_inside_use_have_no_notices(clock: Clock) -> None:
    units(1, END, kind="officer")
    assert run(clock, END - days(6)) == []


@pytest.mark.parametrize(
    ("life", "told"), [(30, ["14", "7", "1", ""]), (10, ["7", "1", ""]), (1, [""]), (30.5, ["30", "14", "7", "1", ""])]
)
def test_a_short_life_has_only_the_thresholds_within_it(clock: Clock, life: float, told: list[str]) -> None:
    units(1, END, days=1)
    Certificate.objects.update(not_before=END - days(life))
    moment, found = END - days(life), []
    while moment < END + days(1):
        found += [left for _, left in run(clock, moment)]
        moment += 12 * HOUR
    assert found == told


def test_nobody_is_told_before_the_window_opens(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    later = {slug: replace(one, renewal_window_days=10) for slug, one in load_profiles().items()}
    for module in (notices, ending):
        monkeypatch.setattr(module, "load_profiles", lambda: later)
    units(1, END)
    assert run(clock, END - days(29)) == run(clock, END - days(13)) == []
    assert run(clock, END - days(6.5)) == [("renewal-notice", "7")]
    assert ledger() == [(7, True)]


def test_ledger_and_mail_stand_or_fall_together(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    units(2, END)
    clock.move_to(END - days(6.5))
    with monkeypatch.context() as patch:
        patch.setattr(notices, "promise_all", _full)
        with pytest.raises(OSError, match="full"):
            send_notices()
    assert not Notice.objects.exists()
    assert len(run(clock, END - days(6.4))) == 2


def _full(**_: Any) -> None:
    raise OSError("full")


def test_an_address_that_would_break_a_header_keeps_nobody_else_from_being_told(clock: Clock) -> None:
    bad, good = units(2, END)
    Identity.objects.filter(subscriber=bad.subscriber).update(email="a@example.org\r\nBcc: x@example.org")
    assert len(run(clock, END - days(6.5))) == 1
    assert str(good.public_id) in Message.objects.get().key
    assert Notice.objects.filter(certificate__item__order=bad, told=True).count() == 0
    assert run(clock, END - days(6.4)) == []


def test_the_newest_address_and_the_reader_s_language_are_used(clock: Clock) -> None:
    (order,) = units(1, END)
    assert order.subscriber is not None
    factories.identity(order.subscriber, email="new@example.org")
    Account.objects.update(language="pt")
    run(clock, END - days(29.5))
    letter = Message.objects.get()
    assert (letter.address, letter.language) == ("new@example.org", "pt")
    assert letter.context["certificates"].startswith("Certificado")


def test_the_letter_leads_straight_to_the_renewal_and_into_the_calendar(clock: Clock) -> None:
    (order,) = units(1, END)
    run(clock, END - days(13.5))
    context = Message.objects.get().context
    number = Certificate.objects.get().number
    assert context["url"] == f"{settings.PUBLIC_URL}/renewal/#order-{order.public_id}"
    assert context["name"].startswith("Mei Chan")
    assert context["calendar"] == {
        "uid": f"{order.public_id}@portal.sigillum.example",
        "summary": f"Certificate {number} ends",
        "start": END.isoformat(),
        "alarm_days": [7, 1],
        "url": context["url"],
    }
    run(clock, END - days(6.5))
    later = Message.objects.latest("pk").context["calendar"]
    assert (later["uid"], later["alarm_days"]) == (context["calendar"]["uid"], [1])


def test_the_mail_that_goes_out_carries_the_calendar_file(clock: Clock) -> None:
    units(1, END)
    run(clock, END - days(6.5))
    deliver(Message.objects.get().pk)
    sent = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=SMTP)
    (file,) = [part for part in sent.walk() if part.get_content_type() == "text/calendar"]
    assert file.get_filename() == "renewal.ics"
    assert file["Content-Type"].params["method"] == "PUBLISH"
    assert "DTSTART;TZID=Asia/Macau:20270705T120506" in file.get_content()


def test_many_blocks_are_told_and_a_second_run_queues_nothing(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_PAGE", 7)
    monkeypatch.setattr(notices, "_AT_ONCE", 3)
    units(11, END)
    units(6, END + days(10), kind="personal")
    assert len(run(clock, END - days(6.5))) == 17
    assert Notice.objects.filter(told=True).count() == 11 + 2 * 6
    assert run(clock, END - days(6.5)) == []


def test_few_statements_for_many(clock: Clock, django_assert_max_num_queries: Any) -> None:
    units(60, END)
    clock.move_to(END - days(6.5))
    with django_assert_max_num_queries(18):
        assert send_notices() == 60


@pytest.mark.django_db(transaction=True)
def test_schedulers_that_run_at_once_tell_everybody_once(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_AT_ONCE", 5)
    units(40, END)
    units(20, END + days(3), kind="personal")
    clock.move_to(END - days(6.5))
    counts = at_once(*[send_notices] * 4)
    assert sum(counts) == Message.objects.count() == 60
    assert send_notices() == 0
    told = Notice.objects.filter(told=True)
    assert told.count() == told.values("certificate").distinct().count() == 40 + 2 * 20


@pytest.mark.skipif(not POSTGRESQL, reason="the promise is about PostgreSQL")
def test_a_hundred_thousand_are_told_in_a_minute_with_flat_memory() -> None:
    """A tenth of them in a tenth of the time; what counts is what processors worked, as other tests run beside this."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SIGILLUM_TEST_", "PYTEST_"))}
    (found,) = figures_of("tests.bench.notices", "10000", environment={**own, "TEST_DATABASE": "postgresql"})
    assert found["mails"] == 10_000
    assert found["worked"] <= 6
    assert found["growth"] <= 32
    assert found["most_in_one"] <= 100
    assert found["seconds_again"] < found["seconds"] / 5
