"""The public page that takes reports of problems with certificates."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.errors import PictureWrong, WorkWrong
from accounts.rules import network_address
from ca.errors import Refusal
from ca.exposure import STATEMENT, examine
from certificates.reasons import explain
from revocation.errors import RevocationRefusal
from revocation.forms.report import LONGEST_EVIDENCE, ReportForm
from revocation.models import ProblemReport
from revocation.services.reports import Report, file_report
from revocation.states import Proof
from revocation.views.human import check_human, new_puzzle


@sensitive_post_parameters("evidence", "certificate")
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Take a report; the answer is its reference number, what the machine found, and what happens next."""
    form = ReportForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            check_human(form)
            filed = file_report(report=_filled(form), address=network_address(request.META))
        except (PictureWrong, WorkWrong) as refusal:
            form.add_error("captcha_1", str(refusal))
        except Refusal as refusal:
            form.add_error("evidence", str(explain(refusal.code)))
        except RevocationRefusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "revocation/reported.html", _answer(filed))
    if request.method == "POST":
        _forget_keys(form)
    context = {"form": form, "statement": STATEMENT, **new_puzzle()}
    return render(request, "revocation/report.html", context, status=422 if form.errors else 200)


def _filled(form: ReportForm) -> Report:
    sent = form.cleaned_data
    return Report(
        trouble=sent["trouble"],
        named=sent["certificate"],
        evidence=sent["evidence"],
        reporter_email=sent["email"],
        language=get_language() or "en",
    )


def _answer(filed: ProblemReport) -> dict[str, object]:
    return {
        "reference": filed.case.reference,
        "due_at": filed.case.due_at,
        "proof": filed.proof,
        "proven": filed.proof in (Proof.KEY, Proof.SIGNATURE),
        "email": filed.reporter_email,
    }


def _forget_keys(form: ReportForm) -> None:
    """A page that comes back with an error does not show a private key again."""
    data = dict(form.data.items())
    for name in ("certificate", "evidence"):
        if _holds_key(str(data.get(name, ""))):
            data[name] = ""
            form.add_error(
                name, _("A private key is not shown again. Paste it once more when you have corrected the rest.")
            )
    form.data = data


def _holds_key(text: str) -> bool:
    if len(text) > LONGEST_EVIDENCE:
        return True  # not looked through: it is too long to be taken as it is
    try:
        return bool(examine(text).keys)
    except Refusal:
        return True
