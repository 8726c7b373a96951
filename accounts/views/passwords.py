"""Setting and changing a password."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.forms import Form
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import services
from accounts.errors import OldPasswordWrong, PasswordNotAllowed
from accounts.forms import ChangePasswordForm, NewPasswordForm
from accounts.selectors import officer_of
from accounts.states import AccountState
from accounts.views.access import AccountRequest, signed_in_required
from accounts.views.doors import OFFICERS_HOME, SUBSCRIBERS_HOME


@sensitive_post_parameters("new", "again")
@signed_in_required
def first_password(request: AccountRequest) -> HttpResponseBase:
    """After the first sign-in with a slip: a password of one's own."""
    if request.user.state != AccountState.SLIP:
        return redirect(_home(request))
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_first_password(account=request.user, new=form.cleaned_data["new"])
        except PasswordNotAllowed as refusal:
            _show_reasons(form, refusal)
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password is set. The passcode slip is used up: you may destroy it."))
            return redirect(_home(request))
    return render(request, "accounts/first_password.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("old", "new", "again")
@signed_in_required
def password(request: AccountRequest) -> HttpResponseBase:
    """Change the password: old, new, again."""
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            services.change_password(account=request.user, old=sent["old"], new=sent["new"])
        except PasswordNotAllowed as refusal:
            _show_reasons(form, refusal)
        except OldPasswordWrong as refusal:
            request.user.refresh_from_db()
            if request.user.state == AccountState.LOCKED:
                logout(request)
                return redirect("accounts:locked")
            form.add_error("old", str(refusal))
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password is changed. Your other sessions have ended."))
            return redirect(_home(request))
    return render(request, "accounts/password.html", {"form": form}, status=422 if form.errors else 200)


def _show_reasons(form: Form, refusal: PasswordNotAllowed) -> None:
    for reason in refusal.reasons:
        form.add_error("new", str(reason))


def _home(request: AccountRequest) -> str:
    return OFFICERS_HOME if officer_of(request.user) is not None else SUBSCRIBERS_HOME
