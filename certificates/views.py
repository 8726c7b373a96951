"""The certificates' pages: download and view."""

from django.http import HttpRequest, HttpResponse


def download(request: HttpRequest) -> HttpResponse:
    """To come."""
    return HttpResponse("download")


def bundle(request: HttpRequest) -> HttpResponse:
    """To come."""
    return HttpResponse("bundle")


def view(request: HttpRequest, number: str) -> HttpResponse:
    """To come."""
    return HttpResponse(number)


def file(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """To come."""
    return HttpResponse(f"{number}.{kind}")
