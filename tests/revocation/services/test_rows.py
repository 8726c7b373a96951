"""Taking hold of certificates for an act."""

from typing import Any

import pytest
from django.db import connection

from certificates.models import Authority
from revocation.services.rows import take
from tests.certificates.making import issued, many

pytestmark = pytest.mark.django_db


def test_rows_come_in_order_and_each_once(authority: Authority) -> None:
    certificates = issued(kind="personal")
    keys = [one.pk for one in certificates]
    assert [one.pk for one in take([*keys[::-1], *keys])] == keys


def test_rows_come_as_they_stand_and_without_their_bytes(authority: Authority, django_assert_num_queries: Any) -> None:
    certificates = issued()
    type(certificates[0]).objects.update(state="held")
    with django_assert_num_queries(1) as asked:
        found = take([certificates[0].pk])
        assert (found[0].state, found[0].audit_id) == ("held", certificates[0].audit_id)
        assert found[0].item.order.profile_version == 1
    question = asked.captured_queries[0]["sql"]
    assert '"der"' not in question
    if connection.vendor == "postgresql":
        assert "FOR NO KEY UPDATE" in question


def test_many_rows_cost_few_questions(authority: Authority, django_assert_num_queries: Any) -> None:
    certificates = many(authority, 2001)
    with django_assert_num_queries(3):
        assert len(take(one.pk for one in certificates)) == 2001
