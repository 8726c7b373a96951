"""The page that follows an order until its certificate is there, whichever act placed it."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.views.access import SubscriberRequest, subscriber_required
from certificates.selectors import certificates_of, order_items, order_of, order_sheet, row
from certificates.states import Authorisation, OrderState

# The acts above this app, by the names of their addresses: where a draft is gone on with, where one begins again.
_DRAFTS: Final[dict[str, str]] = {Authorisation.ENTITLEMENT: "enrollment:order", Authorisation.RENEWAL: "renewal:renew"}
_HOMES: Final[dict[str, str]] = {Authorisation.ENTITLEMENT: "enrollment:home", Authorisation.RENEWAL: "renewal:home"}


@require_safe
@subscriber_required
def order(request: SubscriberRequest, public_id: UUID) -> HttpResponse:
    """Where an order that was sent stands: the signing, a refusal, or the certificates. A draft is gone on with."""
    found = order_of(request.subscriber, public_id)
    if found.authorisation not in _DRAFTS:
        raise Http404
    if found.state == OrderState.DRAFT:
        return redirect(_DRAFTS[found.authorisation], public_id=found.public_id)
    if found.state == OrderState.ISSUED:
        own = certificates_of(request.subscriber).filter(item__order=found)
        certificates = [row(one) for one in own.order_by("item__position")]
        context = {"order": order_sheet(found), "certificates": certificates}
        return render(request, "certificates/issued.html", context)
    context = {
        "order": order_sheet(found),
        "items": order_items(found),
        "status_url": reverse("certificates:order-status", args=[found.public_id]),
        "back_url": reverse(_HOMES[found.authorisation]),
    }
    return render(request, "certificates/order.html", context)


@require_safe
@subscriber_required
def status(request: SubscriberRequest, public_id: UUID) -> JsonResponse:
    """The same for the page's script, which asks again until there is somewhere to go."""
    found = order_of(request.subscriber, public_id)
    moving = found.state in (OrderState.PLACED, OrderState.SIGNING)
    here = reverse("certificates:order", args=[found.public_id])
    sheet = order_sheet(found)
    return JsonResponse({"state": sheet.state, "text": str(sheet.state_text), "next": None if moving else here})
