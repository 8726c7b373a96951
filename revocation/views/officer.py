"""A paper form, entered at the desk."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.models import Organisation, Subscriber
from accounts.states import Role
from accounts.views.access import OfficerRequest, fresh_second_factor, officer_required
from certificates.selectors import row
from revocation.errors import NoneChosen, RevocationRefusal
from revocation.forms.requests import PaperForm
from revocation.selectors.finding import Found, found_in, found_of
from revocation.services import Wish, request_revocation
from revocation.states import Door

_SHOWN = 50  # certificates in the preview


@officer_required(Role.REGISTRATION)
@fresh_second_factor
def revoke(request: OfficerRequest) -> HttpResponse:
    """First what the form's lines name is shown, then it is entered; another officer decides.

    What is entered as compromised is suspended at once, up to 20,000 certificates: hence the code again.
    """
    form = PaperForm(request.POST if request.method == "POST" else None)
    found: Found | None = None
    if request.method == "POST" and form.is_valid():
        try:
            found = _found(form, request)
            if request.POST.get("act") == "enter" and form.cleaned_data["seen"] == _mark(found):
                made = request_revocation(wish=_wish(form, found, request))
                messages.success(request, _("Entered. Another officer decides this case now."))
                return redirect("desk:case", reference=made.case.reference)
        except RevocationRefusal as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, **(_preview(found) if found is not None and not form.errors else {})}
    return render(request, "revocation/paper.html", context, status=422 if form.errors else 200)


def _found(form: PaperForm, request: OfficerRequest) -> Found:
    number = form.cleaned_data["organisation"]
    if not number:
        found = found_in(form.cleaned_data["names"], request.officer.office)
    else:
        organisation = Organisation.objects.filter(number=number).first()
        found = found_of(organisation, request.officer.office) if organisation is not None else Found(unknown=[number])
    return found


def _wish(form: PaperForm, found: Found, request: OfficerRequest) -> Wish:
    if not found.certificates:
        raise NoneChosen
    return Wish(
        certificates=found.certificates,
        door=Door.PAPER,
        reason=form.cleaned_data["reason"],
        by=request.officer,
        explanation=form.cleaned_data["explanation"],
        subscriber=_one_holder(found),
        form_number=form.cleaned_data["form_number"],
    )


def _one_holder(found: Found) -> Subscriber | None:
    holders = {one.subscriber_id for one in found.certificates}
    return found.certificates[0].subscriber if len(holders) == 1 else None


def _mark(found: Found) -> str:
    """What was shown, in a few characters: entered is what the officer saw, or they see it again."""
    return sha256(",".join(one.number for one in found.certificates).encode()).hexdigest()


def _preview(found: Found) -> dict[str, Any]:
    return {
        "found": found,
        "rows": [row(one) for one in found.certificates[:_SHOWN]],
        "mark": _mark(found),
        "left_out": [
            (_("Not found here"), found.unknown),
            (_("Revoked already"), found.revoked),
            (_("Ended by itself"), found.ended),
            (_("Asked for already"), found.asked),
        ],
    }
