"""What is registered about a subscriber, and what they may change themselves."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.selectors import newest_identity
from accounts.views.access import SubscriberRequest, subscriber_required


@require_safe
@subscriber_required
def details(request: SubscriberRequest) -> HttpResponse:
    """Everything about the account on one page, with a way to change each thing."""
    return render(request, "accounts/details.html", {"identity": newest_identity(request.subscriber)})
