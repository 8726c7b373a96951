"""What every flow stands on: a CA, and the agreement."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.states import Role
from certificates.models import Authority
from tests.certificates.making import ceremony
from tests.factories import officer, signed_in
from tests.flows import journey
from tests.flows.journey import post
from tests.flows.renewer import Renewer


@pytest.fixture
def ca(db: None) -> Authority:
    """An issuing CA on P-256 under a root of its own, and the agreement's texts."""
    call_command("load_agreements", stdout=StringIO())
    return ceremony()


@pytest.fixture
def renewer(ca: Authority) -> Renewer:
    """Registered, approved, with a password; the doors of officers are tested elsewhere."""
    desk = signed_in(Client(), officer(roles=[Role.REGISTRATION]))
    approver = signed_in(Client(), officer(roles=[Role.APPROVING]))
    assert journey.decided(approver, journey.registered(desk)).status_code == 302
    account, passcode = journey.printed(desk)
    client, _answer = journey.signed_in(account, passcode)
    first = {"new": journey.NEW_PASSWORD, "again": journey.NEW_PASSWORD}
    assert post(client, reverse("accounts:first-password"), first).status_code == 302
    return Renewer(account, client=client)
