"""What holds for every page: requests that no browser makes, a database that is down, pages that nobody may keep."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
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


class PlainRequests:
    """Answers 400 to what no browser sends and what would be a crash further in.

    PostgreSQL takes no NUL in a text: forms refuse it by themselves, addresses and cookies reach the database without
    one. Forms of this site are in UTF-8; Python knows encodings that are no encodings of text, and some that make
    characters which nothing can write down again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """`get_response`: the rest of the site."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand a plain request on."""
        if any("\0" in text for text in (request.path, *request.COOKIES.values())):
            raise BadRequest("NUL in the address or a cookie")
        if (request.content_params or {}).get("charset", "utf-8").lower() != "utf-8":
            raise BadRequest("another encoding than UTF-8")
        return self.get_response(request)
