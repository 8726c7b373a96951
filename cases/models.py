"""What waits for whose decision."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import Office, Officer
from cases.states import MOVES, CaseKind, CaseState


def new_reference() -> str:
    """A reference of 10 characters that people can read to each other on the telephone (no look-alikes)."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _ in range(10))


class Case(models.Model):
    """One thing that officers decide: its kind, its clock, who entered it and who decided.

    The person ids are kept beside the officers, so that the database itself refuses a case that was entered and
    decided by one person, whichever of their accounts they used. Where no officer entered it, `entered_person` is the
    text id of whoever did: `subscriber:…`, `visitor` or `system`.
    """

    MOVES: ClassVar = MOVES

    reference = models.CharField(max_length=12, unique=True, default=new_reference)
    kind = models.CharField(max_length=20, choices=CaseKind.choices)
    office = models.ForeignKey(Office, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.OPEN)
    revision = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    urgent = models.BooleanField(default=False)  # before all others in the queue
    escalated_at = models.DateTimeField(null=True, blank=True)  # when the desk was told that it is overdue
    entered_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, related_name="cases_entered", null=True, blank=True
    )
    entered_person = models.CharField(max_length=64)
    decided_by = models.ForeignKey(
        Officer, on_delete=models.PROTECT, related_name="cases_decided", null=True, blank=True
    )
    decided_person = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-urgent", "due_at", "id"]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="case_two_persons",
                condition=~Q(decided_person=F("entered_person")),
            ),
            models.CheckConstraint(
                name="case_decided_by_someone",
                condition=Q(state__in=["open", "withdrawn"]) | (Q(decided_by__isnull=False) & ~Q(decided_person="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"

    @property
    def entered_name(self) -> str:
        """Who entered it, as pages say it."""
        if self.entered_by is not None:
            return self.entered_by.name
        kind = self.entered_person.partition(":")[0]
        return str({"subscriber": _("the holder"), "system": _("the service")}.get(kind, _("a visitor")))

    @property
    def audit_id(self) -> str:
        """The id under which the audit speaks of this case."""
        return f"case:{self.reference}"
