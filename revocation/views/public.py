"""The revocation page: how a certificate is revoked today."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Telephone, address and form of the desk: revocation must be possible at any time."""
    return render(request, "revocation/home.html")
