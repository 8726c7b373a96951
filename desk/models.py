"""What an officer must do next, where no other app is the home of it."""

from django.db import models

from cases.models import Case
from notifications.models import Message


class UndeliveredMail(models.Model):
    """A mail that could not be delivered or was sent back; the case decides whether it is sent again."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="undelivered_mail")
    message = models.ForeignKey(Message, on_delete=models.PROTECT)
    failed_at = models.DateTimeField()  # of the failure that this case is about: a mail may fail again

    def __str__(self) -> str:
        return str(self.case)
