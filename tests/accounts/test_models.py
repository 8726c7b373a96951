"""Accounts and what was verified about people."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from accounts.models import Account, Identity
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_raised_epoch_ends_open_sessions(client: Client) -> None:
    browser = factories.signed_in(client, factories.subscriber())
    assert browser.get("/certificates/").status_code == 200
    Account.objects.update(epoch=F("epoch") + 1)
    assert "/account/sign-in/" in browser.get("/certificates/")["Location"]


def test_an_identity_is_never_changed() -> None:
    identity = factories.subscriber().identities.get()
    identity.family_name = "Other"
    with pytest.raises(IntegrityError), transaction.atomic():
        identity.save()
    assert Identity.objects.get().family_name != "Other"
