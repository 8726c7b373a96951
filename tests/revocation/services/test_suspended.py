"""Lifting what a request had suspended."""

from collections.abc import Iterable

import pytest

from certificates.models import Authority, Certificate
from certificates.services import hold
from revocation.services import rows, suspended
from revocation.services.suspended import release
from tests.certificates.making import issued
from tests.revocation.making import requested, states

pytestmark = pytest.mark.django_db


def test_only_what_the_request_suspended_is_lifted(authority: Authority) -> None:
    certificates = issued(kind="personal")
    hold(certificates=[Certificate.objects.get(pk=certificates[0].pk)], actor="system")
    made = requested(certificates)
    assert states(certificates) == ["held", "held"]
    found = release(made, actor="system")
    assert states(certificates) == ["held", "valid"]
    assert [one.state for one in found] == ["held", "valid"]


def test_what_was_handed_on_while_it_waited_is_lifted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = issued()
    hold(certificates=[Certificate.objects.get(pk=certificates[0].pk)], actor="system")
    made = requested(certificates)

    def taken_late(wanted: Iterable[int]) -> list[Certificate]:
        wanted = list(wanted)
        made.lines.update(held=True)  # what the decision about a report does before it lets go of the certificate
        return rows.take(wanted)

    monkeypatch.setattr(suspended, "take", taken_late)
    release(made, actor="system")
    assert states(certificates) == ["valid"]


def test_what_was_lifted_meanwhile_is_no_obstacle(authority: Authority) -> None:
    made = requested(issued())
    release(made, actor="system")
    assert [one.state for one in release(made, actor="system")] == ["valid"]
