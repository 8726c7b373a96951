"""Kinds and states of a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaseKind(models.TextChoices):
    """What is to be decided."""

    REGISTRATION = "registration", _("Registration")
    RESET = "reset", _("Password reset")
    REVOCATION = "revocation", _("Revocation")
    REPORT = "report", _("Problem report")
    MAIL = "mail", _("Undelivered mail")


class CaseState(models.TextChoices):
    """Where a case stands."""

    OPEN = "open", _("waiting for a decision")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")
    WITHDRAWN = "withdrawn", _("withdrawn")


MOVES = {
    CaseState.OPEN: frozenset({CaseState.APPROVED, CaseState.REJECTED, CaseState.WITHDRAWN}),
    CaseState.APPROVED: frozenset[str](),
    CaseState.REJECTED: frozenset[str](),
    CaseState.WITHDRAWN: frozenset[str](),
}
