"""The refusals of the CA: each is named for what is refused, and says in plain words what to do next."""

from collections.abc import Iterator
from typing import ClassVar


class Refusal(Exception):
    """Something the CA does not do.

    `code` is a stable id that others may store and compare; `text` is plain English for people. Both are
    fixed for each class, so that a translation of every text can be held complete (see `codes`).
    """

    code: ClassVar[str] = "refused"
    text: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str = "") -> None:
        """`detail` is for logs and officers: it may name the field or the value's length, never a secret."""
        super().__init__(detail or self.text)
        self.detail = detail

    @classmethod
    def codes(cls) -> dict[str, str]:
        """Every code with its English text."""
        return {refusal.code: refusal.text for refusal in cls._family()}

    @classmethod
    def _family(cls) -> Iterator[type["Refusal"]]:
        yield cls
        for child in cls.__subclasses__():
            yield from child._family()


# --- the certificate signing request ----------------------------------------------------------------------


class CsrTooLarge(Refusal):
    """More than 16 kB."""

    code = "csr-too-large"
    text = "The request file is larger than 16 kB. Send only the certificate signing request itself."


class CsrUnreadable(Refusal):
    """Neither PEM nor DER of a PKCS#10 request (RFC 2986), or something beside it."""

    code = "csr-unreadable"
    text = "This file cannot be read as a certificate signing request. Make a new one (PKCS#10) and send it."


class CsrSeveral(Refusal):
    """A PEM file with more than one request."""

    code = "csr-several"
    text = "The file holds more than one certificate signing request. Send them one at a time."


class CsrHoldsPrivateKey(Refusal):
    """A private key was sent. It is never stored; its public half belongs on the block list."""

    code = "csr-holds-private-key"
    text = (
        "The file holds a private key. Nobody but you may ever have it, so it can no longer be used: make "
        "a new key and send only the certificate signing request."
    )

    def __init__(self, spki_sha256: str = "") -> None:
        """`spki_sha256`: hex SHA-256 of the exposed key's SubjectPublicKeyInfo, or "" where it is unknown."""
        super().__init__("a private key was sent")
        self.spki_sha256 = spki_sha256


class CsrSignatureWrong(Refusal):
    """The request's own signature does not verify: no proof that the sender has the private key."""

    code = "csr-signature-wrong"
    text = "The signature of the request does not fit its key. Make the request again with your own key."


class CsrAsksForCa(Refusal):
    """basicConstraints CA:TRUE, or the right to sign certificates or CRLs."""

    code = "csr-asks-for-ca"
    text = "The request asks to become a certificate authority. Make a request without CA rights."


class CsrAttributesTwice(Refusal):
    """The same attribute twice, for example two extension requests."""

    code = "csr-attributes-twice"
    text = "The request holds the same attribute twice. Make a new request."


class CsrNamesWrong(Refusal):
    """A name in the request that programs could read differently: control characters, two common names."""

    code = "csr-names-wrong"
    text = "A name in the request is repeated or holds forbidden characters. Make a request without a name."


# --- the key ----------------------------------------------------------------------------------------------


class KeyTypeNotAllowed(Refusal):
    """Not one of the key types that the profile allows."""

    code = "key-type-not-allowed"
    text = "This kind or size of key is not allowed here. Make a key of a kind that is offered."


class KeyWeak(Refusal):
    """A key that can be broken: small factor, near primes, ROCA, small exponent, point off the curve."""

    code = "key-weak"
    text = "This key is weak: others could find its private half. Make a new key with up to date software."


class KeyBlocked(Refusal):
    """A key on the block list: exposed, revoked for compromise, or known to be bad."""

    code = "key-blocked"
    text = "This key is known to be exposed or broken. Make a new key."


# --- keys that are said to be exposed ---------------------------------------------------------------------


class ExposedKeyEncrypted(Refusal):
    """A private key under a password: nobody can say whose it is."""

    code = "exposed-key-encrypted"
    text = (
        "The text holds a private key under a password, which nobody here can check. Send the key without a "
        "password, or a statement signed with it."
    )


class ExposedKeyUnreadable(Refusal):
    """Something that looks like a private key and cannot be read, or that proves nothing: damaged, another kind."""

    code = "exposed-key-unreadable"
    text = (
        "The text holds a private key that cannot be read: it is damaged, cut short, or of a kind that is not in our "
        "certificates. Send the whole key as PEM (PKCS#8, PKCS#1 or SEC 1), or describe it in words."
    )


class ExposedKeysTooMany(Refusal):
    """More private keys than one report holds."""

    code = "exposed-keys-too-many"
    text = "The text holds more than ten private keys. Send the others in a report of their own."


# --- names ------------------------------------------------------------------------------------------------


