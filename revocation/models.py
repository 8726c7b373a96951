"""Stop trusting this."""

from typing import ClassVar

from django.db import models

from accounts.models import Subscriber
from cases.models import Case
from certificates.models import Certificate
from revocation.states import Door, Proof, Reason, Trouble


class RevocationRequest(models.Model):
    """A wish to have certificates revoked; the case decides. `RevocationLine` says which."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="revocation")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, null=True, blank=True)
    door = models.CharField(max_length=10, choices=Door.choices)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    form_number = models.CharField(max_length=40, blank=True, default="")  # of the paper form, where there is one
    explanation = models.TextField(blank=True, default="")  # in the words of whoever asks
    closes_account = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.case)


class RevocationLine(models.Model):
    """One certificate of a request, and whether the request put it on hold."""

    request = models.ForeignKey(RevocationRequest, on_delete=models.PROTECT, related_name="lines")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="revocation_lines")
    held = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "certificate"], name="revocation_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.certificate_id}"


class ProblemReport(models.Model):
    """What somebody, known to us or not, reports about a certificate; the case decides.

    Evidence is text. A private key that was sent is never stored: `proof` keeps what the machine saw in it.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="problem_report")
    trouble = models.CharField(max_length=10, choices=Trouble.choices)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, null=True, blank=True)
    named = models.CharField(max_length=80, blank=True, default="")  # the certificate as the reporter named it
    evidence = models.TextField(blank=True, default="")
    proof = models.CharField(max_length=10, choices=Proof.choices, default=Proof.NONE)
    reporter_email = models.EmailField(max_length=254, blank=True, default="")
    language = models.CharField(max_length=10)

    def __str__(self) -> str:
        return str(self.case)


class ReportLine(models.Model):
    """One certificate that a report is about: whether a machine proved it, and whether the report put it on hold."""

    report = models.ForeignKey(ProblemReport, on_delete=models.PROTECT, related_name="lines")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="report_lines")
    proven = models.BooleanField(default=False)
    held = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "certificate"], name="report_line_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.certificate_id}"
