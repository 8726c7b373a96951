"""The desk invites holders to renew. Their keys stay theirs: an invitation is a letter and nothing else."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from accounts.models import Officer
from accounts.states import AccountState
from audit.services import record_all
from certificates.models import Order
from notifications.rules import is_plain_address
from notifications.services import promise_all
from renewal.jobs.letters import invitation_letter
from renewal.models import Invitation
from renewal.selectors.ending import renewals_of, units_of
from renewal.selectors.officer import not_invited_lately

AT_ONCE = 1000  # orders in one act


@dataclass(frozen=True)
class Invited:
    """How many holders were invited, and how many of those asked for were left out."""

    invited: int
    left_out: int


def invite(*, officer: Officer, orders: Collection[int]) -> Invited:
    """Send each holder of these orders (row ids, at most `AT_ONCE` count) a letter with the way to renew.

    Left out are orders of other offices, those that cannot be renewed now (renewed meanwhile, before or after their
    window, held, revoked, closed accounts), and holders who were invited within `INVITATION_DAYS`.
    """
    now, wanted = timezone.now(), sorted(orders)[:AT_ONCE]
    with transaction.atomic():
        # Officers who invite the same holders at once wait for each other here; the later one then finds them invited.
        locked = Order.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted).order_by("pk")
        list(locked.filter(subscriber__office=officer.office).values_list("pk"))
        free = Order.objects.filter(~Exists(renewals_of("pk")), pk__in=wanted, subscriber__office=officer.office)
        free = not_invited_lately(free, now).exclude(subscriber__account__state=AccountState.CLOSED)
        found = units_of(list(free.select_related("subscriber__account").order_by("pk")))
        units = [unit for unit in found if unit.open(now) and is_plain_address(unit.identity.email)]
        Invitation.objects.bulk_create(
            Invitation(certificate_id=one.pk, invited_by=officer, invited_at=now)
            for unit in units
            for one in unit.certificates
        )
        subjects = [unit.order.audit_id for unit in units]
        record_all(event="renewal.invited", actor=officer.audit_id, subjects=subjects)
        promise_all(letters=[invitation_letter(unit, now) for unit in units])
    return Invited(invited=len(units), left_out=len(set(orders)) - len(units))
