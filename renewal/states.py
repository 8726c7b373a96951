"""Where something that could be renewed stands, as its holder sees it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitState(models.TextChoices):
    """Where the certificates of one order stand; a pair is renewed together. Pages show them in this order."""

    OPEN = "open", _("can be renewed now")
    RUNNING = "running", _("its renewal is being issued")
    EARLY = "early", _("cannot be renewed yet")
    ELSEWHERE = "elsewhere", _("is renewed at the desk")
    RENEWED = "renewed", _("was renewed")
    ENDED = "ended", _("has ended")
    HELD = "held", _("is suspended")
    REVOKED = "revoked", _("was revoked")
