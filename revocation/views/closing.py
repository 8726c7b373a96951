"""The page that closes one's own account."""

from django.contrib.auth import logout
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.errors import OldPasswordWrong
from accounts.states import AccountState
from accounts.views.access import SubscriberRequest, subscriber_required
from certificates.selectors import row
from revocation.errors import RevocationRefusal
from revocation.forms.closing import ClosingForm
from revocation.selectors.closing import in_force
from revocation.services.closing import close_own_account


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@subscriber_required
def close(request: SubscriberRequest) -> HttpResponseBase:
    """Say what closing means for this subscriber, ask for the password, and do it."""
    form = ClosingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = close_own_account(subscriber=request.subscriber, password=form.cleaned_data["password"])
        except OldPasswordWrong as refusal:
            request.user.refresh_from_db()
            if request.user.state == AccountState.LOCKED:
                logout(request)
                return redirect("accounts:locked")
            form.add_error("password", str(refusal))
        except RevocationRefusal as refusal:
            form.add_error(None, str(refusal))
        else:
            if made is None:
                logout(request)
            context = {"case": made.case if made else None}
            return render(request, "revocation/closed.html", context)
    rows = [row(one) for one in in_force(request.subscriber)]
    return render(request, "revocation/close.html", {"form": form, "rows": rows}, status=422 if form.errors else 200)
