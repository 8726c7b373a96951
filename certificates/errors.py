"""What the certificates app refuses. Each refusal has a stable code and a text that says what to do next."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class CertificateRefusal(Exception):
    """Something that is not done. `code` is stable, `text` is for people and follows the language of the page."""

    code: ClassVar[str] = "refused"
    text: Text = _("The request was refused. Please ask the registration desk.")

    def __init__(self, text: Text | None = None) -> None:
        """The first argument is the text, for whoever shows refusals of all kinds."""
        super().__init__(text or self.text)


class CsrRefused(CertificateRefusal):
    """A signing request that the CA's own rules refuse: `reason` is the code of a `ca.errors.Refusal`."""

    code = "csr-refused"

    def __init__(self, reason: str, text: Text) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


class KeyExposed(CertificateRefusal):
    """A private key came along. It is not stored, and its public half is on the block list."""

    code = "key-exposed"
    text = _(
        "The file holds a private key. Nobody may see that key, so it can no longer be used. Make a new key and send "
        "only the certificate signing request."
    )


class ItemsMissing(CertificateRefusal):
    """Not as many signing requests as the profile has certificates."""

    code = "items-missing"
    text = _("The number of signing requests does not fit this kind of certificate. Send one for each certificate.")


class SameKeyTwice(CertificateRefusal):
    """The two certificates of a pair must not share a key."""

    code = "same-key-twice"
    text = _("Both requests hold the same key. Make a key of its own for each certificate.")


class KeyOfAnother(CertificateRefusal):
    """The same key is not certified for two people."""

    code = "key-of-another"
    text = _("This key is already in use elsewhere. Make a new key.")


class KeyUsedBefore(CertificateRefusal):
    """The subscriber has another order or certificate for this key."""

    code = "key-used-before"
    text = _("You have already used this key for another certificate. Make a new key for each certificate.")


class KeyOnBlockList(CertificateRefusal):
    """A key that was exposed or reported."""

    code = "key-on-block-list"
    text = _("This key is known to be exposed or broken. Make a new key.")


class ChallengeTooShort(CertificateRefusal):
    """Fewer than 8 characters are left after normalisation."""

    code = "challenge-too-short"
    text = _("The challenge phrase is too short. Use at least 8 letters, digits and spaces.")


class ChallengeTooLong(CertificateRefusal):
    """More than 128 characters."""

    code = "challenge-too-long"
    text = _("The challenge phrase is too long. Use at most 128 characters.")


class ChallengeNotAllowed(CertificateRefusal):
    """Other characters than letters, digits and spaces."""

    code = "challenge-not-allowed"
    text = _("The challenge phrase may hold letters, digits and spaces only. Choose another one.")


class ChallengeWrong(CertificateRefusal):
    """Wrong phrase, shut door, unknown certificate: nobody learns which."""

    code = "challenge-wrong"
    text = _(
        "The certificate and the challenge phrase do not fit together. After three wrong phrases this way stays "
        "shut for 24 hours; the registration desk can help at any time."
    )


class RenewedNotInService(CertificateRefusal):
    """A certificate that the order renews is suspended or revoked."""

    code = "renewed-not-in-service"
    text = _(
        "The certificate to be renewed is suspended or revoked, so no new one is made. Ask the registration desk to "
        "register you again, or about the suspension."
    )


class NoAuthority(CertificateRefusal):
    """There is no CA that takes orders now."""

    code = "no-authority"
    text = _("Certificates cannot be ordered at the moment. Please try again later.")


class AccountClosed(CertificateRefusal):
    """Nothing is ordered for a closed account."""

    code = "account-closed"
    text = _("This account is closed. To get a certificate, have the registration desk register you again.")


class OperatorsSame(CertificateRefusal):
    """An inside-use certificate is ordered by two different operators."""

    code = "operators-same"
    text = _("Two different operators must confirm this order.")


class NotForInsideUse(CertificateRefusal):
    """A profile that needs a registration, ordered as if it were for inside use, or the other way round."""

    code = "not-for-inside-use"
    text = _("This kind of certificate cannot be ordered this way.")


class KeysNotHere(Exception):
    """This process was not given the CA's keys, so it cannot sign."""


class ClockWrong(Exception):
    """Our clock and the database's differ, or time ran backwards: nothing is signed until that is put right."""
