"""Reading: each thing through its owner; the newest CA; the database's clock; names from the registration only."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.http import Http404
from django.utils import timezone, translation

from accounts.models import Identity, Organisation
from ca.names import Registered
from certificates import jobs
from certificates.models import Authority, Certificate, Order
from certificates.selectors import (
    authorities,
    certificate_of,
    certificates_of,
    database_now,
    issuing_authority,
    key_page,
    order_items,
    order_of,
    order_sheet,
    orders_of,
    profile_of,
    profile_title,
    registered,
)
from certificates.services import place_service_order
from tests import factories
from tests.certificates.making import OPERATORS, ceremony, csr, draft, person, placed

pytestmark = pytest.mark.django_db


def test_the_database_s_clock_is_read() -> None:
    assert abs(database_now() - timezone.now()) < timedelta(seconds=2)


def test_orders_and_certificates_are_found_by_their_owner_alone(authority: Authority) -> None:
    order = placed()
    other = placed()
    jobs.issue_orders([order.pk])
    owner, stranger = order.subscriber, other.subscriber
    assert owner is not None
    assert stranger is not None
    number = Certificate.objects.get(item__order=order).number
    assert list(orders_of(owner)) == [order]
    assert order_of(owner, order.public_id) == order
    assert certificate_of(owner, number).number == number
    assert [one.number for one in certificates_of(owner)] == [number]
    for find in (
        lambda: order_of(stranger, order.public_id),
        lambda: certificate_of(stranger, number),
        lambda: order_of(owner, uuid4()),
        lambda: certificate_of(owner, "0000000000"),
    ):
        with pytest.raises(Http404):
            find()


def test_the_newest_ca_that_takes_orders_is_chosen() -> None:
    assert issuing_authority() is None
    first = ceremony()
    assert issuing_authority() == first
    second = ceremony()
    assert issuing_authority() == second
    Authority.objects.filter(pk=second.pk).update(state="retired")
    assert issuing_authority() == first
    assert {one.pk for one in authorities()} == set(Authority.objects.values_list("pk", flat=True))


def test_titles_come_in_the_reader_s_language_and_version(authority: Authority) -> None:
    order = draft(kind="personal")
    assert profile_of(order).version == order.profile_version
    with translation.override("pt"):
        assert profile_title(order) == "Certificados pessoais"
    with translation.override("zh-hant"):
        assert profile_title(order) == "個人憑證"
    Order.objects.filter(pk=order.pk).update(profile="gone")
    order.refresh_from_db()
    assert profile_title(order) == "gone"


def test_the_key_page_offers_what_the_profile_allows(authority: Authority) -> None:
    page = key_page(draft(kind="personal"))
    assert [item["use"] for item in page["items"]] == ["signing", "encryption"]
    assert [value for value, _ in page["key_types"]] == ["p256", "p384", "rsa2048", "rsa3072", "rsa4096"]
    assert page["default_key_type"] == "p256"
    assert page["own_csr_allowed"]


def test_an_order_tells_which_keys_it_waits_for(authority: Authority) -> None:
    order = placed(kind="personal")
    stored = [item.public_key.spki_sha256 for item in order.items.all()]
    assert [item["spki_sha256"] for item in order_items(order)] == stored
    sheet = order_sheet(order)
    assert (sheet.state, sheet.refusal_text) == ("placed", "")
    order.state, order.refusal_code = "refused", "key-weak"
    assert "weak" in order_sheet(order).refusal_text


def test_names_come_from_the_identity_of_the_order(authority: Authority) -> None:
    subscriber = person(given_name="Tai Man", middle_name="Peter", family_name="Chan", email="p@example.org")
    order = draft(subscriber, "personal")
    factories.identity(subscriber, given_name="Somebody Else")
    names = registered(Order.objects.get(pk=order.pk))
    assert names == Registered(
        country="MO",
        common_name="Tai Man Peter Chan",
        given_name="Tai Man Peter",
        family_name="Chan",
        subscriber_number=subscriber.number,
        email="p@example.org",
    )


def test_an_organisation_s_names_come_along(authority: Authority) -> None:
    order = draft(kind="organisation")
    assert order.identity is not None
    organisation = Organisation.objects.create(number="VATMO-1", name="Example Ltd", country="MO")
    Identity.objects.filter(pk=order.identity.pk).update(organisation=organisation, organisation_unit="IT")
    names = registered(Order.objects.get(pk=order.pk))
    assert (names.organisation, names.organisation_unit, names.organisation_identifier) == (
        "Example Ltd",
        "IT",
        "VATMO-1",
    )


def test_inside_use_has_the_names_that_the_operators_gave(authority: Authority) -> None:
    order = place_service_order(
        profile="ocsp-responder", subject={"common_name": "OCSP"}, csr=csr(), operators=OPERATORS
    )
    assert registered(order) == Registered(common_name="OCSP")
