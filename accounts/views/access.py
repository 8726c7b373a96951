"""Who may come in: decorators that every page with personal data carries."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_otp.middleware import is_verified

from accounts.models import Account, Officer, Subscriber
from accounts.selectors import officer_of, subscriber_of
from accounts.states import Role


class AccountRequest(HttpRequest):
    """A request of somebody who signed in."""

    user: Account


class SubscriberRequest(AccountRequest):
    """A request that `subscriber_required` let in."""

    subscriber: Subscriber


class OfficerRequest(AccountRequest):
    """A request that `officer_required` let in."""

    officer: Officer


View = Callable[..., HttpResponseBase]


def signed_in_required(view: View) -> View:
    """Let in whoever signed in, also with a slip; an officer only after the one-time code. Never stored."""

    @never_cache
    @wraps(view)
    def inside(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _first_to("accounts:sign-in", request)
        if request.session.get("kind") == "officer" and not is_verified(request.user):
            return _first_to("accounts:second-factor", request)
        return view(request, *args, **kwargs)

    return inside


def subscriber_required(view: View) -> View:
    """Let in the subscriber who is signed in, as `request.subscriber`; the page is never stored.

    Others are led to the sign-in page and back; an officer is refused.
    """

    @never_cache
    @wraps(view)
    def inside(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _first_to("accounts:sign-in", request)
        subscriber = subscriber_of(request.user)
        if subscriber is None:
            raise PermissionDenied(_("This page is for subscribers. You are signed in as an officer."))
        request.subscriber = subscriber
        return view(request, *args, **kwargs)

    return inside


def officer_required(*roles: Role) -> Callable[[View], View]:
    """Let in an officer who gave a one-time code and holds one of `roles` (any role if none is named).

    Roles are read anew on each request. `request.officer` is set; the page is never stored.
    """

    def decorate(view: View) -> View:
        @never_cache
        @wraps(view)
        def inside(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _first_to("accounts:officer-sign-in", request)
            officer = officer_of(request.user)
            if officer is None:
                raise PermissionDenied(_("This page is for officers of the registration office."))
            if not is_verified(request.user):
                return _first_to("accounts:second-factor", request)
            if roles and not any(officer.may(role) for role in roles):
                raise PermissionDenied(_("Your role does not open this page. Ask an officer who holds it."))
            request.officer = officer
            return view(request, *args, **kwargs)

        return inside

    return decorate


def fresh_second_factor(view: View) -> View:
    """Ask for a one-time code again when the last one is older than 15 minutes. Inside of `officer_required`."""

    @wraps(view)
    def inside(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        age = time.time() - request.session.get("second_factor_at", 0)
        if age >= settings.SECOND_FACTOR_SECONDS:
            return _first_to("accounts:second-factor", request)
        return view(request, *args, **kwargs)

    return inside


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Where `next` leads, if that is a page of this site; else `otherwise` (an address or the name of one)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and _on_this_site(request, wanted):
        return wanted
    return otherwise


def _first_to(name: str, request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to a door, remembering where the visitor wanted to go."""
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({'next': _page(request)})}")


def _page(request: HttpRequest) -> str:
    """The page to come back to: for a POST the page that it was sent from, since its content is lost."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if came_from and _on_this_site(request, came_from):
        parts = urlsplit(came_from)
        return parts.path + (f"?{parts.query}" if parts.query else "")
    return request.path


def _on_this_site(request: HttpRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
