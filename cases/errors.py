"""What a decision may be refused for."""

from django.utils.translation import gettext_lazy as _


class CaseRefusal(Exception):
    """A decision that cannot be taken; the text says what to do next."""


class SamePerson(CaseRefusal):
    """Two pairs of eyes: nobody decides what they entered themselves."""

    def __init__(self) -> None:
        super().__init__(_("You entered this case yourself. Ask another officer to decide it."))


class CaseChanged(CaseRefusal):
    """The case was edited after the officer had read it."""

    def __init__(self) -> None:
        super().__init__(_("This case was changed after you opened it. Read it again, then decide."))


class ReasonMissing(CaseRefusal):
    """A rejection without a reason helps nobody."""

    def __init__(self) -> None:
        super().__init__(_("Say why you reject this case; the applicant will read it."))
