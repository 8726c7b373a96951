"""The one mapping from refusals to HTTP status and page. Nobody else knows status codes of refusals.

Every page says what to do next. Unknown errors are logged and keep their text inside.
"""

import logging
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.errors import AccountRefusal, TooMany
from audit.errors import WrongState
from ca.errors import Refusal
from cases.errors import CaseRefusal
from certificates.errors import CertificateRefusal
from certificates.reasons import explain
from enrollment.errors import EnrollmentRefusal
from portal.context_processors import HTML_LANGUAGES, operator_words, page_language
from renewal.errors import RenewalRefusal
from revocation.errors import RevocationRefusal

logger = logging.getLogger(__name__)

NAMED_REFUSALS = (AccountRefusal, CertificateRefusal, EnrollmentRefusal, RevocationRefusal, CaseRefusal, RenewalRefusal)
DATABASE_DOWN = (OperationalError, InterfaceError)
RETRY_SECONDS = 30


class Refusals:
    """Turns what a view refuses by raising into a page with the right status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """`get_response`: the rest of the site."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand the request on. An address that takes forms only says so to whoever opens it otherwise."""
        response = self.get_response(request)
        if response.status_code == 405 and not getattr(response, "content", b""):
            page = render(request, "errors/405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for a refusal, or None: Django knows PermissionDenied and Http404, the rest is a logged 500."""
        if isinstance(exception, TooMany):
            return too_many(request, exception)
        if isinstance(exception, WrongState):
            return render(request, "errors/409.html", {"back": back(request)}, status=409)
        if isinstance(exception, Refusal):
            return cannot_be_done(request, str(explain(exception.code)))
        if isinstance(exception, NAMED_REFUSALS):
            return cannot_be_done(request, str(exception))
        return None


def back(request: HttpRequest) -> str:
    """The page that a form was sent from, where the browser says it; else this address. Always on this site."""
    came_from = request.headers.get("Referer", "")
    try:
        parts = urlsplit(came_from)
    except ValueError:  # such as http://[
        return request.path
    link = parts.path + (f"?{parts.query}" if parts.query else "")
    # Both are asked: a path that begins with two slashes is on this site, the link made of it would not be.
    ours = all(url_has_allowed_host_and_scheme(url, {request.get_host()}) for url in (came_from, link))
    return link if ours else request.path


def cannot_be_done(request: HttpRequest, reason: str) -> HttpResponse:
    """422 for a refusal that no form showed: the page where forms would show it is one step back."""
    return render(request, "errors/422.html", {"reason": reason, "back": back(request)}, status=422)


def too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    """429 with Retry-After (RFC 6585 section 4)."""
    response = render(request, "errors/429.html", {"reason": str(refusal)}, status=429)
    response["Retry-After"] = str(refusal.seconds)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was not ours, or whose page is older than the sign-in: load it again."""
    context = {"no_cookie": reason == REASON_NO_CSRF_COOKIE, "back": back(request)}
    return render(request, "errors/csrf.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: a request that no browser makes by itself."""
    return bare(request, "errors/400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the reader may not see this."""
    return render(request, "errors/403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: nothing here, or nothing that belongs to this reader."""
    return render(request, "errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without the error's text; 503 where middleware could not reach the database. Needs no database."""
    if isinstance(sys.exc_info()[1], DATABASE_DOWN):
        return unavailable(request)
    return bare(request, "errors/500.html", 500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After. The session is not touched: who was signed in still is when the database is back."""
    logger.error("The database cannot be reached", exc_info=sys.exc_info()[1])
    response = bare(request, "errors/503.html", 503)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def bare(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """A page made of the settings alone: no database, no session, no reader."""
    with translation.override(translation.get_language_from_request(request)):
        context: dict[str, Any] = {
            "site": operator_words(),
            "html_language": HTML_LANGUAGES[page_language()],
            "demo": settings.DEMO,
        }
        return HttpResponse(loader.render_to_string(template, context), status=status)
