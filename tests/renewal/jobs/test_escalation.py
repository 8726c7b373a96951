"""The office's list of the day: organisations' certificates that are about to end."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from accounts.models import Office
from certificates.models import Certificate, Order
from notifications.models import Message
from notifications.selectors import words
from renewal.jobs import escalation
from renewal.jobs.escalation import escalate
from tests import factories
from tests.conftest import Clock
from tests.renewal.rows import organisation, units
from tests.threads import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 7, 5, 4, 5, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.move_to(NOW)


def made(left: float, count: int = 1, at: Office | None = None) -> list[Order]:
    return units(count, NOW + left * DAY, kind="organisation", of=organisation(), at=at)


def test_the_office_has_one_mail_a_day_with_the_list(clock: Clock) -> None:
    (order,) = made(6.5)
    made(8), made(-1)
    units(1, NOW + DAY)  # a person's own
    numbers = list(Certificate.objects.filter(item__order=order).values_list("number", flat=True))
    assert escalate() == 1
    mail = Message.objects.get()
    lines = mail.context["certificates"].splitlines()
    assert lines == [
        f"Harbour Trading (MO-12345) – {one} – 2027-07-11 16:05:0{at} UTC"
        for at, one in zip("68", numbers, strict=True)
    ]
    assert mail.address == settings.SITE["help_mail"]["en"]
    assert mail.context["more"] == ""
    assert mail.context["url"] == f"{settings.PUBLIC_URL}/desk/renewals/"
    assert "Mei" not in words(mail.event, mail.context, "en").text
    assert escalate() == 0
    clock.move_to(NOW + DAY)
    assert escalate() == 1
    clock.move_to(NOW + 7 * DAY)
    assert Message.objects.count() == 2


def test_each_office_has_its_own(clock: Clock) -> None:
    other = factories.office("other")
    Office.objects.filter(pk=other.pk).update(email="desk@other.example")
    made(5), made(5, 2, at=other)
    assert escalate() == 2
    counts = {one.address: one.context["count"] for one in Message.objects.all()}
    assert counts == {settings.SITE["help_mail"]["en"]: "2", "desk@other.example": "4"}


@pytest.mark.parametrize("what", ["renewed", "revoked", "held"])
def test_what_needs_nobody_is_not_on_it(what: str) -> None:
    (order,) = made(5)
    if what == "renewed":
        Order.objects.filter(pk=made(300)[0].pk).update(renews=order)
    else:
        Certificate.objects.update(state=what)
    assert escalate() == 0


def test_a_long_list_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalation, "_LISTED", 3)
    made(5, 4)
    escalate()
    mail = Message.objects.get()
    assert (len(mail.context["certificates"].splitlines()), mail.context["more"], mail.context["count"]) == (
        3,
        "5",
        "8",
    )
    assert "And 5 more." in words(mail.event, mail.context, "en").text


def test_what_ends_first_stands_first() -> None:
    later, sooner = made(5)[0], made(4)[0]
    escalate()
    numbers = [line.split(" – ")[1] for line in Message.objects.get().context["certificates"].splitlines()]
    by_order = Certificate.objects.filter(item__order__in=[sooner, later]).order_by("-item__order", "item__position")
    assert numbers == list(by_order.values_list("number", flat=True))


def test_an_address_that_cannot_be_written_to_keeps_no_other_office_from_its_mail() -> None:
    Office.objects.filter(pk=factories.office().pk).update(email="a@b.example\nBcc: c@d.example")
    made(5), made(5, at=factories.office("zz"))
    assert escalate() == 1


@pytest.mark.django_db(transaction=True)
def test_schedulers_at_once_send_one_mail() -> None:
    made(5)
    at_once(*[escalate] * 4)
    assert Message.objects.count() == 1
