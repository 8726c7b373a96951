"""Changing the e-mail address."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import services
from accounts.errors import EmailNotAllowed, EmailSame, OldPasswordWrong
from accounts.forms import EmailForm
from accounts.selectors import newest_identity
from accounts.states import AccountState
from accounts.views.access import SubscriberRequest, subscriber_required


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@subscriber_required
def email(request: SubscriberRequest) -> HttpResponseBase:
    """A new address and the password; the link goes to the new address."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_email_change(subscriber=request.subscriber, **form.cleaned_data)
        except (EmailNotAllowed, EmailSame) as refusal:
            form.add_error("email", str(refusal))
        except OldPasswordWrong as refusal:
            request.user.refresh_from_db()
            if request.user.state == AccountState.LOCKED:
                logout(request)
                return redirect("accounts:locked")
            form.add_error("password", str(refusal))
        else:
            messages.success(request, _("The link was sent to the new address. Open it there within 24 hours."))
            return redirect("accounts:details")
    context = {"form": form, "identity": newest_identity(request.subscriber)}
    return render(request, "accounts/email.html", context, status=422 if form.errors else 200)


@require_POST
@subscriber_required
def withdraw_email(request: SubscriberRequest) -> HttpResponseBase:
    """Make the link void that was sent to a new address."""
    if services.withdraw_email_change(subscriber=request.subscriber):
        messages.success(request, _("The link is void. Your e-mail address stays as it is."))
    return redirect("accounts:details")
