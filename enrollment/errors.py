"""What enrollment refuses; each text says what to do next."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class EnrollmentRefusal(Exception):
    """An act of enrollment that cannot be done as asked."""


class ProfileNotForKind(EnrollmentRefusal):
    """No profile was chosen, or one that this kind of registration cannot fill."""

    def __init__(self) -> None:
        super().__init__(_("Choose at least one certificate, and only such as fit this kind of registration."))


class DocumentsMissing(EnrollmentRefusal):
    """A document that this kind of registration needs was not ticked."""

    def __init__(self) -> None:
        super().__init__(_("Tick every document that is needed once you have seen it; without it, do not go on."))


class AlreadyWaiting(EnrollmentRefusal):
    """The same thing was entered before and waits for its decision."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            format_lazy(
                _("This was entered already and waits for a decision: case {reference}. Open that case instead."),
                reference=reference,
            )
        )
        self.reference = reference


class OrganisationDiffers(EnrollmentRefusal):
    """The company number is registered under another name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            format_lazy(
                _("This company number is registered under the name {name}. Enter that name, or check the number."),
                name=name,
            )
        )


class AccountUnknown(EnrollmentRefusal):
    """No subscriber of this office has this account number."""

    def __init__(self) -> None:
        super().__init__(_("There is no such account here. Compare the number with the slip, letter by letter."))


class OtherPerson(EnrollmentRefusal):
    """The ID number is not the one that the account was registered with."""

    def __init__(self) -> None:
        super().__init__(
            _("This account was registered with another ID number. Leave the account empty to open a new one.")
        )


class AccountClosed(EnrollmentRefusal):
    """A closed account gets nothing more."""

    def __init__(self) -> None:
        super().__init__(_("This account is closed. Register the person anew."))


class SlipWaiting(EnrollmentRefusal):
    """A slip for this account has not been printed yet."""

    def __init__(self) -> None:
        super().__init__(_("A slip for this account is waiting to be printed already. Print that one."))


class EntitlementExpired(EnrollmentRefusal):
    """The approval was not used in time."""

    def __init__(self) -> None:
        super().__init__(_("The time to use this approval is over. Ask the registration desk to register you again."))


class EntitlementUsed(EnrollmentRefusal):
    """The one order of this approval was made."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This approval has been used: its certificate was issued. You find it under Download; for another "
                "one, ask the registration desk."
            )
        )


class StepMissing(EnrollmentRefusal):
    """Something before the key is not done yet; `step` says what."""

    def __init__(self, step: str) -> None:
        text: Promise = _("Something before this step is not done yet. Do it first; nothing you entered is lost.")
        super().__init__(text)
        self.step = step
