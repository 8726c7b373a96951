"""The subscriber's way to a certificate."""

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("home")


def start(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("start")


def order(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("order")


def data(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("data")


def report_error(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("report_error")


def mailbox(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("mailbox")


def agreement(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("agreement")


def key(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("key")


def status(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("status")
