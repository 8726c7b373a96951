"""Drill 12: revoke very many in one act; OCSP and the list say so within 10 minutes. `make bench` does 10,000."""

import pytest

from certificates.models import Authority, Certificate, PublicKey
from notifications.models import Message
from portal import status
from tests import environment
from tests.certificates.making import ceremony
from tests.revocation.crowd import answering, crowd, revoke_at_once

COUNT = 2000  # a few seconds for a thousand on a busy machine; ten thousand would take a minute and more
WITHIN = 10 * 60  # seconds
MEMORY = 64  # MiB; a thousand take eight


@pytest.mark.django_db
@pytest.mark.skipif(not environment.POSTGRESQL, reason="an installation with so many holders runs on PostgreSQL")
def test_a_crowd_is_revoked_in_one_act(monkeypatch: pytest.MonkeyPatch) -> None:
    # The test's own transaction must outlive the requests to the status process.
    monkeypatch.setattr(status, "close_old_connections", lambda: None)
    authority = ceremony()
    answering(authority)
    crowd(authority, COUNT)
    figures = revoke_at_once(authority, COUNT, asked_for=200)
    assert figures.certificates == COUNT
    assert figures.last_ocsp < WITHIN
    assert figures.growth < MEMORY
    assert Authority.objects.get(pk=authority.pk).lists.count() == 2, "the ceremony's, and one for all of them"
    revoked = Certificate.objects.filter(state="revoked", revocation_reason="keyCompromise", authority=authority)
    assert revoked.count() == PublicKey.objects.filter(block_reason="compromised").count() == COUNT
    told = Message.objects.filter(event="revocation-approved")
    assert told.count() == told.values("address").distinct().count() == COUNT, "each holder once"
