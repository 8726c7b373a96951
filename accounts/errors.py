"""What accounts refuse. Every text says what to do next, and none tells which accounts exist."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _


class AccountRefusal(Exception):
    """An act of an account that is refused."""


class TooMany(AccountRefusal):
    """Tried too often within a while, from one place or for one thing; `seconds` until it may be tried again."""

    def __init__(self, seconds: int = 15 * 60) -> None:
        minutes = -(-seconds // 60)
        words = ngettext(
            "There were too many tries. Wait %(minutes)d minute, then try again.",
            "There were too many tries. Wait %(minutes)d minutes, then try again.",
            minutes,
        )
        super().__init__(words % {"minutes": minutes})
        self.seconds = seconds


class SignInRefused(AccountRefusal):
    """One text for every cause: unknown, wrong, locked, closed, or a passcode slip that has expired."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Signing in was refused: the account or the password is not right, the passcode slip has expired, "
                "or the account is locked. After three wrong passwords in a row an account is locked."
            )
        )


class PictureWrong(AccountRefusal):
    """The digits typed are not those of the picture, or the picture was used before."""

    def __init__(self) -> None:
        super().__init__(
            _("The digits were not those of the picture, or it had become too old. Type those of the new picture.")
        )


class WorkWrong(AccountRefusal):
    """The calculation that stands in for the picture is missing, wrong, too old or was used before."""

    def __init__(self) -> None:
        super().__init__(_("The calculation was too old or not complete. Start it again, or type the digits."))


class CodeWrong(AccountRefusal):
    """The one-time code is not right, was used already, or came while codes must wait."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This code is not right or was used already. Wait until your app shows the next one, then type that. "
                "After each wrong code you have to wait longer."
            )
        )


class OldPasswordWrong(AccountRefusal):
    """The present password was not right: a strike."""

    def __init__(self) -> None:
        super().__init__(
            _("Your present password was not right. After three wrong passwords in a row your account is locked.")
        )


class PasswordNotAllowed(AccountRefusal):
    """The new password does not follow the rules; `reasons` says which."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class PasswordIsPasscode(PasswordNotAllowed):
    """The passcode of the slip is not kept as a password: it stood on paper."""

    def __init__(self) -> None:
        super().__init__([gettext("Choose a password of your own: the passcode of the slip cannot be kept.")])


class MailboxLinkRefused(AccountRefusal):
    """A mailbox link that proves nothing."""


class MailboxLinkExpired(MailboxLinkRefused):
    """Older than its 24 hours."""

    def __init__(self) -> None:
        super().__init__(_("This link has expired: it was valid for 24 hours. Sign in and have a new one sent to you."))


class MailboxLinkUsed(MailboxLinkRefused):
    """Opened before; it works once."""

    def __init__(self) -> None:
        super().__init__(
            _("This link was used already, so your mailbox is confirmed. Sign in and go on with your application.")
        )


class MailboxLinkUnknown(MailboxLinkRefused):
    """No such link, or one that was thrown away long after its end."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This link is not known. Copy the whole address from the mail, or sign in and have a new one sent "
                "to you."
            )
        )


class MailboxLinkReplaced(MailboxLinkRefused):
    """A link for a change of address that a newer one has replaced."""

    def __init__(self) -> None:
        super().__init__(_("You asked for another change after this one. Use the link in the newest mail."))


class AccountNotInUse(MailboxLinkRefused):
    """A change of address while the account is locked or reset."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The account is locked, so nothing about it can be changed. With a new passcode slip, sign in and ask "
                "for the change again."
            )
        )


class EmailNotAllowed(AccountRefusal):
    """An address that cannot stand in a certificate or a mail header."""

    def __init__(self) -> None:
        super().__init__(
            _("This is not an address that we can use. Give a plain one such as name@example.com, in ASCII letters.")
        )


class EmailSame(AccountRefusal):
    """The address is registered already."""

    def __init__(self) -> None:
        super().__init__(_("This is the address that we have. Type the new one."))


class AgreementChanged(AccountRefusal):
    """Another version of the agreement is in force than the one that was read."""

    def __init__(self) -> None:
        super().__init__(_("The agreement was changed after you opened this page. Read it again, then accept it."))


class AgreementRewritten(AccountRefusal):
    """A text in force is never changed under its old number; a programming or operating mistake."""


class NotAnOfficerName(AccountRefusal):
    """A sign-in name for an officer that is badly formed or taken."""

    def __init__(self) -> None:
        super().__init__(
            _("Take another sign-in name: 3 to 30 small letters, digits, dots or hyphens that nobody has yet.")
        )
