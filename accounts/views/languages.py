"""The language switch."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from accounts import services
from accounts.models import Account


@require_POST
def set_language(request: Any) -> HttpResponseBase:
    """Take the language chosen (`language`), in a cookie and with the account, and go back to `next`.

    Django's view checks that the language exists and that `next` lies on this site.
    """
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        services.remember_language(account=request.user, language=chosen)
    return django_set_language(request)


def set_language_cookie_once(request: HttpRequest, answer: HttpResponse, account: Account) -> None:
    """Show a person who signs in where no language was chosen yet their own language."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        account.language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
    )
