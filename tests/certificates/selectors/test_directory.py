"""Who is found in the public directory, by what, and how many at most."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.models import Subscriber
from ca.profiles import profile
from certificates import jobs
from certificates.models import Authority, Certificate
from certificates.rules import looked_for
from certificates.selectors.directory import AT_MOST, find, public_row, published_certificate
from certificates.services import place_service_order
from certificates.states import CertificateState
from tests.certificates.making import OPERATORS, csr, many, person, placed

pytestmark = pytest.mark.django_db


def listed(name: tuple[str, str] = ("Mei", "Chan"), *, agreed: bool = True, **facts: Any) -> Subscriber:
    """Somebody with one certificate that carries name and mailbox."""
    someone = person(given_name=name[0], family_name=name[1], **facts)
    Subscriber.objects.filter(pk=someone.pk).update(listed=agreed)
    jobs.issue_orders([placed(someone, "personal").pk])
    return someone


def numbers(typed: str) -> set[str]:
    return {one.number for one in find(looked_for(typed)).certificates}


def own(someone: Subscriber) -> set[str]:
    return set(someone.certificates.values_list("number", flat=True))


def test_somebody_is_found_by_each_of_the_four(authority: Authority) -> None:
    mei, other = listed(email="Mei@Example.org"), listed(("Ana", "Silva"))
    one = mei.certificates.order_by("pk")[0]
    for typed in ("mei@example.org", " MEI@EXAMPLE.ORG", "mei chan", "Mei  CHAN", "mei", "Ｍｅｉ"):
        assert numbers(typed) == own(mei), typed
    for typed in (one.number, one.serial, one.serial.upper(), f"0x00{one.serial}", _in_pairs(one.serial)):
        assert numbers(typed) == {one.number}, typed
    assert numbers("ana silva") == own(other)
    assert numbers("chan") == numbers("example.org") == numbers("@example.org") == set()


def _in_pairs(serial: str) -> str:
    return str(public_row(Certificate.objects.get(serial=serial))["serial"])


def test_a_name_of_two_letters_is_looked_for_as_a_whole(authority: Authority) -> None:
    li, lina = listed(("Li", "")), listed(("Lina", "Wu"))
    assert numbers("li") == own(li)
    assert numbers("lin") == own(lina)
    assert numbers("Lín") == set()


@pytest.mark.parametrize("typed", ["%", "%%%", "___", "me%", "m__", "mei%", "mei\\", "*", "mei*", "' OR 1=1 --"])
def test_wildcards_are_letters_like_others(authority: Authority, typed: str) -> None:
    listed()
    assert numbers(typed) == set()


def test_who_did_not_agree_is_found_by_nothing_and_from_one_moment_to_the_next(authority: Authority) -> None:
    mei = listed(agreed=False)
    one = mei.certificates.order_by("pk")[0]
    everything = ("mei chan", "mei", one.email, one.number, one.serial)
    assert not any(numbers(typed) for typed in everything)
    with pytest.raises(Http404):
        published_certificate(one.number)
    Subscriber.objects.update(listed=True)
    assert all(one.number in numbers(typed) for typed in everything)
    assert published_certificate(one.number) == one
    Subscriber.objects.update(listed=False)
    assert not any(numbers(typed) for typed in everything)


def test_what_is_for_inside_use_is_not_listed(authority: Authority) -> None:
    names = {"country": "MO", "organisation": "Sigillum", "common_name": "Notices", "email": "notices@example.org"}
    order = place_service_order(profile="service-mail", subject=names, csr=csr(), operators=OPERATORS)
    jobs.issue_orders([order.pk])
    assert profile("service-mail").inside_use
    inside = Certificate.objects.get()
    assert not numbers("notices@example.org") | numbers(inside.serial) | numbers(inside.number)


def test_all_states_are_shown(authority: Authority) -> None:
    mei = listed()
    for state in (CertificateState.HELD, CertificateState.REVOKED):
        Certificate.objects.update(**{"state": state})
        assert {public_row(one)["state"] for one in find(looked_for("mei chan")).certificates} == {str(state)}
    assert numbers("mei") == own(mei)


def test_what_ended_long_ago_is_found_by_its_numbers_only(authority: Authority) -> None:
    mei = listed()
    now = timezone.now()
    one = mei.certificates.order_by("pk")[0]
    for ended, seen in ((now - timedelta(days=364), True), (now - timedelta(days=366), False)):
        Certificate.objects.update(not_after=ended)
        for typed in ("mei chan", "mei", one.email):
            assert (one.number in numbers(typed)) is seen
        assert numbers(one.serial) == numbers(one.number) == {one.number}
        assert public_row(find(looked_for(one.serial)).certificates[0])["state"] == "expired"


def test_at_most_twenty_and_whoever_has_exactly_the_name_first(authority: Authority) -> None:
    exact = listed(("Mei", ""))
    assert not find(looked_for("mei")).more
    _more(authority, exact, AT_MOST - len(own(exact)), "mei chan")
    found = find(looked_for("mei"))
    assert len(found.certificates) == AT_MOST
    assert not found.more
    _more(authority, exact, 1, "mei wu")
    found = find(looked_for("mei"))
    assert len(found.certificates) == AT_MOST
    assert found.more
    assert [one.search_name for one in found.certificates].count("mei") == len(
        exact.certificates.filter(search_name="mei")
    )
    _more(authority, exact, AT_MOST, "mei")
    found = find(looked_for("mei"))
    assert [one.search_name for one in found.certificates] == ["mei"] * AT_MOST
    assert found.more


def test_of_more_than_twenty_at_one_address_it_is_said_and_the_newest_stand_first(authority: Authority) -> None:
    mei = listed(email="mei@example.org")
    _more(authority, mei, AT_MOST, "mei chan")
    Certificate.objects.filter(subscriber=mei).update(search_email="mei@example.org")
    found = find(looked_for("mei@example.org"))
    assert (len(found.certificates), found.more) == (AT_MOST, True)
    moments = [(one.not_before, one.pk) for one in found.certificates]
    assert moments == sorted(moments, reverse=True)


def _more(authority: Authority, someone: Subscriber, count: int, name: str) -> None:
    rows = [one.pk for one in many(authority, count)]
    Certificate.objects.filter(pk__in=rows).update(subscriber=someone, search_name=name)
