"""Registration, slips and resets at the desk."""

from django.http import HttpRequest, HttpResponse


def register(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("register")


def slips(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("slips")


def print_slips(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("print_slips")


def reset(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("reset")
