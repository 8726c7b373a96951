"""What every page knows: who runs the site, in which language it speaks, and the reader's menu."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_otp.middleware import is_verified

from accounts.states import AccountState, Role

VISITOR, SUBSCRIBER, OFFICER = "visitor", "subscriber", "officer"

# What `lang` says, as BCP 47 spells it.
HTML_LANGUAGES = {"zh-hant": "zh-Hant", "en": "en", "pt": "pt"}


@dataclass(frozen=True)
class Entry:
    """One line of the menu: its title, the name of its address, and the role that an officer needs for it."""

    title: str | Promise
    name: str
    role: Role | None = None


# The six functions in the order that users of other certificate sites know, then the officers' work.
MENUS: Mapping[str, tuple[Entry, ...]] = {
    SUBSCRIBER: (
        Entry(_("Apply for a certificate"), "enrollment:home"),
        Entry(_("Renew a certificate"), "renewal:home"),
        Entry(_("Download certificates"), "certificates:list"),
        Entry(_("Revoke a certificate"), "revocation:home"),
        Entry(_("View certificates"), "certificates:overview"),
        Entry(_("Change the site password"), "accounts:password"),
        Entry(_("My details"), "accounts:details"),
    ),
    OFFICER: (
        Entry(_("Cases waiting"), "desk:queue"),
        Entry(_("Register a person"), "desk:register", Role.REGISTRATION),
        Entry(_("Passcode slips"), "desk:slips", Role.REGISTRATION),
        Entry(_("Reset a password"), "desk:reset", Role.REGISTRATION),
        Entry(_("Renewals due"), "desk:renewals"),
        Entry(_("Revoke certificates"), "desk:revoke", Role.REGISTRATION),
        Entry(_("Mails"), "desk:mails", Role.OPERATOR),
    ),
    VISITOR: (
        Entry(_("Certificate centre"), "home"),
        Entry(_("Sign in"), "accounts:sign-in"),
        Entry(_("Search certificates"), "search"),
        Entry(_("Renew a certificate"), "renewal:home"),
        Entry(_("Revoke a certificate"), "revocation:home"),
        Entry(_("Trust our root certificate"), "trust"),
        Entry(_("Guides"), "guides"),
        Entry(_("Forms to print"), "forms"),
        Entry(_("Practice statement"), "practice-statement"),
    ),
}


def site(request: HttpRequest) -> dict[str, Any]:
    """The operator's words in the page's language, the languages offered, and the menu of this reader."""
    kind = reader(request)
    return {
        "site": operator_words(),
        "languages": [(code, HTML_LANGUAGES[code], name) for code, name in settings.LANGUAGES],
        "page_language": page_language(),
        "html_language": HTML_LANGUAGES[page_language()],
        "reader": kind,
        "menu_entries": menu(request, kind),
        "status_url": settings.STATUS_URL,
        "demo": settings.DEMO,
    }


def page_language() -> str:
    """The code of the language that this page is written in; always one of the site's."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    return code if code in HTML_LANGUAGES else settings.LANGUAGE_CODE


def operator_words() -> dict[str, Any]:
    """Names, contact, fees and notices of the operator, in the page's language."""
    return {
        key: [{"date": notice["date"], "text": _spoken(notice)} for notice in value]
        if isinstance(value, list)
        else _spoken(value)
        for key, value in settings.SITE.items()
    }


def _spoken(texts: Mapping[str, Any]) -> str:
    return str(texts.get(page_language()) or texts["en"])


def reader(request: HttpRequest) -> str:
    """Who reads this page. Whoever still owes a first password or a one-time code has no menu: a visitor."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.state == AccountState.SLIP:
        return VISITOR
    if request.session.get("kind") != OFFICER:
        return SUBSCRIBER
    return OFFICER if is_verified(user) else VISITOR


def menu(request: HttpRequest, kind: str) -> list[dict[str, Any]]:
    """The lines of the menu with their addresses; the line under which this page lies is marked."""
    entries = [entry for entry in MENUS[kind] if entry.role is None or request.user.officer.may(entry.role)]  # type: ignore[union-attr]  # roles stand only in the officers' menu
    urls = {entry.title: reverse(entry.name) for entry in entries}
    above = [url for url in urls.values() if url != "/" and request.path.startswith(url)]
    here = max(above, key=len, default="")
    return [{"title": title, "url": url, "current": _current(request.path, url, here)} for title, url in urls.items()]


def _current(path: str, url: str, here: str) -> str:
    """The value of `aria-current`: this very page, a page above it, or nothing."""
    return "page" if url == path else "true" if url == here else ""
