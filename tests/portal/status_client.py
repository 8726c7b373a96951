"""A relying party in front of the status process, without a network between them."""

import base64
import io
from typing import Any
from wsgiref.util import setup_testing_defaults

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certificates.models import Certificate
from portal import status


class Reply:
    """What came back."""

    def __init__(self, method: str, path: str, body: bytes = b"", **headers: Any) -> None:
        environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
        setup_testing_defaults(environ)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.update(headers)
        self.body = b"".join(status.application(environ, self._start))

    def _start(self, line: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        self.code, self.headers = int(line[:3]), dict(headers)

    @property
    def ocsp(self) -> ocsp.OCSPResponse:
        assert self.code == 200
        assert self.headers["Content-Type"] == "application/ocsp-response"
        return ocsp.load_der_ocsp_response(self.body)


def question(certificate: Certificate, *, serial: int | None = None, nonce: bytes = b"", sha: Any = None) -> bytes:
    subject = x509.load_der_x509_certificate(bytes(certificate.der))
    issuer = x509.load_der_x509_certificate(bytes(certificate.authority.certificate))
    builder = ocsp.OCSPRequestBuilder()
    if serial is None:
        builder = builder.add_certificate(subject, issuer, sha or hashes.SHA1())
    else:
        asked = ocsp.OCSPRequestBuilder().add_certificate(subject, issuer, hashes.SHA256()).build()
        builder = builder.add_certificate_by_hash(
            asked.issuer_name_hash, asked.issuer_key_hash, serial, hashes.SHA256()
        )
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def get_path(request: bytes, *, url_safe: bool = False) -> str:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    return f"/ocsp/{encode(request).decode()}"
