"""The subscriber agreement: loading its texts, accepting it."""

import hashlib

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.errors import AgreementChanged, AgreementRewritten
from accounts.models import Acceptance, AgreementText, Subscriber
from audit.services import SYSTEM, record


def load_agreement(*, version: int, language: str, text: str) -> bool:
    """Store a text of the agreement; False where it was stored before.

    Raises `AgreementRewritten` for another text under a version and language that people may have accepted.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()
    with transaction.atomic():
        stored, created = AgreementText.objects.get_or_create(
            version=version, language=language, defaults={"text": text, "sha256": digest}
        )
        if stored.sha256 != digest:
            raise AgreementRewritten(f"version {version} in {language} is stored with another text")
        if created:
            record(
                event="agreement.loaded",
                actor=SYSTEM,
                subject=f"agreement:{version}:{language}",
                details={"sha256": digest},
            )
    return created


def accept_agreement(*, subscriber: Subscriber, version: int, language: str, purpose: str) -> Acceptance:
    """Keep that the subscriber accepted this text for `purpose` (text id of an order); once for each.

    Raises `AgreementChanged` where `version` is not the one in force or has no such language.
    """
    newest = AgreementText.objects.aggregate(newest=Max("version"))["newest"]
    text = AgreementText.objects.filter(version=version, language=language).first()
    if text is None or version != newest:
        raise AgreementChanged
    with transaction.atomic():
        acceptance, created = Acceptance.objects.get_or_create(
            subscriber=subscriber,
            purpose=purpose,
            defaults={"agreement": text, "accepted_at": timezone.now()},
        )
        if created:
            record(
                event="agreement.accepted",
                actor=subscriber.audit_id,
                subject=purpose,
                details={"version": version, "language": language, "sha256": text.sha256},
            )
    return acceptance
