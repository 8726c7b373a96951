"""Certificates as files, for whoever may have them: the caller has looked."""

import io
import zipfile
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from django.http import Http404, HttpResponse

from certificates.models import Authority, Certificate
from certificates.selectors import chain
from certificates.selectors.rows import pem


def attachment(kind: str, certificates: Sequence[Certificate], name: str) -> HttpResponse:
    """A download `name.kind`: pem or p7b with the chain, cer alone, zip of several; Http404 for any other kind."""
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
