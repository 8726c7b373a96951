"""The life of a slip, and the words for documents and steps."""

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


class OfferState(models.TextChoices):
    """Where an entitlement stands, as its holder sees it."""

    OPEN = "open", _("ready to be used")
    BEGUN = "begun", _("begun")
    RUNNING = "running", _("being issued")
    USED = "used", _("used: the certificate was issued")
    EXPIRED = "expired", _("expired")


class Document(models.TextChoices):
    """What an officer has seen before entering a registration."""

    IDENTITY = "identity", _("identity card or passport of the person")
    COMPANY = "company", _("proof that the organisation is registered")
    AUTHORITY = "authority", _("letter in which the organisation authorises the person")
    FORM = "form", _("application form, signed")


class Step(models.TextChoices):
    """The steps from an approval to a certificate, in their order."""

    DATA = "data", _("Your data")
    MAILBOX = "mailbox", _("Mailbox")
    AGREEMENT = "agreement", _("Agreement")
    KEY = "key", _("Key")
    ORDER = "order", _("Certificate")
