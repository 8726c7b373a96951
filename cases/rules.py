"""Who may enter and who may decide."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from accounts.models import Officer
from accounts.states import Role


def may_enter(officer: Officer) -> None:
    """Raise `PermissionDenied` unless the officer is a registration officer."""
    if not officer.may(Role.REGISTRATION):
        raise PermissionDenied(_("Only a registration officer may enter this."))


def may_decide(officer: Officer) -> None:
    """Raise `PermissionDenied` unless the officer is an approving officer."""
    if not officer.may(Role.APPROVING):
        raise PermissionDenied(_("Only an approving officer may decide this."))
