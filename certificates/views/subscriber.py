"""The certificates' pages: download, view, files. Every certificate is fetched through its owner."""

import io
import zipfile
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.views.access import SubscriberRequest, subscriber_required
from certificates.models import Authority, Certificate
from certificates.selectors import certificate_of, certificates_of, chain, describe, row
from certificates.selectors.rows import pem


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
    return _file(kind, [certificate_of(request.subscriber, number)], f"certificate-{number}")


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
    return _file(_BUNDLES.get(sent.get("format", ""), ""), chosen, "certificates")


def _file(kind: str, certificates: Sequence[Certificate], name: str) -> HttpResponse:
    if kind not in _FILES:
        raise Http404
    content_type, make = _FILES[kind]
    response = HttpResponse(make(certificates), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _chains(certificates: Sequence[Certificate]) -> list[Authority]:
    """The CAs above these certificates, each once, from below upward."""
    return list(dict.fromkeys(one for certificate in certificates for one in chain(certificate.authority)))


def _as_pem(certificates: Sequence[Certificate]) -> bytes:
    ders = [*(one.der for one in certificates), *(one.certificate for one in _chains(certificates))]
    return "".join(pem(bytes(der)) for der in ders).encode()


def _as_der(certificates: Sequence[Certificate]) -> bytes:
    return bytes(certificates[0].der)


def _as_zip(certificates: Sequence[Certificate]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in certificates:
            archive.writestr(f"certificate-{one.number}.cer", bytes(one.der))
        for authority in _chains(certificates):
            archive.writestr(f"{authority.slug}.cer", bytes(authority.certificate))
    return packed.getvalue()


def _as_p7b(certificates: Sequence[Certificate]) -> bytes:
    """Certificates only, nothing signed (RFC 5652 5, degenerate SignedData)."""
    ders = [*(one.der for one in certificates), *(one.certificate for one in _chains(certificates))]
    return pkcs7.serialize_certificates([x509.load_der_x509_certificate(bytes(der)) for der in ders], Encoding.DER)


_FILES: dict[str, tuple[str, Callable[[Sequence[Certificate]], bytes]]] = {
    "pem": ("application/x-pem-file", _as_pem),
    "cer": ("application/pkix-cert", _as_der),
    "p7b": ("application/x-pkcs7-certificates", _as_p7b),
    "zip": ("application/zip", _as_zip),
}
# Several DER certificates do not fit into one file.
_BUNDLES = {"pem": "pem", "der": "zip", "p7b": "p7b"}
