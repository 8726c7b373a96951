"""The life of an account."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountState(models.TextChoices):
    """Where an account stands."""

    NEW = "new", _("no passcode slip printed yet")
    SLIP = "slip", _("passcode slip printed, not used yet")
    ACTIVE = "active", _("in use")
    LOCKED = "locked", _("locked")
    CLOSED = "closed", _("closed")


MOVES = {
    AccountState.NEW: frozenset({AccountState.SLIP, AccountState.ACTIVE, AccountState.CLOSED}),
    AccountState.SLIP: frozenset(
        {AccountState.SLIP, AccountState.ACTIVE, AccountState.LOCKED, AccountState.NEW, AccountState.CLOSED}
    ),
    AccountState.ACTIVE: frozenset({AccountState.LOCKED, AccountState.NEW, AccountState.CLOSED}),
    AccountState.LOCKED: frozenset({AccountState.NEW, AccountState.CLOSED}),
    AccountState.CLOSED: frozenset[str](),
}


class Role(models.TextChoices):
    """What an officer may do; one person may hold several."""

    REGISTRATION = "registration", _("registration officer")
    APPROVING = "approving", _("approving officer")
    OPERATOR = "operator", _("CA operator")
    AUDITOR = "auditor", _("auditor")


class IdentityKind(models.TextChoices):
    """What was verified."""

    PERSONAL = "personal", _("a person")
    ORGANISATION = "organisation", _("a person in an organisation")
    MAILBOX = "mailbox", _("a mailbox only")
