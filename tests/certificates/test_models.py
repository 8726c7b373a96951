"""What the database itself refuses, and how rows are called."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from certificates import jobs
from certificates.models import Attempt, Authority, Certificate, Order, PublicKey, PublishedList, new_certificate_number
from tests.certificates.making import placed

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(authority: Authority) -> Certificate:
    jobs.issue_orders([placed().pk])
    return Certificate.objects.get()


def copied(row: Any, **changes: Any) -> None:
    """Store the same row once more with these changes."""
    row.pk = None
    for name, value in changes.items():
        setattr(row, name, value)
    with transaction.atomic():
        row.save(force_insert=True)


def test_no_serial_number_twice_for_one_ca(certificate: Certificate) -> None:
    with pytest.raises(IntegrityError):
        copied(Attempt.objects.get())
    attempt = Attempt.objects.get()
    assert certificate.authority.parent is not None
    copied(attempt, authority=certificate.authority.parent)


def test_one_item_has_one_certificate(certificate: Certificate) -> None:
    with pytest.raises(IntegrityError):
        copied(
            Certificate.objects.get(), serial="1", sha256="x", number="0000000001", attempt_id=certificate.attempt.pk
        )


def test_one_authorisation_has_one_order_that_was_not_refused(certificate: Certificate) -> None:
    order = Order.objects.get()
    with pytest.raises(IntegrityError):
        copied(order, public_id="00000000-0000-4000-8000-000000000000")
    copied(Order.objects.get(), public_id="00000000-0000-4000-8000-000000000000", state="refused")


def test_rows_are_called_by_what_people_know(certificate: Certificate) -> None:
    order, attempt, key = Order.objects.get(), Attempt.objects.get(), PublicKey.objects.first()
    assert str(order) == f"{order.public_id} (issued)"
    assert str(order.items.get()) == f"{order.pk}/secure-email"
    assert str(attempt) == certificate.serial
    assert str(certificate) == certificate.number
    assert str(certificate.authority).startswith("Test CA")
    assert key is not None
    assert str(key) == key.spki_sha256
    assert str(PublishedList.objects.all()[0]).startswith("Test ")


def test_certificate_numbers_are_ten_digits() -> None:
    assert all(len(new_certificate_number()) == 10 for _ in range(100))
