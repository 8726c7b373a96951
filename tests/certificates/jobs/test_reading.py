"""What is stored of a certificate is read from its own bytes."""

from dataclasses import replace
from typing import Any

import pytest

from ca.errors import SignatureMismatch
from certificates import jobs
from certificates.jobs.reading import Signed
from certificates.models import Authority, Certificate
from certificates.services import place_service_order
from tests.certificates.making import OPERATORS, csr, person, placed

pytestmark = pytest.mark.django_db


def signed(**which: Any) -> Signed:
    row = Certificate.objects.get(**which)
    return Signed(row.attempt, bytes(row.der))


def test_a_row_says_what_the_certificate_says(authority: Authority) -> None:
    order = placed(person(given_name="Ana", family_name="Lopes", email="ana@example.org"))
    jobs.issue_orders([order.pk])
    row = Certificate.objects.get()
    assert "CN=Ana Lopes" in row.subject
    assert row.email == "ana@example.org"
    assert row.not_before < row.not_after
    assert len(row.sha256) == 64


def test_a_certificate_without_a_mailbox_has_none(authority: Authority) -> None:
    order = place_service_order(
        profile="ocsp-responder", subject={"common_name": "OCSP"}, csr=csr(), operators=OPERATORS
    )
    jobs.issue_orders([order.pk])
    row = Certificate.objects.get()
    assert (row.email, row.subject, row.subscriber) == ("", "CN=OCSP", None)


def test_another_certificate_does_not_pass_for_this_attempt(authority: Authority) -> None:
    jobs.issue_orders([placed().pk, placed().pk])
    first, second = Certificate.objects.order_by("pk")
    one, other = signed(pk=first.pk), signed(pk=second.pk)
    one.check()
    with pytest.raises(SignatureMismatch, match="key"):
        replace(one, der=other.der).check()
    first.attempt.serial = "1"
    with pytest.raises(SignatureMismatch, match="serial"):
        Signed(first.attempt, bytes(first.der)).check()
