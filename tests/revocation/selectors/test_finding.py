"""Finding the certificates that somebody wants revoked."""

import pytest

from certificates.models import Authority, Certificate
from certificates.services import revoke
from revocation.errors import TooManyChosen
from revocation.selectors import finding
from tests import factories
from tests.certificates.making import issued, many
from tests.conftest import Clock
from tests.revocation.making import requested

pytestmark = pytest.mark.django_db


def test_by_number_and_by_serial_number(authority: Authority) -> None:
    certificate = issued()[0]
    Certificate.objects.filter(pk=certificate.pk).update(number="0012345678")
    for typed in ("12345678", "0012345678", certificate.serial, f"00:{certificate.serial.upper()}"):
        assert finding.certificate_named(typed) == certificate, typed
    for typed in ("", "0", "no number", "4711", "\0", "9" * 5000):
        assert finding.certificate_named(typed) is None, typed


def test_only_what_can_be_asked_for_is_offered(authority: Authority, clock: Clock) -> None:
    certificates = issued(kind="personal")
    holder = certificates[0].subscriber
    assert holder is not None
    assert set(finding.own_revocable(holder)) == set(certificates)
    made = requested(certificates[:1])
    assert list(finding.own_revocable(holder)) == certificates[1:]
    type(made.case).objects.update(state="withdrawn")
    revoke(certificates=certificates[1:], reason="", actor="system")
    assert list(finding.own_revocable(holder)) == certificates[:1], "suspended ones, too"
    clock.shift(days=5000)
    assert not finding.own_revocable(holder)


def test_a_pair_goes_together(authority: Authority) -> None:
    certificates, single = issued(kind="personal"), issued()
    assert finding.with_its_pair(certificates[1]) == [certificates[1], certificates[0]]
    assert finding.with_its_pair(single[0]) == single


def test_a_list_is_found_in_few_questions(authority: Authority, django_assert_max_num_queries: object) -> None:
    certificates = many(authority, 2500)
    names = [one.number for one in certificates[:2000]] + [one.serial for one in certificates[1000:]]
    found = finding.found_in([*names, "4711"], factories.office())
    assert found.certificates == certificates
    assert found.unknown == ["4711"]


def test_a_list_has_its_length(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_AT_ONCE", 1)
    with pytest.raises(TooManyChosen):
        finding.found_in(["1", "2"], factories.office())
