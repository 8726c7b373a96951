"""What is registered about a subscriber, and what they may change themselves."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.forms import ListingForm
from accounts.rules import masked
from accounts.selectors import email_change_open, newest_identity
from accounts.services.people import ID_NUMBER
from accounts.views.access import SubscriberRequest, subscriber_required
from vault.values import unseal


@require_safe
@subscriber_required
def details(request: SubscriberRequest) -> HttpResponse:
    """Everything about the account on one page, with a way to change each thing."""
    subscriber = request.subscriber
    identity = newest_identity(subscriber)
    sealed = identity.id_number_sealed if identity else ""
    context = {
        "subscriber": subscriber,
        "identity": identity,
        "id_number": masked(unseal(sealed, ID_NUMBER)) if sealed else "",
        "change": email_change_open(subscriber),
        "listing": ListingForm(initial={"listed": subscriber.listed}),
    }
    return render(request, "accounts/details.html", context)


@require_POST
@subscriber_required
def listing(request: SubscriberRequest) -> HttpResponse:
    """Agree to be listed in the public directory, or no longer; it holds from the next search on."""
    form = ListingForm(request.POST)
    form.is_valid()  # a tick box is always right
    services.list_publicly(subscriber=request.subscriber, listed=form.cleaned_data["listed"])
    if request.subscriber.listed:
        messages.success(request, _("Your certificates can be found with the public search now."))
    else:
        messages.success(request, _("Your certificates can no longer be found with the public search."))
    return redirect("accounts:details")
