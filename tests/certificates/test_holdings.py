"""What pages of other apps show of a holder's certificates."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Authority, Certificate
from certificates.templatetags.holdings import certificates_with_other_address
from tests.certificates.making import issued, person

pytestmark = pytest.mark.django_db


def named(one: Certificate, email: str) -> set[str]:
    assert one.subscriber is not None
    return {row["number"] for row in certificates_with_other_address(one.subscriber, email)["certificates"]}


def test_only_certificates_in_use_with_another_address(authority: Authority) -> None:
    one = issued(person(email="Mei@example.org"))[0]
    issued()  # somebody else's
    assert named(one, "mei@EXAMPLE.org") == set()
    assert named(one, "new@example.org") == {one.number}
    now = timezone.now()
    for changes, seen in (
        ({"state": "held"}, {one.number}),
        ({"state": "revoked"}, set()),
        ({"state": "valid", "not_after": now - timedelta(seconds=1)}, set()),
        ({"not_after": now + timedelta(days=9), "email": "", "search_email": ""}, set()),
    ):
        Certificate.objects.filter(pk=one.pk).update(**changes)
        assert named(one, "new@example.org") == seen
