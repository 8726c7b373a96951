"""Signing in and out."""

import time
from collections.abc import Callable
from typing import Any

from django.contrib.auth import login, logout
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_otp import login as login_with_device
from django_otp.middleware import is_verified

from accounts import services
from accounts.errors import CodeWrong, PictureWrong, SignInRefused, WorkWrong
from accounts.forms import CodeForm, DoorForm, OfficerDoorForm, SubscriberDoorForm
from accounts.models import Account, Officer, Subscriber
from accounts.rules import WORK_BITS, network_address
from accounts.selectors import officer_of, subscriber_of
from accounts.views.access import safe_next
from accounts.views.languages import set_language_cookie_once
from accounts.views.pictures import picture_addresses

_BACKEND = "accounts.backends.AccountBackend"
SUBSCRIBERS_HOME = "enrollment:home"
OFFICERS_HOME = "desk:queue"


@sensitive_post_parameters("password", "captcha_1", "work")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The subscribers' door: account number, password, picture digits."""
    form = SubscriberDoorForm(request.POST or None)
    account = _come_in(request, form, subscriber_of)
    if account is not None:
        _open_session(request, account, kind="subscriber")
        answer = HttpResponseRedirect(resolve_url(safe_next(request, SUBSCRIBERS_HOME)))
        set_language_cookie_once(request, answer, account)
        return answer
    return _door(request, form, "accounts/sign_in.html")


@sensitive_post_parameters("password", "captcha_1", "work")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def officer_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The officers' door: name, password, picture digits; the one-time code is asked next."""
    form = OfficerDoorForm(request.POST or None)
    account = _come_in(request, form, officer_of)
    if account is not None:
        _open_session(request, account, kind="officer")
        wanted = resolve_url(safe_next(request, OFFICERS_HOME))
        return HttpResponseRedirect(f"{reverse('accounts:second-factor')}?{urlencode({'next': wanted})}")
    return _door(request, form, "accounts/officer_sign_in.html")


@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: Any) -> HttpResponseBase:
    """The officer's one-time code: after the password, and again before acts that need a fresh one."""
    if not request.user.is_authenticated or officer_of(request.user) is None:
        return redirect("accounts:officer-sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device = services.check_code(account=request.user, code=form.cleaned_data["code"])
        except CodeWrong as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session.cycle_key()  # the session has gained power: it gets a new name
            login_with_device(request, device)
            request.session["second_factor_at"] = int(time.time())
            return HttpResponseRedirect(resolve_url(safe_next(request, OFFICERS_HOME)))
    context = {"form": form, "next": safe_next(request, ""), "again": is_verified(request.user)}
    return render(request, "accounts/second_factor.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    logout(request)
    return redirect("/")


@require_GET
def locked(request: HttpRequest) -> HttpResponse:
    """What a locked account means, and how to get a new slip. The same for everybody: it tells nothing of anyone."""
    return render(request, "accounts/locked.html")


def _come_in(
    request: HttpRequest, form: DoorForm, owner_of: Callable[[Account], Subscriber | Officer | None]
) -> Account | None:
    """The account that may come in by this door; None with the refusal, if anything was sent, on the form."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        _check_human(form)
        return _owner(form, network_address(request.META), owner_of)
    except SignInRefused as refusal:
        form.add_error(None, str(refusal))
    except (PictureWrong, WorkWrong) as refusal:
        form.add_error("captcha_1", str(refusal))
    return None


def _owner(form: DoorForm, address: str, owner_of: Callable[[Account], Subscriber | Officer | None]) -> Account:
    """The account that the form opens; raises `SignInRefused`, also for a right password at the other door."""
    sent = form.cleaned_data
    account = services.sign_in(username=sent["username"], password=sent["password"], address=address)
    if owner_of(account) is None:
        raise SignInRefused
    return account


def _check_human(form: DoorForm) -> None:
    """Use up the picture or the calculation, whichever was sent."""
    sent = form.cleaned_data
    if sent["work"]:
        services.use_work(challenge=sent["work_challenge"], nonce=sent["work"])
    else:
        services.use_picture(key=sent["captcha_0"], digits=sent["captcha_1"])


def _open_session(request: HttpRequest, account: Account, *, kind: str) -> None:
    """Open a new session: nothing of an earlier one is taken along, and it has a new name."""
    request.session.flush()
    login(request, account, backend=_BACKEND)
    now = int(time.time())
    request.session["kind"] = kind
    request.session["signed_in_at"] = now
    request.session["seen_at"] = now


def _door(request: HttpRequest, form: Form, template: str) -> HttpResponse:
    """A door with a new picture and a new challenge; what was typed as digits is not shown again."""
    ended = request.session.pop("ended", "") if "ended" in request.session else ""
    context = {
        "form": form,
        "picture": picture_addresses(services.new_picture()),
        "work_challenge": services.new_work(),
        "work_bits": WORK_BITS,
        "next": safe_next(request, ""),
        "ended": ended,
    }
    return render(request, template, context, status=422 if form.errors else 200)
