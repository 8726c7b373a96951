"""The public page that asks for a new slip."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.rules import network_address
from enrollment.forms import ResetWishForm
from enrollment.services import wish_reset


def wish(request: HttpRequest) -> HttpResponse:
    """Take the wish; the answer is the same whether there is such an account or not."""
    form = ResetWishForm(request.POST if request.method == "POST" else None)
    sent = request.method == "POST" and form.is_valid()
    if sent:
        wish_reset(account_number=form.cleaned_data["account"], address=network_address(request.META))
    context = {"form": form, "sent": sent}
    return render(request, "enrollment/reset_wish.html", context, status=422 if form.errors else 200)
