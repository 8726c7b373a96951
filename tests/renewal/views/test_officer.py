"""The officers' page of renewals that are due."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.states import Role
from notifications.models import Message
from renewal.views import officer
from tests import factories
from tests.renewal.rows import organisation, units

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
PAGE = "desk:renewals"


def desk(*roles: Role) -> Client:
    return factories.signed_in(Client(), factories.officer(roles=roles or (Role.REGISTRATION,)))


def test_the_empty_list_says_what_comes() -> None:
    page = desk().get(reverse(PAGE))
    assert "Nobody is on this list" in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_ticked_holders_are_invited_and_the_filter_stays() -> None:
    harbour = organisation()
    first, second = units(2, timezone.now() + 5 * DAY, kind="organisation", of=harbour)
    client = desk()
    address = reverse(PAGE) + "?organisation=harbour&days=7"
    page = client.get(address).content.decode()
    assert page.count('name="order"') == 2
    assert "5 days left" in page
    answer = client.post(address, {"order": [str(first.public_id), "nonsense"]}, follow=True)
    assert answer.redirect_chain[-1][0] == address
    page = answer.content.decode()
    assert "1 holder was invited." in page
    assert page.count('name="order"') == 1
    assert str(second.public_id) in page
    assert Message.objects.count() == 1


def test_everybody_whom_the_filter_finds_is_invited() -> None:
    units(60, timezone.now() + 5 * DAY, kind="organisation", of=organisation())
    units(3, timezone.now() + 5 * DAY)
    client = desk()
    answer = client.post(reverse(PAGE) + "?organisation=MO-12345", {"everyone": "yes"}, follow=True)
    assert "60 holders were invited." in answer.content.decode()
    assert Message.objects.count() == 60
    assert "page=2" in answer.content.decode()


def test_a_press_without_a_tick_invites_nobody() -> None:
    units(1, timezone.now() + 5 * DAY)
    assert "Nobody was invited" in desk().post(reverse(PAGE), follow=True).content.decode()
    assert not Message.objects.exists()


def test_what_has_ended_takes_nobody_s_place(monkeypatch: pytest.MonkeyPatch) -> None:
    units(1, timezone.now() - DAY)
    units(1, timezone.now() + 5 * DAY)
    monkeypatch.setattr(officer, "AT_ONCE", 1)
    desk().post(reverse(PAGE), {"everyone": "yes"})
    assert Message.objects.count() == 1


def test_another_office_s_holder_cannot_be_invited() -> None:
    (order,) = units(1, timezone.now() + 5 * DAY, at=factories.office("other"))
    client = desk()
    assert str(order.public_id) not in client.get(reverse(PAGE)).content.decode()
    client.post(reverse(PAGE), {"order": str(order.public_id)})
    assert not Message.objects.exists()


def test_other_officers_see_the_list_and_invite_nobody() -> None:
    (order,) = units(1, timezone.now() + 5 * DAY)
    client = desk(Role.AUDITOR)
    page = client.get(reverse(PAGE)).content.decode()
    assert "5 days left" in page
    assert 'name="order"' not in page
    assert client.post(reverse(PAGE), {"order": str(order.public_id)}).status_code == 403
    assert not Message.objects.exists()


@pytest.mark.parametrize("query", ["days=x", "organisation=%00", "organisation=" + "x" * 999])
def test_a_wrong_filter_lists_and_invites_nobody(query: str) -> None:
    (order,) = units(1, timezone.now() + 5 * DAY)
    client, address = desk(), f"{reverse(PAGE)}?{query}"
    page = client.get(address)
    assert page.status_code == 422
    assert str(order.public_id) not in page.content.decode()
    client.post(address, {"everyone": "yes"})
    assert not Message.objects.exists()


@pytest.mark.parametrize("query", ["page=0", "page=999", "page=x"])
def test_odd_pages_show_the_list(query: str) -> None:
    units(1, timezone.now() + 5 * DAY)
    assert "5 days left" in desk().get(f"{reverse(PAGE)}?{query}").content.decode()


def test_a_full_page_costs_few_statements(django_assert_max_num_queries: object) -> None:
    units(50, timezone.now() + 5 * DAY, kind="personal")
    client = desk()
    with django_assert_max_num_queries(15):  # type: ignore[operator]  # pytest-django's fixture
        client.get(reverse(PAGE))
