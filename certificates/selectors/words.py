"""A certificate in words: every field and every extension, for people who do not read ASN.1 (RFC 5280)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

Text = str | Promise


@dataclass(frozen=True)
class Fact:
    """One thing that the certificate says: what, in which lines, and whether programs must understand it."""

    label: Text
    lines: tuple[Text, ...]
    critical: bool = False
    code: bool = False  # hex digits or an address, to be compared letter by letter


_FIELDS: Mapping[x509.ObjectIdentifier, Promise] = {
    NameOID.COUNTRY_NAME: gettext_lazy("Country"),
    NameOID.ORGANIZATION_NAME: gettext_lazy("Organisation"),
    NameOID.ORGANIZATIONAL_UNIT_NAME: gettext_lazy("Unit"),
    NameOID.ORGANIZATION_IDENTIFIER: gettext_lazy("Number of the organisation"),
    # Of a person or of a CA; several languages have two words for these.
    NameOID.COMMON_NAME: pgettext_lazy("of whoever stands in a certificate", "Name"),
    NameOID.GIVEN_NAME: gettext_lazy("Given name"),
    NameOID.SURNAME: gettext_lazy("Family name"),
    NameOID.SERIAL_NUMBER: gettext_lazy("Subscriber number"),
    NameOID.EMAIL_ADDRESS: gettext_lazy("E-mail address"),
}
_KEY_USAGES: Mapping[str, Promise] = {
    "digital_signature": gettext_lazy("sign (digitalSignature)"),
    "content_commitment": gettext_lazy("sign as a binding declaration (contentCommitment)"),
    "key_encipherment": gettext_lazy("receive encrypted keys (keyEncipherment)"),
    "data_encipherment": gettext_lazy("receive encrypted data (dataEncipherment)"),
    "key_agreement": gettext_lazy("agree on keys for encryption (keyAgreement)"),
    "key_cert_sign": gettext_lazy("sign certificates (keyCertSign)"),
    "crl_sign": gettext_lazy("sign revocation lists (cRLSign)"),
}
_PURPOSES: Mapping[x509.ObjectIdentifier, Promise] = {
    ExtendedKeyUsageOID.EMAIL_PROTECTION: gettext_lazy("secure e-mail (emailProtection)"),
    ExtendedKeyUsageOID.CLIENT_AUTH: gettext_lazy("sign in to servers (clientAuth)"),
    ExtendedKeyUsageOID.OCSP_SIGNING: gettext_lazy("answer about the state of certificates (OCSPSigning)"),
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"): gettext_lazy("sign documents (documentSigning)"),
}
_PLACES: Mapping[x509.ObjectIdentifier, Promise] = {
    AuthorityInformationAccessOID.OCSP: gettext_lazy("state of this certificate (OCSP)"),
    AuthorityInformationAccessOID.CA_ISSUERS: gettext_lazy("certificate of the issuer"),
}


def describe(der: bytes) -> list[Fact]:
    """Every field and extension of a certificate, DER, in the reader's language; dates are for the page to show."""
    certificate = x509.load_der_x509_certificate(der)
    return [
        *(_name(_("Holder"), certificate.subject)),
        *(_name(_("Issuer"), certificate.issuer)),
        Fact(_("Serial number"), (_hex(_octets(certificate.serial_number)),), code=True),
        Fact(_("Public key"), (_key(certificate.public_key()),)),
        *(_extension(one) for one in certificate.extensions),
        Fact(_("Signature algorithm"), (_algorithm(certificate),)),
        Fact(_("SHA-256 fingerprint"), (_hex(sha256(der).digest()),), code=True),
        # Windows shows this one alone; it compares certificates here and protects nothing.
        Fact(_("SHA-1 fingerprint"), (_hex(sha1(der, usedforsecurity=False).digest()),), code=True),
        Fact(_("SHA-256 fingerprint of the public key"), (_hex(_key_digest(certificate)),), code=True),
    ]


def name_in_words(der: bytes) -> str:
    """The holder of a certificate, DER, in one line: each attribute by its name in the reader's language."""
    subject = x509.load_der_x509_certificate(der).subject
    return " · ".join(_colon().join((str(_field(part.oid)), str(part.value))) for part in subject)


def holder(der: bytes) -> list[str]:
    """The holder of a certificate, DER, in short: name and organisation, or all there is where it has neither."""
    subject = x509.load_der_x509_certificate(der).subject
    short = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    return [str(part.value) for oid in short for part in subject.get_attributes_for_oid(oid)] or [name_in_words(der)]


