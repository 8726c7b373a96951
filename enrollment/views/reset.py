"""The public page that asks for a new slip."""

from django.http import HttpRequest, HttpResponse


def wish(request: HttpRequest, public_id: object = None) -> HttpResponse:
    """To come."""
    return HttpResponse("wish")
