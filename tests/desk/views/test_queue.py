"""The queue and the case page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Officer, Subscriber
from accounts.states import Role
from cases.models import Case
from cases.states import CaseState
from certificates.models import Certificate
from enrollment.services import register, request_reset
from revocation.states import Reason
from tests import factories
from tests.certificates.making import ceremony, issued
from tests.enrollment import making
from tests.revocation.making import decided, on_paper, requested, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    """A registration that waits."""
    return making.registration(telephone="+853 2833 0000").case


@pytest.fixture
def approver() -> Client:
    """The browser of an approving officer."""
    return factories.signed_in(Client(), factories.officer("wong", roles=[Role.APPROVING]))


def at(case: Case) -> str:
    return reverse("desk:case", args=[case.reference])


def words(answer: Any) -> str:
    return str(answer.content.decode())


def decide(browser: Client, case: Case, decision: str = "approve", **more: Any) -> Any:
    return browser.post(at(case), {"revision": case.revision, "decision": decision, **more})


def test_an_empty_queue_says_so(approver: Client) -> None:
    assert "Nothing waits for a decision" in words(approver.get(reverse("desk:queue")))


def test_the_queue_shows_age_clock_and_what_is_late(approver: Client, case: Case) -> None:
    Case.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    page = words(approver.get(reverse("desk:queue")))
    assert case.reference in page
    assert "陳美 Mei Chan" in page
    assert "overdue" in page


def test_the_queue_takes_few_queries(approver: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        making.registration()
    with django_assert_max_num_queries(15):
        approver.get(reverse("desk:queue"))


def test_a_long_queue_has_pages(approver: Client) -> None:
    officer = factories.officer()
    for _ in range(51):
        register(officer=officer, facts=making.facts())
    assert "Page 1 of 2" in words(approver.get(reverse("desk:queue")))
    assert len(approver.get(reverse("desk:queue"), {"page": 2}).context["lines"]) == 1


def test_a_case_is_one_view_of_everything(approver: Client, case: Case) -> None:
    page = words(approver.get(at(case)))
    for part in ("Mei", "Chan", "陳美", "+853 2833 0000", "Secure e-mail certificate", case.entered_name, "seen"):
        assert part in page, part


def test_an_approval(approver: Client, case: Case) -> None:
    assert decide(approver, case)["Location"] == reverse("desk:queue")
    case.refresh_from_db()
    assert case.state == CaseState.APPROVED
    assert Subscriber.objects.count() == 1
    page = words(approver.get(at(case)))
    assert "Officer Wong" in page
    assert '<form method="post" class="form-sheet"' not in page


def test_a_rejection_needs_its_reason(approver: Client, case: Case) -> None:
    answer = decide(approver, case, "reject")
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reason"]
    assert decide(approver, case, "reject", reason="The form is not signed.").status_code == 302
    assert "The form is not signed." in words(approver.get(at(case)))


def test_a_case_that_changed_is_not_decided(approver: Client, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(revision=2)
    answer = decide(approver, case)
    assert answer.status_code == 422
    assert "Read it again" in words(answer)
    assert not Subscriber.objects.exists()


def test_a_case_that_somebody_decided_first(approver: Client, case: Case) -> None:
    decide(approver, case)
    assert decide(approver, case, "reject", reason="late").status_code == 409
    case.refresh_from_db()
    assert case.state == CaseState.APPROVED


def test_no_page_and_no_raw_post_lets_decide_what_one_entered(case: Case) -> None:
    own = making.entrant(case)
    Officer.objects.filter(pk=own.pk).update(roles=[Role.REGISTRATION, Role.APPROVING])
    browser = factories.signed_in(Client(), own)
    assert "another officer decides it" in words(browser.get(at(case)))
    answer = decide(browser, case)
    assert answer.status_code == 422
    assert "You entered this case yourself" in words(answer)
    assert not Subscriber.objects.exists()


def test_a_role_taken_away_counts_on_the_next_request(approver: Client, case: Case) -> None:
    Officer.objects.filter(account__username="wong").update(roles=[Role.AUDITOR])
    assert approver.get(at(case)).status_code == 200
    assert decide(approver, case).status_code == 403


def test_deciding_asks_for_a_fresh_code(approver: Client, case: Case) -> None:
    session = approver.session
    session["second_factor_at"] -= 15 * 60
    session.save()
    assert decide(approver, case)["Location"].startswith(reverse("accounts:second-factor"))
    assert not Subscriber.objects.exists()


def test_a_reset_is_decided_on_the_same_page(approver: Client) -> None:
    account = factories.subscriber().account
    case = request_reset(officer=factories.officer(), account=account, identity_check="ID card seen").case
    page = words(approver.get(at(case)))
    assert "ID card seen" in page
    assert account.username not in page
    assert decide(approver, case).status_code == 302
    assert decide(approver, case).status_code == 409


def test_what_keeps_a_reset_from_being_done_is_told(approver: Client) -> None:
    account = factories.subscriber().account
    case = request_reset(officer=factories.officer(), account=account, identity_check="seen").case
    type(account).objects.filter(pk=account.pk).update(state="closed")
    answer = decide(approver, case)
    assert answer.status_code == 422
    assert "This account is closed" in words(answer)
    case.refresh_from_db()
    assert case.state == CaseState.OPEN


def test_a_case_of_another_office_is_not_there(case: Case) -> None:
    stranger = factories.signed_in(Client(), factories.officer(at=factories.office("taipa")))
    assert stranger.get(at(case)).status_code == 404
    assert decide(stranger, case).status_code == 404
    assert stranger.get(reverse("desk:case", args=["NOSUCHCASE"])).status_code == 404


@pytest.fixture
def certificates() -> list[Certificate]:
    """Three certificates, each of another holder."""
    ceremony()
    return [issued()[0] for _ in range(3)]


def approve_many(browser: Client, *cases: Case, **more: Any) -> Any:
    ticked = [f"{case.reference}:{case.revision}" for case in cases]
    return browser.post(reverse("desk:decide-many"), {"case": ticked, **more})


def test_urgent_cases_stand_first_and_are_marked(approver: Client, case: Case, certificates: list[Certificate]) -> None:
    urgent = requested(certificates[:1]).case
    Case.objects.filter(pk=urgent.pk).update(urgent=True, due_at=case.due_at + timedelta(days=9))
    answer = approver.get(reverse("desk:queue"))
    assert [line.case for line in answer.context["lines"]] == [urgent, case]
    assert words(answer).count(">urgent<") == 1
    assert "The certificate is no longer needed (signed in)" in words(answer)


def test_a_revocation_is_one_view_of_everything(approver: Client, certificates: list[Certificate]) -> None:
    certificate = certificates[0]
    earlier = requested([certificate])
    decided(earlier, approve=False)
    Certificate.objects.filter(pk=certificates[1].pk).update(public_key=certificate.public_key)
    made = requested([certificate], Reason.EXPOSED, explanation="laptop <stolen>")
    page = words(approver.get(at(made.case)))
    for part in (
        certificate.number, "陳美 Mei Chan", "keyCompromise", "laptop &lt;stolen&gt;", "suspended", "since ",
        earlier.case.reference, certificates[1].number, "block list", "the holder", "1••",
    ):  # fmt: skip
        assert part in page, part


def test_a_paper_form_is_named_by_its_number(approver: Client, certificates: list[Certificate]) -> None:
    made = on_paper(certificates)
    assert "Form R-2026-17" in words(approver.get(reverse("desk:queue")))
    page = words(approver.get(at(made.case)))
    assert all(one.number in page for one in certificates)


def test_a_long_revocation_has_pages(
    approver: Client, certificates: list[Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.views.queue._PAGE", 2)
    case = on_paper(certificates).case
    first, second = words(approver.get(at(case))), words(approver.get(at(case), {"page": 2}))
    assert [one.number in first for one in certificates] == [True, True, False]
    assert [one.number in second for one in certificates] == [False, False, True]


def test_a_revocation_is_approved_with_others_of_its_key(approver: Client, certificates: list[Certificate]) -> None:
    Certificate.objects.filter(pk=certificates[1].pk).update(public_key=certificates[0].public_key)
    case = requested(certificates[:1], Reason.EXPOSED).case
    for odd in ("\0", "9" * 5000, certificates[2].number):
        assert decide(approver, case, ticked=[odd]).status_code == 422
    assert decide(approver, case, ticked=[certificates[1].number]).status_code == 302
    assert states(certificates) == ["revoked", "revoked", "valid"]


def test_a_rejected_revocation_is_lifted(approver: Client, certificates: list[Certificate]) -> None:
    case = requested(certificates[:1]).case
    assert decide(approver, case, "reject").status_code == 422
    assert decide(approver, case, "reject", reason="The holder knows nothing of it.").status_code == 302
    assert states(certificates[:1]) == ["valid"]


def test_many_revocations_are_approved_in_one_act(approver: Client, certificates: list[Certificate]) -> None:
    cases = [requested([one]).case for one in certificates]
    Case.objects.filter(pk=cases[1].pk).update(revision=2)
    page = words(approver.get(reverse("desk:queue")))
    assert all(f'value="{case.reference}:' in page for case in cases)
    answer = approve_many(approver, *cases)
    assert answer.status_code == 200
    assert words(answer).count("Approved.") == 2
    assert "Read it again" in words(answer)
    assert states(certificates) == ["revoked", "held", "revoked"]
    assert "Somebody else decided" in words(approve_many(approver, cases[0]))


def test_only_revocations_of_others_are_approved_so(
    approver: Client, case: Case, certificates: list[Certificate]
) -> None:
    officer = factories.officer("both")
    own = on_paper(certificates[:1], officer=officer, subscriber=certificates[0].subscriber).case
    crowd = on_paper(certificates[1:]).case
    browser = factories.signed_in(Client(), officer)
    page = words(browser.get(reverse("desk:queue")))
    assert f'value="{own.reference}:' not in page
    assert f'value="{crowd.reference}:' not in page
    answer = words(approve_many(browser, own, case, crowd))
    assert "You entered this case yourself" in answer
    assert answer.count("decide it there") == 2
    assert set(Case.objects.values_list("state", flat=True)) == {CaseState.OPEN}


def test_a_revocation_that_closes_an_account_is_read_first(approver: Client, certificates: list[Certificate]) -> None:
    case = requested(certificates[:1], closes_account=True).case
    assert f'value="{case.reference}:' not in words(approver.get(reverse("desk:queue")))
    assert "decide it there" in words(approve_many(approver, case))
    assert states(certificates[:1]) == ["held"]


def test_many_at_once_ask_for_role_code_and_office(certificates: list[Certificate]) -> None:
    case = requested(certificates[:1]).case
    entering = factories.signed_in(Client(), factories.officer(roles=[Role.REGISTRATION]))
    assert approve_many(entering, case).status_code == 403
    stranger = factories.signed_in(Client(), factories.officer(at=factories.office("taipa")))
    assert approve_many(stranger, case).status_code == 404
    late = factories.signed_in(Client(), factories.officer())
    session = late.session
    session["second_factor_at"] -= 15 * 60
    session.save()
    assert approve_many(late, case)["Location"].startswith(reverse("accounts:second-factor"))
    assert states(certificates[:1]) == ["held"]


@pytest.mark.parametrize("ticked", ["", "\0", "A:B", "../..:1", "ABC:" + "9" * 5000, "²:²"])
def test_odd_ticks_are_none(approver: Client, ticked: str) -> None:
    assert approver.post(reverse("desk:decide-many"), {"case": ticked})["Location"] == reverse("desk:queue")
