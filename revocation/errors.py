"""What revocation refuses; each text says what to do next."""

from typing import Any, ClassVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class RevocationRefusal(Exception):
    """An act of revocation that cannot be done as asked."""


class NoneChosen(RevocationRefusal):
    """A request names at least one certificate."""

    def __init__(self) -> None:
        super().__init__(_("Choose at least one certificate, then send again."))


class TooManyChosen(RevocationRefusal):
    """More certificates than one request holds."""

    def __init__(self, most: int) -> None:
        super().__init__(
            format_lazy(
                _("One request holds at most {most} certificates. Enter the others in a request of their own."),
                most=most,
            )
        )


class ReasonNotOffered(RevocationRefusal):
    """A reason that only the desk can give."""

    def __init__(self) -> None:
        super().__init__(_("Choose one of the reasons that are offered."))


class FormNumberMissing(RevocationRefusal):
    """The paper that a request stands on is found again by its number."""

    def __init__(self) -> None:
        super().__init__(_("Give the number of the paper form; the form is kept under it."))


class _OfOne(RevocationRefusal):
    """A refusal because of one certificate, which the text names."""

    words: ClassVar[Any]  # translated when it is read

    def __init__(self, number: str) -> None:
        super().__init__(format_lazy(self.words, number=number))
        self.number = number


class AlreadyRevoked(_OfOne):
    """Revoked is final, and once is enough."""

    words = _("Certificate {number} is revoked already. There is nothing more to do.")


class AlreadyEnded(_OfOne):
    """Nobody relies on a certificate after its end."""

    words = _("Certificate {number} has ended by itself. There is nothing more to do.")


class AlreadyAsked(RevocationRefusal):
    """The revocation of this certificate waits for its decision."""

    def __init__(self, number: str, reference: str) -> None:
        super().__init__(
            format_lazy(
                _(
                    "The revocation of certificate {number} was asked for already and waits for a decision: "
                    "case {reference}. There is nothing more to do."
                ),
                number=number,
                reference=reference,
            )
        )
        self.number, self.reference = number, reference


class OtherKey(RevocationRefusal):
    """Ticked along with a request, but of another key."""

    def __init__(self) -> None:
        super().__init__(
            _("One of the certificates that you ticked does not have the key of this case. Read the case again.")
        )


class NotToWithdraw(RevocationRefusal):
    """What the desk entered from paper is the desk's to decide."""

    def __init__(self) -> None:
        super().__init__(
            _("The registration desk entered this request from a paper form. Ask the desk if it is to be dropped.")
        )


class NoOffice(RevocationRefusal):
    """There is no registration office yet that could decide anything."""

    def __init__(self) -> None:
        super().__init__(_("Nobody can take this here yet. Call the help line, please."))


class OrderUnderway(RevocationRefusal):
    """An account is not closed while a certificate is being made for it. Holders read this, and officers."""

    def __init__(self) -> None:
        super().__init__(
            _("A certificate is being made for this account just now. Wait until it is there, then try again.")
        )
