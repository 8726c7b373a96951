"""Deciding what has no other home."""

from django.db import transaction

from cases import services as cases
from cases.models import Case
from cases.services import Decision
from desk.errors import SecretsForgotten
from notifications.errors import SecretsWiped
from notifications.services import resend


@transaction.atomic
def decide_mail(*, case: Case, decision: Decision) -> None:
    """Send a mail again to its own address (approve), or leave it, with the reason (reject).

    Raises what `cases.services.decide` raises, `SecretsForgotten`, and `WrongState` where it was sent meanwhile.
    """
    cases.decide(case=case, decision=decision)
    if decision.approve:
        try:
            resend(message=case.undelivered_mail.message, actor=decision.officer.audit_id)
        except SecretsWiped as refusal:
            raise SecretsForgotten from refusal
