"""Signing mails with S/MIME (RFC 8551), so that subscribers can tell real notices from phishing."""

import base64
import logging
import secrets
import textwrap
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from django.conf import settings
from django.utils import timezone

from ca.errors import SignerUnusable
from ca.keys.builder import acting_for
from ca.keys.file import FileSigner
from ca.keys.scheme import hash_for
from notifications.models import MailCertificate
from notifications.selectors import usable_certificates

logger = logging.getLogger(__name__)

_signers: dict[str, "MailSigner"] = {}  # by the hash of their key: decrypting a key file is slow by intention


class MailSigner:
    """The service's own certificate, its chain without the root, and its key."""

    def __init__(self, chain: Sequence[x509.Certificate], key: FileSigner) -> None:
        """Raises `SignerUnusable` where the key is not the first certificate's, or that is another mailbox's."""
        if key.public_key != chain[0].public_key():
            raise SignerUnusable("the mail key is not the one of its certificate")
        names = chain[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if settings.MAIL_SENDER.lower() not in map(str.lower, names.get_values_for_type(x509.RFC822Name)):
            # RFC 8550 3: the reader's program compares From with the certificate, and warns.
            raise SignerUnusable("the mail certificate is not for the address in MAIL_FROM")
        self._chain, self._key = tuple(chain), key

    def sign(self, entity: bytes) -> bytes:
        """A multipart/signed entity (RFC 1847 2.1, RFC 8551 3.5.3) around `entity`, which stays as it is.

        `entity` has CRLF ends of lines, and nothing but ASCII (RFC 8551 3.1.1).
        """
        hash_ = hash_for(self._key.public_key)
        builder = PKCS7SignatureBuilder().set_data(entity).add_signer(self._chain[0], acting_for(self._key), hash_)
        for authority in self._chain[1:]:
            builder = builder.add_certificate(authority)
        # Binary: the bytes are signed as they are, because they are canonical already.
        signature = builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
        boundary = f"=_{secrets.token_hex(16)}".encode()
        micalg = hash_.name.replace("sha", "sha-").encode()  # RFC 8551 3.5.3.2
        return b"".join(
            [
                b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n',
                b' micalg="%s"; boundary="%s"\r\n\r\n' % (micalg, boundary),
                b"--%s\r\n%s\r\n--%s\r\n" % (boundary, entity, boundary),
                b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n',
                b"Content-Transfer-Encoding: base64\r\n",
                b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n',
                "\r\n".join(textwrap.wrap(base64.b64encode(signature).decode(), 76)).encode(),
                b"\r\n--%s--\r\n" % boundary,
            ]
        )


def signs_mails() -> bool:
    """Whether this process is to sign what it sends: it was given a folder for the key."""
    return _place() is not None


def _place() -> tuple[Path, Path] | None:
    folder, passphrase_file = settings.MAIL_KEY_DIR, settings.MAIL_KEY_PASSPHRASE_FILE
    return (folder, passphrase_file) if folder and passphrase_file else None


def mail_signer() -> MailSigner | None:
    """The signer of the certificate that lasts longest and whose key lies here; None where there is none."""
    place = _place()
    if place is None:
        return None
    for certificate in usable_certificates(timezone.now()):
        try:
            return _signer(certificate, *place)
        except SignerUnusable:
            logger.warning("the mail certificate %s cannot be used", certificate.spki_sha256, exc_info=True)
    return None


def _signer(certificate: MailCertificate, folder: Path, passphrase_file: Path) -> MailSigner:
    found = _signers.get(certificate.spki_sha256)
    if found is None:
        try:
            passphrase = passphrase_file.read_bytes().strip()
        except OSError as error:
            raise SignerUnusable("the passphrase file cannot be read") from error
        key = FileSigner(folder / f"{certificate.spki_sha256}.key", passphrase)
        key.check()
        found = MailSigner(x509.load_pem_x509_certificates(certificate.chain.encode()), key)
        _signers[certificate.spki_sha256] = found
    return found
