"""Registration, slips and resets at the desk."""

import re

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.states import IdentityKind, Role
from accounts.views.access import OfficerRequest, fresh_second_factor, officer_required
from audit.errors import WrongState
from ca.errors import NameNotAllowed
from certificates.reasons import explain
from enrollment.errors import (
    AccountClosed,
    AccountUnknown,
    DocumentsMissing,
    EnrollmentRefusal,
    OrganisationDiffers,
    OtherPerson,
    ProfileNotForKind,
    SlipWaiting,
)
from enrollment.forms import RegistrationForm, ResetForm, WishedResetForm
from enrollment.models import ResetWish, Slip
from enrollment.rules import offered
from enrollment.selectors import due_slips, identity_of, name_of, subscriber_by_account, wishes
from enrollment.services import PrintedSlip, print_slip, request_reset
from enrollment.services import register as register_applicant

_AT_ONCE = 50  # slips in one print; each costs one password hash
_ROW = re.compile(r"[0-9]{1,18}")  # the number of a row; databases take no larger ones

# Beside which field a refusal of the service is shown; others stand above the form.
_FIELD = {
    AccountUnknown: "account",
    AccountClosed: "account",
    OtherPerson: "account",
    SlipWaiting: "account",
    OrganisationDiffers: "organisation_name",
    ProfileNotForKind: "profiles",
    DocumentsMissing: "documents_seen",
}


@officer_required(Role.REGISTRATION)
def register(request: OfficerRequest) -> HttpResponse:
    """The form for one kind of applicant, and what was entered with it."""
    wanted = request.POST.get("kind") or request.GET.get("kind")
    kinds = [(value, label) for value, label in IdentityKind.choices if offered(value)]
    kind = IdentityKind(wanted) if wanted in dict(kinds) else IdentityKind.PERSONAL
    form = RegistrationForm(request.POST if request.method == "POST" else None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            registration = register_applicant(officer=request.officer, facts=form.facts())
        except EnrollmentRefusal as refusal:
            _show(form, refusal)
        except NameNotAllowed as refusal:
            form.add_error(None, str(explain(refusal.code)))  # the fields have their own checks; this is the last line
        else:
            messages.success(request, _("Entered. Another officer decides this case now."))
            return redirect("desk:case", reference=registration.case.reference)
    context = {"form": form, "kind": kind, "kinds": kinds}
    return render(request, "enrollment/register.html", context, status=422 if form.errors else 200)


def _show(form: RegistrationForm | ResetForm, refusal: EnrollmentRefusal) -> None:
    field = _FIELD.get(type(refusal))
    form.add_error(field if field in form.fields else None, str(refusal))


@officer_required(Role.REGISTRATION)
def slips(request: OfficerRequest) -> HttpResponse:
    """The slips that wait to be printed."""
    due = [{"slip": slip, "name": name_of(identity_of(slip.account.subscriber))} for slip in due_slips(request.officer)]
    return render(request, "enrollment/slips.html", {"due": due, "at_once": _AT_ONCE})


@officer_required(Role.REGISTRATION)
@fresh_second_factor
def print_slips(request: OfficerRequest) -> HttpResponse:
    """Make the passcodes of the ticked slips and show them, this once."""
    if request.method != "POST":
        return redirect("desk:slips")
    wanted = [number for number in request.POST.getlist("slip") if _ROW.fullmatch(number)][:_AT_ONCE]
    printed = [one for slip in due_slips(request.officer).filter(pk__in=wanted) for one in _printed(request, slip)]
    if not printed:
        messages.error(
            request, _("Nothing was printed. Tick the slips to print; a slip that is gone was printed before.")
        )
        return redirect("desk:slips")
    address = settings.PUBLIC_URL + reverse("accounts:sign-in")
    context = {"slips": printed, "address": address, "code": _square_code(address), "days": settings.PASSCODE_DAYS}
    return render(request, "enrollment/print_slips.html", context)


def _printed(request: OfficerRequest, slip: Slip) -> list[PrintedSlip]:
    """The slip, or nothing where somebody else printed it a moment ago."""
    try:
        return [print_slip(slip=slip, officer=request.officer)]
    except WrongState:
        return []


def _square_code(address: str) -> SafeString:
    """The sign-in address as a QR code: inline SVG without any style, never the account or the passcode."""
    title = _("QR code of the sign-in address")
    picture = segno.make(address, error="m").svg_inline(omitsize=True, svgclass=None, lineclass=None, title=title)
    return mark_safe(picture)  # noqa: S308 - made here, from our own address and words


@officer_required(Role.REGISTRATION)
def reset(request: OfficerRequest) -> HttpResponse:
    """Enter that somebody needs a new slip: named by account number, or by the wish they sent."""
    wish = _wish(request)
    kind = ResetForm if wish is None else WishedResetForm
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            account = _account(form, request) if wish is None else wish.account
            entered = request_reset(
                officer=request.officer, account=account, identity_check=form.cleaned_data["identity_check"]
            )
        except EnrollmentRefusal as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("Entered. Another officer decides this case now."))
            return redirect("desk:case", reference=entered.case.reference)
    waiting = [{"wish": one, "name": name_of(identity_of(one.account.subscriber))} for one in wishes(request.officer)]
    context = {"form": form, "wishes": waiting, "wish": wish, "wish_name": _name(wish)}
    return render(request, "enrollment/reset.html", context, status=422 if form.errors else 200)


def _wish(request: OfficerRequest) -> ResetWish | None:
    number = request.POST.get("wish") or request.GET.get("wish") or ""
    return get_object_or_404(wishes(request.officer), pk=number) if _ROW.fullmatch(number) else None


def _name(wish: ResetWish | None) -> str:
    return name_of(identity_of(wish.account.subscriber)) if wish is not None else ""


def _account(form: ResetForm, request: OfficerRequest) -> Account:
    subscriber = subscriber_by_account(form.cleaned_data["account"], request.officer.office)
    if subscriber is None:
        raise AccountUnknown
    return subscriber.account
