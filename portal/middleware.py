"""What holds for every page: a database that is down, and pages that nobody may keep."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from portal.errors import DATABASE_DOWN, unavailable


class DatabaseDown:
    """Answers 503 while the database cannot be reached, and keeps what was made for one reader out of every cache.

    Exceptions of views come to `process_exception`. Those of other middleware are already turned into an answer when
    they get here: `portal.errors.server_error` knows them by the same types.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """`get_response`: the rest of the site."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand the request on; a page that depends on cookies is one reader's own, unless it says otherwise."""
        response = self.get_response(request)
        if not response.has_header("Cache-Control") and "Cookie" in response.get("Vary", ""):
            add_never_cache_headers(response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A view could not reach the database: say so, and when to come back."""
        return unavailable(request) if isinstance(exception, DATABASE_DOWN) else None
