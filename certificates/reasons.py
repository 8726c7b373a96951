"""Why the CA refused, in words that are translated: one text for every code of `ca.errors`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TEXTS: dict[str, Promise] = {
    "refused": _("The request was refused. Please ask the registration desk."),
    "csr-too-large": _("The request file is larger than 16 kB. Send only the certificate signing request itself."),
    "csr-unreadable": _(
        "This is not a certificate signing request that can be read. Make a new one (PKCS#10, PEM or DER) and send it."
    ),
    "csr-several": _("The file holds more than one certificate signing request. Send them one at a time."),
    "csr-holds-private-key": _(
        "The file holds a private key. Nobody may see that key, so it can no longer be used. Make a new key and send "
        "only the certificate signing request."
    ),
    "csr-signature-wrong": _(
        "The signature of the request does not fit its key. Make the request again with your own key."
    ),
    "csr-asks-for-ca": _("The request asks to become a certificate authority. Make a request without CA rights."),
    "csr-attributes-twice": _("The request holds the same attribute twice. Make a new request."),
    "csr-names-wrong": _(
        "The request holds a name with characters or repetitions that are not allowed. Make a request without a name."
    ),
    "key-type-not-allowed": _("This kind or size of key is not allowed here. Make a key of a kind that is offered."),
    "key-weak": _("This key is weak: others could find its private half. Make a new key with up to date software."),
    "key-blocked": _("This key is known to be exposed or broken. Make a new key."),
    "exposed-key-encrypted": _(
        "The text holds a private key under a password, which nobody here can check. Send the key without a password, "
        "or a statement signed with it."
    ),
    "exposed-key-unreadable": _(
        "The text holds a private key that cannot be read: it is damaged, cut short, or of a kind that is not in our "
        "certificates. Send the whole key as PEM (PKCS#8, PKCS#1 or SEC 1), or describe it in words."
    ),
    "exposed-keys-too-many": _("The text holds more than ten private keys. Send the others in a report of their own."),
    "name-not-allowed": _("This name cannot stand in a certificate. Have it corrected at the registration desk."),
    "name-empty": _("A name that the certificate needs is missing. Have your data completed at the registration desk."),
    "name-too-long": _("A name is too long for a certificate. Have it shortened at the registration desk."),
    "name-holds-controls": _(
        "A name holds invisible or control characters. Have it corrected at the registration desk."
    ),
    "country-not-allowed": _(
        "The country must be a code of two capital letters, such as TW. Have it corrected at the registration desk."
    ),
    "mailbox-not-allowed": _(
        "The e-mail address cannot stand in a certificate. Have it corrected at the registration desk."
    ),
    "profile-unknown": _("This kind of certificate is not known. Choose one that is offered."),
    "lint-errors": _(
        "The certificate would break a rule of the standard and was not signed. Our staff will look at it."
    ),
    "outlives-issuer": _(
        "The certificate would outlive its certificate authority and was not signed. Our staff will look at it."
    ),
    "renewed-not-in-service": _(
        "The certificate to be renewed was suspended or revoked meanwhile, so no new one was signed. Ask the "
        "registration desk to register you again, or about the suspension."
    ),
    "issuer-ended": _(
        "This certificate authority's own certificate is not valid now, so it signs nothing more. Please ask the "
        "registration desk."
    ),
    "signature-mismatch": _(
        "The signed certificate did not pass its check and was thrown away. Our staff will look at it."
    ),
    "reason-not-allowed": _("This reason for revocation is not allowed. Choose one that is offered."),
    "cms-too-large": _("The signature is larger than 32 kB. Send the signature of this statement only."),
    "cms-unreadable": _("The signature cannot be read. Sign again in this page, or use the challenge phrase."),
    "cms-algorithm-not-allowed": _(
        "The signature uses an algorithm that is not allowed here. Sign with SHA-256, or use the challenge phrase."
    ),
    "cms-signer-wrong": _(
        "The signature was made with another certificate. Sign with the signing certificate that is to be renewed."
    ),
    "cms-signature-wrong": _(
        "The signature does not fit the certificate. Sign again with its own key, or use the challenge phrase."
    ),
    "key-exists": _("There is a key of this name already. Choose another name: a key is never written over."),
    "signer-unusable": _("The certificate authority's key cannot be used at the moment. Our staff will look at it."),
    "operators-same": _("A key ceremony needs the names of two different operators."),
}


def explain(code: str) -> Promise:
    """What a refusal of the CA with this code means and what to do next, in the reader's language."""
    return _TEXTS.get(code, _TEXTS["refused"])
