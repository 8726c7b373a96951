"""The site's addresses, and some that refuse by raising."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.errors import OldPasswordWrong, TooMany
from audit.errors import WrongState
from ca.errors import KeyWeak
from cases.errors import SamePerson
from certificates.errors import KeyOfAnother
from enrollment.errors import EntitlementExpired
from portal.urls import *  # noqa: F403  # the whole map, with a few addresses more
from portal.urls import urlpatterns as site_patterns

REFUSALS: dict[str, Callable[[], Exception]] = {
    "wrong-state": WrongState,
    "too-many": lambda: TooMany(900),
    "weak-key": KeyWeak,
    "key-of-another": KeyOfAnother,
    "expired": EntitlementExpired,
    "same-person": SamePerson,
    "old-password": OldPasswordWrong,
    "forbidden": lambda: PermissionDenied("Only for test people."),
    "suspicious": lambda: SuspiciousOperation("secret words"),
    "mistake": lambda: RuntimeError("secret words"),
    "database": lambda: OperationalError("secret words"),
}


def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    raise REFUSALS[kind]()


urlpatterns = [*site_patterns, path("refuse/<slug:kind>/", refuse)]
