"""The officers' list of holders who did not react, and inviting them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.states import Role
from accounts.views.access import OfficerRequest, officer_required
from certificates.models import Order
from renewal.filters import DueFilter
from renewal.rules import INVITATION_DAYS
from renewal.selectors.officer import due, not_invited_lately, orders_due
from renewal.services.invitations import AT_ONCE, invite

_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@officer_required()
def renewals(request: OfficerRequest) -> HttpResponseBase:
    """Certificates that end within 30 days or ended within the last 30, not renewed; a registration officer invites."""
    form, now = DueFilter(request.GET), timezone.now()
    wanted = form.wanted
    found = Order.objects.none() if wanted is None else orders_due(request.officer, now, **wanted)
    if request.method == "POST":
        return _invite(request, found)
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    asked = {name: request.GET[name] for name in ("organisation", "days") if request.GET.get(name)}
    context = {
        "form": form,
        "page": page,
        "lines": due(list(page), now),
        "asked": urlencode(asked),
        "may_invite": request.officer.may(Role.REGISTRATION),
        "invitation_days": INVITATION_DAYS,
        "at_once": AT_ONCE,
    }
    return render(request, "renewal/officer.html", context, status=422 if form.errors else 200)


@officer_required(Role.REGISTRATION)
def _invite(request: OfficerRequest, found: QuerySet[Order]) -> HttpResponse:
    """Invite the ticked holders, or everybody whom the filter finds."""
    if request.POST.get("everyone"):
        # What has ended comes first on the list and can no longer be renewed: it would fill the one act.
        now = timezone.now()
        wanted = not_invited_lately(found, now).exclude(items__certificate__not_after__lte=now)
    else:
        wanted = found.filter(public_id__in=_ticked(request))
    done = invite(officer=request.officer, orders=list(wanted.values_list("pk", flat=True)[:AT_ONCE]))
    if done.invited:
        words = ngettext("%(number)s holder was invited.", "%(number)s holders were invited.", done.invited)
        messages.success(request, words % {"number": done.invited})
    if done.left_out:
        words = ngettext(
            "%(number)s was left out: renewed or invited meanwhile, or it cannot be renewed now.",
            "%(number)s were left out: renewed or invited meanwhile, or they cannot be renewed now.",
            done.left_out,
        )
        messages.warning(request, words % {"number": done.left_out})
    if not done.invited and not done.left_out:
        messages.error(request, _("Nobody was invited. Tick the holders to invite."))
    asked = request.GET.urlencode()
    return redirect(reverse("desk:renewals") + (f"?{asked}" if asked else ""))


def _ticked(request: OfficerRequest) -> list[UUID]:
    """The ids that the page's tick boxes hold; anything else is left aside."""
    found = []
    for text in request.POST.getlist("order")[:_PAGE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
