"""What the desk refuses."""

from django.utils.translation import gettext_lazy as _

from cases.errors import CaseRefusal


class SecretsForgotten(CaseRefusal):
    """The mail held a link or a text that is no longer kept."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This mail held something that is kept for a day only, so it cannot be sent again. Reject the case; "
                "the person can ask for a new mail."
            )
        )
