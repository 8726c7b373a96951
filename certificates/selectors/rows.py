"""A certificate as pages show it."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ca.profiles import Profile, Template, profile
from certificates.models import Authority, Certificate
from certificates.rules import in_language, shown_state
from certificates.selectors.words import name_in_words

_STATES: dict[str, Promise] = {
    "valid": _("valid"),
    "soon": _("ends soon"),
    "expired": _("expired"),
    "held": _("suspended"),
    "revoked": _("revoked"),
}
_USES: dict[str, Promise] = {
    "signing": _("to sign"),
    "encryption": _("to receive encrypted mail"),
    "both": _("to sign and to receive encrypted mail"),
    "inside": _("for the service itself"),
}


def chain(authority: Authority) -> list[Authority]:
    """The CA and those above it, up to the root."""
    return [authority] + (chain(authority.parent) if authority.parent else [])


def row(certificate: Certificate) -> dict[str, Any]:
    """Everything that pages show of a certificate, in the reader's language; `pem` and `chain_pem` are for scripts."""
    template, wanted = _template_of(certificate)
    soon = timedelta(days=wanted.renewal_window_days)
    state = shown_state(certificate.state, certificate.not_after, timezone.now(), soon)
    authorities = chain(certificate.authority)
    return {
        "number": certificate.number,
        "title": in_language(template.title, get_language() or "en"),
        "use": _USES[template.use],
        "state": state,
        "state_text": _STATES[state],
        "serial": in_pairs(certificate.serial.zfill(len(certificate.serial) + len(certificate.serial) % 2)),
        "subject_text": name_in_words(bytes(certificate.der)),
        "issuer_text": authorities[0].name,
        "email": certificate.email,
        "not_before": certificate.not_before,
        "not_after": certificate.not_after,
        "sha256": in_pairs(certificate.sha256),
        "pem": pem(bytes(certificate.der)),
        "chain_pem": "".join(pem(bytes(one.certificate)) for one in authorities),
        "spki_sha256": certificate.public_key.spki_sha256,
        "order_id": str(certificate.item.order.public_id),
        "item_name": certificate.template,
        "view_url": reverse("certificates:view", args=[certificate.number]),
        "pem_url": _file_url(certificate, "pem"),
        "der_url": _file_url(certificate, "cer"),
        "p7b_url": _file_url(certificate, "p7b"),
    }


def in_pairs(digits: str) -> str:
    """Hex digits as people compare them: `4F 0A …`."""
    return " ".join(digits[at : at + 2] for at in range(0, len(digits), 2)).upper()


@lru_cache(maxsize=256)
def pem(der: bytes) -> str:
    """The PEM of a certificate. CA certificates come again and again, hence the cache of the last ones."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


def _template_of(certificate: Certificate) -> tuple[Template, Profile]:
    wanted = profile(certificate.profile, certificate.item.order.profile_version)
    return next(one for one in wanted.templates if one.name == certificate.template), wanted


def _file_url(certificate: Certificate, kind: str) -> str:
    return reverse("certificates:file", args=[certificate.number, kind])
