"""By which door a wish to revoke came in, why, and what a problem report is about."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Door(models.TextChoices):
    """By which door a request came in."""

    SIGNED_IN = "signed-in", _("signed in")
    PHRASE = "phrase", _("with the challenge phrase")
    PAPER = "paper", _("on a paper form")


class Reason(models.TextChoices):
    """Why a certificate is to be revoked, in plain words; `reasons` says what the list calls it (RFC 5280 5.3.1)."""

    LOST = "lost", _("The key was lost, or nobody knows its password any more")
    EXPOSED = "exposed", _("Somebody else has the key, or may have it")
    CHANGED = "changed", _("The data in the certificate are no longer right")
    UNUSED = "unused", _("The certificate is no longer needed")
    REPLACED = "replaced", _("Another certificate has replaced it")
    MISUSED = "misused", _("The certificate was misused, or its holder broke the agreement")


class Trouble(models.TextChoices):
    """What a problem report is about."""

    KEY_FOUND = "key-found", _("I have or have seen the private key")
    MISUSE = "misuse", _("A certificate is misused")
    WRONG = "wrong", _("A certificate says something wrong")
    OTHER = "other", _("Something else")


class Proof(models.TextChoices):
    """What the machine found in the evidence of a report."""

    NONE = "none", _("nothing that a machine can check")
    KEY = "key", _("the private key itself: it is the certificate's")
    SIGNATURE = "signature", _("a statement signed with the certificate's key")
    OTHER_KEY = "other-key", _("a key or signature, but of no certificate of ours")
