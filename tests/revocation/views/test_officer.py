"""A paper form, entered at the desk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Officer, Organisation
from accounts.states import Role
from cases.models import Case
from certificates.models import Authority, Certificate, Order
from certificates.services import revoke
from revocation.models import RevocationRequest
from tests import factories
from tests.certificates.making import issued
from tests.revocation.making import requested, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificates(authority: Authority) -> list[Certificate]:
    """Three certificates, each of another holder."""
    return [issued()[0] for _ in range(3)]


@pytest.fixture
def officer() -> Officer:
    return factories.officer("lei", roles=[Role.REGISTRATION])


@pytest.fixture
def desk(officer: Officer) -> Client:
    """The browser of a registration officer."""
    return factories.signed_in(Client(), officer)


def show(desk: Client, names: str = "", **more: Any) -> Any:
    data = {"form_number": "R-2026-17", "names": names, "organisation": "", "reason": "changed", "act": "show"}
    return desk.post(reverse("desk:revoke"), {**data, **more})


def enter(desk: Client, names: str = "", **more: Any) -> Any:
    seen = show(desk, names, **more).context.get("mark", "")
    return show(desk, names, **{"seen": seen, "act": "enter", **more})


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_old_code_is_asked_for_again(desk: Client, certificates: list[Certificate]) -> None:
    session = desk.session
    session["second_factor_at"] -= 15 * 60
    session.save()
    for answer in (desk.get(reverse("desk:revoke")), show(desk, certificates[0].number, reason="exposed", act="enter")):
        assert answer["Location"].startswith(reverse("accounts:second-factor"))
    assert states(certificates) == ["valid"] * 3


def test_what_the_form_names_is_shown_before_it_is_entered(desk: Client, certificates: list[Certificate]) -> None:
    answer = show(desk, f"{certificates[0].number}\n{certificates[1].serial.upper()}\n4711")
    page = words(answer)
    assert "2 certificates were found" in page
    assert "Not found here (1)" in page
    assert certificates[2].number not in page
    assert not Case.objects.exists()


def test_what_was_shown_is_entered(desk: Client, officer: Officer, certificates: list[Certificate]) -> None:
    answer = enter(desk, f"{certificates[0].number}, {certificates[1].number}")
    made = RevocationRequest.objects.get()
    assert answer["Location"] == reverse("desk:case", args=[made.case.reference])
    assert (made.form_number, made.case.entered_by, made.door) == ("R-2026-17", officer, "paper")
    assert made.lines.count() == 2
    assert states(certificates) == ["valid"] * 3
    assert "Entered. Another officer decides" in words(desk.get(answer["Location"]))


def test_what_changed_since_it_was_shown_is_shown_again(desk: Client, certificates: list[Certificate]) -> None:
    names = f"{certificates[0].number}\n{certificates[1].number}"
    seen = show(desk, names).context["mark"]
    requested(certificates[1:2])
    answer = show(desk, names, seen=seen, act="enter")
    assert answer.status_code == 200
    assert "Asked for already (1)" in words(answer)
    assert Case.objects.count() == 1
    assert show(desk, names, act="enter").status_code == 200, "never seen at all"
    assert Case.objects.count() == 1


def test_why_a_line_is_left_out(desk: Client, certificates: list[Certificate]) -> None:
    revoke(certificates=certificates[:1], reason="", actor="system")
    Certificate.objects.filter(pk=certificates[1].pk).update(not_after=certificates[1].not_before)
    page = words(show(desk, "\n".join(one.number for one in certificates)))
    assert "Revoked already (1)" in page
    assert "Ended by itself (1)" in page
    assert "1 certificate was found" in page


def test_nothing_found_is_not_entered(desk: Client) -> None:
    assert "0 certificates were found" in words(show(desk, "4711"))
    answer = enter(desk, "4711")
    assert answer.status_code in (200, 422)
    assert not Case.objects.exists()


def test_all_of_an_organisation(desk: Client, certificates: list[Certificate]) -> None:
    casa = Organisation.objects.create(number="A12345", name="Casa", country="MO")
    other = Organisation.objects.create(number="B12345", name="Outra", country="MO")
    for one, organisation in zip(certificates, (casa, casa, other), strict=True):
        holder = one.subscriber
        assert holder is not None
        identity = factories.identity(holder, kind="organisation", organisation=organisation)
        Order.objects.filter(items__certificate=one).update(identity=identity)
    assert enter(desk, organisation=" ａ12345 ").status_code == 302
    named = {line.certificate for line in RevocationRequest.objects.get().lines.all()}
    assert named == set(certificates[:2])
    assert "Not found here (1)" in words(show(desk, organisation="C12345"))


def test_one_holder_is_named(desk: Client, certificates: list[Certificate]) -> None:
    enter(desk, certificates[0].number)
    assert RevocationRequest.objects.get().subscriber == certificates[0].subscriber


def test_certificates_of_another_office_are_not_there(certificates: list[Certificate]) -> None:
    away = factories.officer(at=factories.office("taipa"))
    page = words(show(factories.signed_in(Client(), away), certificates[0].number))
    assert "Not found here (1)" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"form_number": ""}, "form_number"),
        ({"form_number": "R\u202e1"}, "form_number"),
        ({"form_number": "x" * 41}, "form_number"),
        ({"reason": "no such reason"}, "reason"),
        ({"names": ""}, "names"),
        ({"organisation": "A12345"}, "names"),
        ({"names": "\n".join(str(one) for one in range(20_001))}, "names"),
        ({"names": "\0"}, "names"),
    ],
)
def test_what_a_form_may_not_be(desk: Client, certificates: list[Certificate], change: Any, field: str) -> None:
    answer = show(desk, **{"names": certificates[0].number, **change})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_a_long_odd_list_is_read(desk: Client) -> None:
    page = words(show(desk, "\n".join(f"no number {one}" for one in range(5000))))
    assert "Not found here (5000)" in page
    assert len(page) < 100_000 + 3 * 5000 * 20
