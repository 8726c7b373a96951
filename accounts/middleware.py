"""Limits of a session, and the forced first password."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.states import AccountState

_NOTE_EVERY = 30  # seconds; a write of the session for each request would cost more than this precision is worth
_ALLOWED_WITH_SLIP = frozenset(
    {"accounts:first-password", "accounts:sign-out", "accounts:set-language", "accounts:mailbox"}
)

GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionLimits:
    """Ends a session that was idle too long, or is too old; the sign-in page then says which.

    `signed_in_at`, `seen_at` and `kind` are put into the session at sign-in (Unix time, "subscriber" or "officer").
    A session without them ends too.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the session, then go on."""
        if SESSION_KEY in request.session:
            ended = self._ended(request)
            if ended:
                logout(request)
                request.session["ended"] = ended
        return self.get_response(request)

    @staticmethod
    def _ended(request: HttpRequest) -> str:
        now = int(time.time())
        session = request.session
        idle = settings.SESSION_IDLE_SECONDS.get(session.get("kind", ""), 0)
        if now - session.get("signed_in_at", 0) >= settings.SESSION_ABSOLUTE_SECONDS:
            return "old"
        if now - session.get("seen_at", 0) >= idle:
            return "idle"
        if now - session["seen_at"] >= _NOTE_EVERY:
            session["seen_at"] = now
        return ""


class FirstPassword:
    """Leads everyone who signed in with a slip to their first password; nothing else is open to them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; the decision needs the view that was found."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., object], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Send away from every page but those that a slip opens."""
        if SESSION_KEY not in request.session or not request.user.is_authenticated:
            return None
        found = request.resolver_match
        if request.user.state != AccountState.SLIP or (found and found.view_name in _ALLOWED_WITH_SLIP):
            return None
        return redirect("accounts:first-password")
