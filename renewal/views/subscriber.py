"""The renewal page: what a holder does until renewal is open on this site."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say that renewal comes later, and how to get the next certificate today."""
    return render(request, "renewal/home.html")
