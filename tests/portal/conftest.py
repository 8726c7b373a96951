"""Readers of the pages: a subscriber and an officer, each with a browser."""

import time
from collections.abc import Callable

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice

from accounts.models import Account, Office, Officer, Subscriber
from accounts.states import AccountState, Role

Browser = Callable[..., Client]


def _signed_in(account: Account, kind: str, *, verified: bool = True) -> Client:
    client = Client()
    session = client.session
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.AccountBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    now = int(time.time())
    session.update({"kind": kind, "signed_in_at": now, "seen_at": now})
    if kind == "officer" and verified:
        session[DEVICE_ID_SESSION_KEY] = StaticDevice.objects.create(user=account, name="test").persistent_id
        session["second_factor_at"] = now
    session.save()
    client.cookies["session"] = session.session_key or ""
    return client


@pytest.fixture
def office(db: None) -> Office:
    return Office.objects.create(code="TEST", name="Test office")


@pytest.fixture
def subscriber_browser(office: Office) -> Browser:
    def make(state: AccountState = AccountState.ACTIVE) -> Client:
        account = Account.objects.create(username="ABCDEFGHJKMN", state=state, language="en")
        Subscriber.objects.create(account=account, office=office)
        return _signed_in(account, "subscriber")

    return make


@pytest.fixture
def officer_browser(office: Office) -> Browser:
    def make(*roles: Role, verified: bool = True) -> Client:
        account = Account.objects.create(username="anna", state=AccountState.ACTIVE, language="en")
        names = [role.value for role in roles]
        Officer.objects.create(account=account, person_id="p1", name="Anna", office=office, roles=names)
        return _signed_in(account, "officer", verified=verified)

    return make