def _name(whose: str, name: x509.Name) -> list[Fact]:
    return [Fact(f"{whose}{_colon()}{_field(part.oid)}", (str(part.value),)) for part in name]


def _field(oid: x509.ObjectIdentifier) -> Text:
    return _FIELDS.get(oid, oid.dotted_string)


def _colon() -> str:
    return pgettext("between a label and what follows", ": ")


def _key(key: Any) -> str:
    if isinstance(key, RSAPublicKey):
        return _("RSA, %(bits)s bits") % {"bits": key.key_size}
    if isinstance(key, EllipticCurvePublicKey):
        return _("elliptic curve %(name)s") % {"name": {"secp256r1": "P-256", "secp384r1": "P-384"}[key.curve.name]}
    return type(key).__name__


def _key_digest(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(key).digest()


def _algorithm(certificate: x509.Certificate) -> str:
    used = certificate.signature_hash_algorithm
    parameters = certificate.signature_algorithm_parameters
    if used is None or not isinstance(parameters, ECDSA | PKCS1v15):
        return certificate.signature_algorithm_oid.dotted_string
    scheme = "ECDSA" if isinstance(parameters, ECDSA) else "RSA"
    return f"{scheme}, {used.name.upper().replace('SHA', 'SHA-')}"


def _extension(extension: x509.Extension[Any]) -> Fact:
    value = extension.value
    for kind, (label, say) in _EXTENSIONS.items():
        if isinstance(value, kind):
            code = kind in (x509.AuthorityKeyIdentifier, x509.SubjectKeyIdentifier)
            return Fact(label, tuple(say(value)), extension.critical, code)
    return Fact(extension.oid.dotted_string, (_hex(value.public_bytes()),), extension.critical, code=True)


def _key_usage(value: x509.KeyUsage) -> list[Text]:
    # encipher_only and decipher_only say something only beside keyAgreement, and no profile sets them.
    return [text for name, text in _KEY_USAGES.items() if getattr(value, name)]


def _purposes(value: x509.ExtendedKeyUsage) -> list[Text]:
    return [_PURPOSES.get(oid, oid.dotted_string) for oid in value]


def _policies(value: x509.CertificatePolicies) -> list[Text]:
    lines: list[Text] = []
    for policy in value:
        lines.append(_("policy number %(number)s") % {"number": policy.policy_identifier.dotted_string})
        lines += [
            _("practice statement: %(url)s") % {"url": one}
            for one in policy.policy_qualifiers or ()
            if isinstance(one, str)
        ]
    return lines


def _alternative_names(value: x509.SubjectAlternativeName) -> list[Text]:
    return [str(name.value) for name in value]


def _lists(value: x509.CRLDistributionPoints) -> list[Text]:
    return [str(name.value) for point in value for name in point.full_name or ()]


def _access(value: x509.AuthorityInformationAccess) -> list[Text]:
    return [
        f"{_PLACES.get(one.access_method, one.access_method.dotted_string)}{_colon()}{one.access_location.value}"
        for one in value
    ]


def _constraints(value: x509.BasicConstraints) -> list[Text]:
    return [_("may sign certificates") if value.ca else _("may not sign certificates")]


_EXTENSIONS: Mapping[type, tuple[Promise, Callable[[Any], list[Text]]]] = {
    x509.KeyUsage: (gettext_lazy("The key may"), _key_usage),
    x509.ExtendedKeyUsage: (gettext_lazy("Purposes"), _purposes),
    x509.CertificatePolicies: (gettext_lazy("Policies"), _policies),
    x509.SubjectAlternativeName: (gettext_lazy("Mailboxes"), _alternative_names),
    x509.AuthorityKeyIdentifier: (
        gettext_lazy("Identifier of the issuer's key"),
        lambda value: [_hex(value.key_identifier or b"")],
    ),
    x509.SubjectKeyIdentifier: (gettext_lazy("Identifier of this key"), lambda value: [_hex(value.digest)]),
    x509.CRLDistributionPoints: (gettext_lazy("Revocation list"), _lists),
    x509.AuthorityInformationAccess: (gettext_lazy("Where to ask"), _access),
    x509.BasicConstraints: (gettext_lazy("Certificate authority"), _constraints),
    x509.OCSPNoCheck: (
        gettext_lazy("State of this certificate"),
        lambda _value: [_("is not asked for: it lives only briefly")],
    ),
}


def _octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8 or 1, "big")


def _hex(octets: bytes) -> str:
    return octets.hex(" ").upper()
