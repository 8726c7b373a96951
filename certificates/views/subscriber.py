"""The holder's pages: download, view, files. Every certificate is fetched through its owner."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.access import SubscriberRequest, subscriber_required
from certificates.selectors import certificate_of, certificates_of, describe, row
from certificates.views.files import attachment

# Several DER certificates do not fit into one file.
_BUNDLES = {"pem": "pem", "der": "zip", "p7b": "p7b"}


@require_safe
@subscriber_required
def download(request: SubscriberRequest) -> HttpResponse:
    """All certificates of the subscriber, to be fetched one by one or several together."""
    rows = [row(certificate) for certificate in certificates_of(request.subscriber)]
    return render(
        request, "certificates/download.html", {"certificates": rows, "bundle_url": reverse("certificates:bundle")}
    )


@require_safe
@subscriber_required
def overview(request: SubscriberRequest) -> HttpResponse:
    """All certificates of the subscriber at a glance: state, use, dates; each leads to its page in words."""
    rows = [row(certificate) for certificate in certificates_of(request.subscriber)]
    return render(request, "certificates/overview.html", {"certificates": rows})


@require_safe
@subscriber_required
def view(request: SubscriberRequest, number: str) -> HttpResponse:
    """One certificate in words."""
    certificate = certificate_of(request.subscriber, number)
    context = {"certificate": row(certificate), "facts": describe(bytes(certificate.der))}
    return render(request, "certificates/view.html", context)


@require_safe
@subscriber_required
def file(request: SubscriberRequest, number: str, kind: str) -> HttpResponse:
    """One certificate as a file: PEM with its chain, DER alone, or PKCS#7 with its chain."""
    return attachment(kind, [certificate_of(request.subscriber, number)], f"certificate-{number}")


@require_http_methods(["GET", "HEAD", "POST"])
@subscriber_required
def bundle(request: SubscriberRequest) -> HttpResponseBase:
    """The ticked certificates in one file."""
    sent = request.POST if request.method == "POST" else request.GET
    numbers = sent.getlist("number")
    if not numbers:
        messages.error(request, _("Tick at least one certificate, then download again."))
        return redirect("certificates:list")
    chosen = [one for one in certificates_of(request.subscriber) if one.number in set(numbers)]
    if len(chosen) != len(set(numbers)):
        raise Http404
    return attachment(_BUNDLES.get(sent.get("format", ""), ""), chosen, "certificates")
