"""How to-be-signed bytes become a certificate: rehearsed with a stand-in, signed, checked."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat import asn1

from ca.errors import SignatureMismatch
from ca.keys.builder import dummy_signature, stand_in_for
from ca.keys.port import PublicKey, Signer
from ca.keys.scheme import algorithm_identifier, hash_for


@asn1.sequence
class _Certificate:
    """RFC 5280 4.1, with the inner parts left as the bytes that they are."""

    tbs_certificate: asn1.TLV
    signature_algorithm: asn1.TLV
    signature_value: asn1.BitString


def _assemble(tbs: bytes, public_key: PublicKey, signature: bytes) -> bytes:
    return asn1.encode_der(
        _Certificate(
            tbs_certificate=asn1.decode_der(asn1.TLV, tbs),
            signature_algorithm=asn1.decode_der(asn1.TLV, algorithm_identifier(public_key)),
            signature_value=asn1.BitString(signature, 0),
        )
    )


def rehearse(builder: x509.CertificateBuilder, public_key: PublicKey) -> x509.Certificate:
    """The certificate as it will be, but for a dummy signature of the issuer's kind: for the linter."""
    return builder.sign(stand_in_for(public_key), hash_for(public_key))


def rehearsal_of(tbs: bytes, public_key: PublicKey) -> x509.Certificate:
    """The same from stored to-be-signed bytes. Raises SignatureMismatch where they are no such bytes."""
    try:
        return x509.load_der_x509_certificate(_assemble(tbs, public_key, dummy_signature(public_key)))
    except ValueError as error:
        raise SignatureMismatch("these are not the bytes of a certificate") from error


def sign_certificate(tbs: bytes, signer: Signer, issuer: x509.Certificate | None) -> bytes:
    """Sign exactly these bytes, and check what came out. Without `issuer` the certificate is self-signed.

    Raises SignatureMismatch, SignerUnusable.
    """
    der = _assemble(tbs, signer.public_key, signer.sign(tbs))
    try:
        certificate = x509.load_der_x509_certificate(der)
        # Compares the issuer's name and both algorithm fields, and verifies the signature with the public key
        # of the issuer's certificate, not with the signer's own idea of it.
        certificate.verify_directly_issued_by(issuer or certificate)
    except (ValueError, TypeError, InvalidSignature) as error:
        raise SignatureMismatch(type(error).__name__) from error
    if certificate.tbs_certificate_bytes != tbs:
        raise SignatureMismatch("other bytes than those that were to be signed")
    return der
