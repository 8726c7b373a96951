"""The CA's keys, loaded once in a process that was given them, and the clock that dates what they sign."""

from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from audit.models import Event
from ca.errors import SignerUnusable
from ca.keys.file import FileSigner
from ca.service import Addresses, Issuer
from certificates.errors import ClockWrong, KeysNotHere
from certificates.models import Authority
from certificates.rules import clock_is_right, key_file
from certificates.selectors import database_now


def issuer_of(authority: Authority) -> Issuer:
    """This CA with its key.

    Raises `KeysNotHere` in a process that was not given the keys, and `SignerUnusable` where the key does not load or
    is not the one of the certificate.
    """
    if settings.CA_KEY_DIR is None or settings.CA_KEY_PASSPHRASE_FILE is None:
        raise KeysNotHere(authority.slug)
    addresses = Addresses(
        ca_issuers=authority.ca_issuers_url,
        crl=authority.crl_url,
        ocsp=authority.ocsp_url,
        cps=authority.cps_url,
    )
    key = key_file(settings.CA_KEY_DIR, authority.slug)
    return _load(key, settings.CA_KEY_PASSPHRASE_FILE, bytes(authority.certificate), addresses)


@cache
def _load(key: Path, passphrase_file: Path, der: bytes, addresses: Addresses) -> Issuer:
    """Decrypting and checking an RSA key takes 30 ms, so it is done once."""
    certificate = x509.load_der_x509_certificate(der)
    try:
        passphrase = passphrase_file.read_bytes().strip()
    except OSError as error:
        raise SignerUnusable("the passphrase file cannot be read") from error
    signer = FileSigner(key, passphrase)
    signer.check()
    if signer.public_key != certificate.public_key():
        raise SignerUnusable(f"{key.name} is not the one of its certificate")
    return Issuer(key.stem, certificate, signer, addresses)


def right_time() -> datetime:
    """The time by our clock, once it was compared with the database's and with what already happened.

    Raises `ClockWrong`: a certificate with a wrong date would be out in the world for good.
    """
    last_event = Event.objects.aggregate(last=Max("at"))["last"]
    database, ours = database_now(), timezone.now()
    if not clock_is_right(ours=ours, database=database, last_event=last_event or ours):
        raise ClockWrong(f"ours {ours:%F %T}, the database's {database:%F %T}, last event {last_event:%F %T}")
    return ours
