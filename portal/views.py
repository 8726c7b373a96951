"""Pages that belong to nobody: the certificate centre, what the CA says of itself, blank forms, health."""

import hashlib
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from certificates.models import Authority
from certificates.selectors import authorities
from portal import health
from portal.mailbox import find, mails

# Blank forms by the name in their address: the number that is kept with the case stands on the paper.
FORMS = {"registration": "SG-101", "revocation": "SG-201", "password-reset": "SG-301"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The certificate centre: four doors, sign-in, notices, and where help is."""
    return render(request, "portal/home.html")


@require_safe
def practice_statement(request: HttpRequest) -> HttpResponse:
    """What the CA promises and how it works, in short (RFC 3647 gives the order of the chapters)."""
    return render(request, "portal/practice_statement.html", {"authorities": _authorities()})


@require_safe
def trust(request: HttpRequest) -> HttpResponse:
    """The CA's certificates with their fingerprints, and how to compare them."""
    return render(request, "portal/trust.html", {"authorities": _authorities()})


def _authorities() -> list[dict[str, Any]]:
    return [_authority(row) for row in authorities()]


def _authority(row: Authority) -> dict[str, Any]:
    """A CA certificate for people: Windows shows the SHA-1 fingerprint alone, so it stands beside the SHA-256."""
    der = bytes(row.certificate)
    return {
        "name": row.name,
        "is_root": row.parent_id is None,
        "slug": row.slug,
        "not_before": row.not_before,
        "not_after": row.not_after,
        "sha256": _in_pairs(hashlib.sha256(der).hexdigest()),
        "sha1": _in_pairs(hashlib.sha1(der, usedforsecurity=False).hexdigest()),
        "certificate_url": row.ca_issuers_url if row.parent_id else f"{settings.STATUS_URL}/ca/{row.slug}.cer",
        "list_url": f"{settings.STATUS_URL}/crl/{row.slug}.crl",
    }


def _in_pairs(digest: str) -> str:
    return " ".join(digest[at : at + 2] for at in range(0, len(digest), 2)).upper()


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """How to take a .p12 file and the root into each program, step by step."""
    return render(request, "portal/guides.html")


@require_safe
def forms(request: HttpRequest) -> HttpResponse:
    """The list of blank forms."""
    return render(
        request, "portal/forms.html", {"numbers": {name.replace("-", "_"): number for name, number in FORMS.items()}}
    )


@require_safe
def form_to_print(request: HttpRequest, form: str) -> HttpResponse:
    """One blank form on a sheet of paper."""
    if form not in FORMS:
        raise Http404
    template = f"portal/forms/{form.replace('-', '_')}.html"
    return render(request, template, {"number": FORMS[form]})


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of use of the site."""
    return render(request, "portal/terms.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, why and how long."""
    return render(request, "portal/privacy.html")


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How the site is made usable for everybody, and whom to tell when it is not."""
    return render(request, "portal/accessibility.html")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Health for a monitor: 200 when nobody has to be called, else 503. No personal data, no error text."""
    found = health.examine()
    body = {
        "status": "ok" if found.good else "failing",
        "database": "ok" if found.database else "down",
        "oldest_waiting_order_seconds": found.oldest_order_seconds,
        "newest_crl_age_seconds": found.newest_list_seconds,
        "mail": "ok" if found.mails_go_out else "stuck",
        "mail_signature": "ok" if found.mails_are_signed else "due",
        "oldest_waiting_mail_seconds": found.oldest_mail_seconds,
        "oldest_overdue_case_seconds": found.overdue_case_seconds,
        "undelivered_mails": found.undelivered_mails,
    }
    return JsonResponse(body, status=200 if found.good else 503)


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The demo's mails, newest first. Exists in the demo only."""
    return render(request, "portal/mailbox.html", {"mails": mails()})


@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail of the demo as text, its links to be followed."""
    found = find(name)
    if found is None:
        raise Http404
    return render(request, "portal/mail.html", {"mail": found})
