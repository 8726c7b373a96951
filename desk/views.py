"""What an officer sees first: what waits, and one case."""

from django.http import HttpRequest, HttpResponse


def queue(request: HttpRequest) -> HttpResponse:
    """To come."""
    return HttpResponse("queue")


def case(request: HttpRequest, reference: str) -> HttpResponse:
    """To come."""
    return HttpResponse(reference)
