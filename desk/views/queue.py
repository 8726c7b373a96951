"""What an officer sees first: what waits, and one case."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Officer
from accounts.states import Role
from accounts.views.access import OfficerRequest, fresh_second_factor, officer_required
from audit.errors import WrongState
from cases.errors import CaseRefusal, ReasonMissing
from cases.models import Case
from cases.selectors import case_of
from cases.services import Decision
from cases.states import CaseKind
from desk.forms import DecisionForm
from desk.selectors import counts, line, mail_name, mail_page, may_decide, says_enough, waiting
from desk.services import decide_mail
from enrollment.errors import EnrollmentRefusal
from enrollment.selectors import registration_name, registration_page, reset_name, reset_page
from enrollment.services import decide_registration, decide_reset
from revocation.errors import RevocationRefusal
from revocation.selectors.reports import name_of_report, report_page
from revocation.selectors.requests import name_of_request, revocation_page
from revocation.services import decide_report, decide_revocation

_PAGE = 50
_TICKED = re.compile(r"([0-9A-Z]{1,12}):([0-9]{1,9})")  # the reference of a case and the revision that was shown


@dataclass(frozen=True)
class _Kind:
    """What belongs to one kind of case: its page, what the page shows, the service that decides, whom it is about."""

    template: str
    shown: Callable[[Case], dict[str, Any]]
    decide: Callable[..., None]
    name: Callable[[Case], str]
    ticks: bool = False  # whether its page has boxes whose values belong to the decision


_KINDS = {
    CaseKind.MAIL: _Kind("cases/mail.html", mail_page, decide_mail, mail_name),
    CaseKind.REGISTRATION: _Kind("cases/registration.html", registration_page, decide_registration, registration_name),
    CaseKind.REPORT: _Kind("cases/report.html", report_page, decide_report, name_of_report),
    CaseKind.RESET: _Kind("cases/reset.html", reset_page, decide_reset, reset_name),
    CaseKind.REVOCATION: _Kind(
        "cases/revocation.html", revocation_page, decide_revocation, name_of_request, ticks=True
    ),
}


@officer_required()
def queue(request: OfficerRequest) -> HttpResponse:
    """The open cases, the most urgent first, and how much else waits."""
    page = Paginator(waiting(request.officer), _PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    lines = [line(case, name_in(case), request.officer, now) for case in page]
    context = {
        "lines": lines,
        "page": page,
        "counts": counts(request.officer),
        "may_register": request.officer.may(Role.REGISTRATION),
        "may_tick": any(one.may_tick for one in lines),
    }
    return render(request, "desk/queue.html", context)


@officer_required()
def case(request: OfficerRequest, reference: str) -> HttpResponseBase:
    """One case in one view; an approving officer who did not enter it decides here."""
    found = _case(request, reference)
    if request.method == "POST":
        return _decide(request, reference)
    return _page(request, found, DecisionForm(initial={"revision": found.revision}))


@officer_required(Role.APPROVING)
@fresh_second_factor
def decide_many(request: OfficerRequest) -> HttpResponseBase:
    """Approve the ticked cases, each for itself; what one is refused for keeps no other from being approved."""
    if request.method != "POST":
        return redirect("desk:queue")
    ticked = [_TICKED.fullmatch(value) for value in dict.fromkeys(request.POST.getlist("case")[:_PAGE])]
    cases = [(_case(request, one[1]), int(one[2])) for one in ticked if one is not None]
    if not cases:
        messages.error(request, _("Tick at least one case, then approve."))
        return redirect("desk:queue")
    outcomes = [(found, _approved(request.officer, found, revision)) for found, revision in cases]
    return render(request, "desk/decided.html", {"outcomes": outcomes})


def _case(request: OfficerRequest, reference: str) -> Case:
    """One case of the officer's office; any other is Http404."""
    try:
        return case_of(request.officer, reference)
    except Case.DoesNotExist as error:
        raise Http404 from error


def _approved(officer: Officer, found: Case, revision: int) -> str:
    """Approve one case as it stood in the queue; what came of it, in words."""
    if not says_enough(found):
        return _("Open this case and decide it there.")
    decision = Decision(officer=officer, approve=True, revision=revision)
    try:
        _KINDS[CaseKind(found.kind)].decide(case=found, decision=decision)
    except (CaseRefusal, RevocationRefusal) as refusal:
        return str(refusal)
    except WrongState:
        return _("Somebody else decided this case first.")
    return _("Approved.")


def name_in(case: Case) -> str:
    """Whom or what a case is about, by its kind."""
    return _KINDS[CaseKind(case.kind)].name(case)


def _page(request: OfficerRequest, found: Case, form: DecisionForm) -> HttpResponse:
    kind = _KINDS[CaseKind(found.kind)]
    shown = kind.shown(found)
    context = {
        "case": found,
        "name": name_in(found),
        "overdue": found.due_at < timezone.now(),
        "may_decide": may_decide(found, request.officer),
        "own": found.entered_person == request.officer.person_id,
        "form": form,
        **shown,
    }
    if "lines" in shown:
        context["page"] = Paginator(shown["lines"], _PAGE).get_page(request.GET.get("page"))
    return render(request, kind.template, context, status=422 if form.errors else 200)


@officer_required(Role.APPROVING)
@fresh_second_factor
def _decide(request: OfficerRequest, reference: str) -> HttpResponse:
    """Take the decision; what it is refused for stands on the page of the case."""
    found = case_of(request.officer, reference)
    form = DecisionForm(request.POST)
    if form.is_valid():
        decision = Decision(
            officer=request.officer,
            approve=form.cleaned_data["decision"] == "approve",
            revision=form.cleaned_data["revision"],
            reason=form.cleaned_data["reason"],
        )
        try:
            kind = _KINDS[CaseKind(found.kind)]
            more = {"ticked": request.POST.getlist("ticked")} if kind.ticks else {}
            kind.decide(case=found, decision=decision, **more)
        except ReasonMissing as refusal:
            form.add_error("reason", str(refusal))
        except (CaseRefusal, EnrollmentRefusal, RevocationRefusal) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Decided.") if not decision.approve else _("Approved."))
            return redirect("desk:queue")
    found.refresh_from_db()
    return _page(request, found, form)