class NameNotAllowed(Refusal):
    """A registered name that must not stand in a certificate."""

    code = "name-not-allowed"
    text = "This name cannot stand in a certificate. Have it corrected at the registration desk."


class NameEmpty(NameNotAllowed):
    """A name that the profile needs is missing."""

    code = "name-empty"
    text = "A name that the certificate needs is missing. Fill it in."


class NameTooLong(NameNotAllowed):
    """Longer than RFC 5280's upper bound for this field."""

    code = "name-too-long"
    text = "This name is too long for a certificate. Shorten it."


class NameHoldsControls(NameNotAllowed):
    """NUL, line breaks, bidi overrides and other characters that nobody sees."""

    code = "name-holds-controls"
    text = "This name holds invisible or control characters. Type it again."


class CountryNotAllowed(NameNotAllowed):
    """Not two capital letters (ISO 3166)."""

    code = "country-not-allowed"
    text = "The country must be a code of two capital letters, such as TW."


class MailboxNotAllowed(NameNotAllowed):
    """Not a plain ASCII mailbox (RFC 5321 Mailbox with dot-string and domain)."""

    code = "mailbox-not-allowed"
    text = "This e-mail address cannot stand in a certificate. Use a plain one such as name@example.com."


# --- issuing ----------------------------------------------------------------------------------------------


class ProfileUnknown(Refusal):
    """No profile of this slug and version."""

    code = "profile-unknown"
    text = "This certificate profile is not known. Choose one that is offered."


class LintErrors(Refusal):
    """The linter found errors in what was about to be signed."""

    code = "lint-errors"
    text = "The certificate would break a rule of the standard and was not signed. The CA's staff must act."

    def __init__(self, findings: tuple[str, ...] = ()) -> None:
        """`findings`: one line each, as the linter names them."""
        super().__init__("; ".join(findings))
        self.findings = findings


class OutlivesIssuer(Refusal):
    """The certificate would end after its CA."""

    code = "outlives-issuer"
    text = "The certificate would outlive its certificate authority and was not signed."


class RenewedNotInService(Refusal):
    """The certificate that an order renews was suspended or revoked after the order was placed."""

    code = "renewed-not-in-service"
    text = "The certificate to be renewed was suspended or revoked meanwhile, so no new one was signed."


class IssuerEnded(OutlivesIssuer):
    """The CA's own certificate is not valid now."""

    code = "issuer-ended"
    text = "This certificate authority's own certificate is not valid now, so it signs nothing more."


class SignatureMismatch(Refusal):
    """What came out is not what was to be signed, or the CA's public key does not verify it."""

    code = "signature-mismatch"
    text = "The signed certificate did not pass its check and was thrown away. The CA's staff must look at it."


class ReasonNotAllowed(Refusal):
    """A revocation reason that may not stand in a CRL or an OCSP answer."""

    code = "reason-not-allowed"
    text = "This reason for revocation is not allowed. Choose one that is offered."


# --- statements that holders sign --------------------------------------------------------------------------


class CmsTooLarge(Refusal):
    """More than 32 kB."""

    code = "cms-too-large"
    text = "The signature is larger than 32 kB. Send the signature of this statement only."


class CmsUnreadable(Refusal):
    """Not the DER of a SignedData (RFC 5652) with its content, one signer and the attributes that are asked for."""

    code = "cms-unreadable"
    text = "The signature cannot be read. Sign again in this page, or use the challenge phrase."


class CmsAlgorithmNotAllowed(Refusal):
    """Another algorithm than RSA (PKCS#1 v1.5) or ECDSA with SHA-256, SHA-384 or SHA-512."""

    code = "cms-algorithm-not-allowed"
    text = "The signature uses an algorithm that is not allowed here. Sign with SHA-256, or use the challenge phrase."


class CmsSignerWrong(Refusal):
    """The signature names another certificate, or one that is not for signing."""

    code = "cms-signer-wrong"
    text = "The signature was made with another certificate. Sign with the signing certificate that is to be renewed."


class CmsSignatureWrong(Refusal):
    """The signature is not one of the certificate's key over this content."""

    code = "cms-signature-wrong"
    text = "The signature does not fit the certificate. Sign again with its own key, or use the challenge phrase."


# --- keys of the CA ---------------------------------------------------------------------------------------


class KeyExists(Refusal):
    """A key file is there already; it is never written over."""

    code = "key-exists"
    text = "There is a key of this name already. Choose another name: a key is never written over."


class SignerUnusable(Refusal):
    """The CA's key cannot be loaded, or its test signature does not verify."""

    code = "signer-unusable"
    text = "The CA's key cannot be used. Check the key's place and passphrase."


class OperatorsSame(Refusal):
    """A ceremony needs two different people."""

    code = "operators-same"
    text = "A key ceremony needs the names of two different operators."
