"""The public directory. Nobody signs in here, so every look is counted by network address."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rules import network_address
from accounts.services import throttle
from certificates.forms import SearchForm
from certificates.rules import looked_for
from certificates.selectors import describe
from certificates.selectors.directory import find, public_row, published_certificate
from certificates.views.files import attachment

_SEARCHES, _LOOKS, _SECONDS = 60, 240, 10 * 60


@never_cache
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search field, and what was found. Raises `accounts.errors.TooMany`."""
    form = SearchForm(request.GET if "q" in request.GET else None)
    if not form.is_valid():
        return render(request, "certificates/search.html", {"form": form}, status=422 if form.errors else 200)
    throttle(scope="search", who=network_address(request.META), limit=_SEARCHES, seconds=_SECONDS)
    found = find(looked_for(form.cleaned_data["q"]))
    rows = [public_row(certificate) for certificate in found.certificates]
    context = {"form": form, "searched": True, "certificates": rows, "more": found.more}
    return render(request, "certificates/search.html", context)


@never_cache
@require_safe
def found(request: HttpRequest, number: str) -> HttpResponse:
    """One published certificate in words."""
    _count(request)
    certificate = published_certificate(number)
    context = {"certificate": public_row(certificate), "facts": describe(bytes(certificate.der))}
    return render(request, "certificates/found.html", context)


@never_cache
@require_safe
def found_file(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """One published certificate as a file."""
    _count(request)
    return attachment(kind, [published_certificate(number)], f"certificate-{number}")


def _count(request: HttpRequest) -> None:
    """Count a look at one certificate, found or not: numbers are not to be guessed."""
    throttle(scope="found", who=network_address(request.META), limit=_LOOKS, seconds=_SECONDS)
