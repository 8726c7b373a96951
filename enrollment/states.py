"""The lives of a registration, a slip and a reset request."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SlipState(models.TextChoices):
    """Where a passcode slip stands."""

    DUE = "due", _("to be printed")
    PRINTED = "printed", _("printed")
    VOID = "void", _("replaced")


SLIP_MOVES = {
    SlipState.DUE: frozenset({SlipState.PRINTED, SlipState.VOID}),
    SlipState.PRINTED: frozenset({SlipState.VOID}),
    SlipState.VOID: frozenset[str](),
}
