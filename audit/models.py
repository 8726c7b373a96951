"""The append-only record of what happened."""

from typing import ClassVar

from django.db import models


class Event(models.Model):
    """One thing that happened.

    Actor and subject are text ids without foreign keys, so that the record outlives what it speaks of. The details
    hold no personal data. Triggers refuse UPDATE and DELETE.
    """

    at = models.DateTimeField(db_index=True)
    name = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    subject = models.CharField(max_length=96, db_index=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.name} {self.subject}"
