"""What renewal refuses; each text says what to do next."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class RenewalRefusal(Exception):
    """A renewal that cannot be done as asked. `text` is for people and follows the language of the page."""

    text: Text = _("This certificate cannot be renewed here. Ask the registration desk.")

    def __init__(self, text: Text | None = None) -> None:
        """The first argument is the text, for whoever shows refusals of all kinds."""
        super().__init__(text or self.text)


class TooEarly(RenewalRefusal):
    """Before the window."""

    def __init__(self, first: Text) -> None:
        """`first`: the first moment of the window, in the reader's words."""
        super().__init__(
            format_lazy(
                _("It is too early to renew this certificate. Come back from {first} on; we will remind you by mail."),
                first=first,
            )
        )


class AfterTheEnd(RenewalRefusal):
    """After the window: what has ended cannot vouch for its holder any more."""

    text = _(
        "This certificate has ended, so it can no longer be renewed. Ask the registration desk to register you again."
    )


class NotInService(RenewalRefusal):
    """A certificate of the order is suspended or revoked."""

    text = _(
        "This certificate is suspended or revoked, so it cannot be renewed. Ask the registration desk to register you "
        "again, or about the suspension."
    )


class AlreadyRenewed(RenewalRefusal):
    """An order that renews it was placed."""

    text = _("This certificate was renewed already. You find the new one under Download.")


class NotRenewable(RenewalRefusal):
    """A kind of certificate that nobody renews on this page."""

    text = _("This kind of certificate is not renewed on this page. Ask the registration desk.")


class DataChanged(RenewalRefusal):
    """The registered data or the kind of certificate changed after the page was shown."""

    text = _("Your registered data changed after this page was opened. Look at them again, then send the page again.")


class MailboxNotProven(RenewalRefusal):
    """The certificate names a mailbox, and the last proof is older than 30 days."""

    text = _("Your mailbox is not confirmed yet. Have the link sent, open it, then send this page again.")


class ProofRefused(RenewalRefusal):
    """What should prove the holder does not."""

    text = _("This does not prove that you hold the certificate. Sign again, or use the challenge phrase.")


class NoSigningCertificate(ProofRefused):
    """Nothing in the old order signs: an encryption key never does."""

    text = _("This certificate has no signing key. Use the challenge phrase.")


class StatementDiffers(ProofRefused):
    """The signed words are not those of this renewal: another order, certificate or request."""

    text = _("What was signed does not belong to this request. Load the page again, then sign again.")


class NonceRefused(ProofRefused):
    """The random value of the proof is unknown here, older than ten minutes, or was used before."""

    text = _(
        "This signature was used before or is older than ten minutes. Send the page again: a new signature is made."
    )
