"""What stands in a certificate besides names, key and dates (RFC 5280 4.2)."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import AuthorityInformationAccessOID

from ca.keys.port import PublicKey
from ca.names import check_mailbox
from ca.profiles.model import EXTENDED_KEY_USAGES, Template


@dataclass(frozen=True)
class Addresses:
    """Where the world finds a CA's certificate, CRL, status and practice statement: absolute http addresses.

    An empty one is left out of what the CA signs (a root has no status service).
    """

    ca_issuers: str
    crl: str
    ocsp: str
    cps: str


def key_usage(bits: tuple[str, ...]) -> x509.KeyUsage:
    """Key usage from the names of its bits (4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature="digitalSignature" in bits,
        content_commitment="contentCommitment" in bits,
        key_encipherment="keyEncipherment" in bits,
        data_encipherment=False,
        key_agreement="keyAgreement" in bits,
        key_cert_sign="keyCertSign" in bits,
        crl_sign="cRLSign" in bits,
        encipher_only=False,
        decipher_only=False,
    )


def authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    """The issuer's key identifier as its own certificate gives it, and nothing else (4.2.1.1)."""
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier(identifier.digest, None, None)


def policies(oids: tuple[str, ...], cps: str) -> x509.CertificatePolicies:
    """Certificate policies, each with the address of the practice statement (4.2.1.4)."""
    qualifiers: list[str | x509.UserNotice] | None = [cps] if cps else None
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), qualifiers) for oid in oids])


def whereabouts(addresses: Addresses) -> list[x509.ExtensionType]:
    """Where the issuer's CRL, certificate and status are found (4.2.1.13, 4.2.2.1)."""
    found: list[x509.ExtensionType] = []
    if addresses.crl:
        full_name = [x509.UniformResourceIdentifier(addresses.crl)]
        found.append(x509.CRLDistributionPoints([x509.DistributionPoint(full_name, None, None, None)]))
    accesses = [
        x509.AccessDescription(method, x509.UniformResourceIdentifier(address))
        for method, address in (
            (AuthorityInformationAccessOID.OCSP, addresses.ocsp),
            (AuthorityInformationAccessOID.CA_ISSUERS, addresses.ca_issuers),
        )
        if address
    ]
    if accesses:
        found.append(x509.AuthorityInformationAccess(accesses))
    return found


def add_extensions(builder: x509.CertificateBuilder, extensions: list[x509.ExtensionType]) -> x509.CertificateBuilder:
    """The builder with these extensions, in this order; key usage and basic constraints are critical."""
    for extension in extensions:
        critical = isinstance(extension, x509.KeyUsage | x509.BasicConstraints)
        builder = builder.add_extension(extension, critical=critical)
    return builder


def subscriber_extensions(
    template: Template, public_key: PublicKey, issuer: x509.Certificate, addresses: Addresses, mailbox: str
) -> list[x509.ExtensionType]:
    """Everything that a template puts into a certificate besides subject, key and dates.

    Raises NameNotAllowed where the template wants a mailbox and `mailbox` is none.
    """
    algorithm = "rsa" if isinstance(public_key, RSAPublicKey) else "ec"
    extensions: list[x509.ExtensionType] = [
        x509.SubjectKeyIdentifier.from_public_key(public_key),
        authority_key_identifier(issuer),
        key_usage(template.key_usage[algorithm]),
        x509.ExtendedKeyUsage(
            [x509.ObjectIdentifier(EXTENDED_KEY_USAGES[usage]) for usage in template.extended_key_usage]
        ),
        policies(template.policy_oids, addresses.cps),
        *whereabouts(addresses),
    ]
    if template.san_mailbox:
        check_mailbox(mailbox)
        extensions.append(x509.SubjectAlternativeName([x509.RFC822Name(mailbox)]))
    if template.ocsp_nocheck:
        extensions.append(x509.OCSPNoCheck())
    return extensions
