"""People for tests, made by the real services."""

import itertools
import time
from collections.abc import Sequence
from typing import Any

from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import Account, Office, Officer, Subscriber
from accounts.services import (
    IdentityFacts,
    add_identity,
    create_officer,
    open_account,
    print_passcode,
    set_first_password,
)
from accounts.states import AccountState, IdentityKind, Role
from audit.services import SYSTEM

PASSWORD = "correct-battery-Staple-7"
_numbers = itertools.count(1)


def office(code: str = "main") -> Office:
    """The registration office."""
    return Office.objects.get_or_create(code=code, defaults={"name": f"Office {code}"})[0]


def officer(
    username: str = "",
    roles: Sequence[Role] = (Role.REGISTRATION, Role.APPROVING),
    *,
    person_id: str = "",
    at: Office | None = None,
) -> Officer:
    """An officer with `PASSWORD` and a one-time-code device; another person each time unless told otherwise."""
    username = username or f"officer{next(_numbers)}"
    return create_officer(
        username=username,
        password=PASSWORD,
        name=f"Officer {username.title()}",
        person_id=person_id or f"person-{username}",
        office=at or office(),
        roles=roles,
    )[0]


def subscriber(
    *,
    state: AccountState = AccountState.ACTIVE,
    password: str = PASSWORD,
    language: str = "en",
    at: Office | None = None,
    **facts: Any,
) -> Subscriber:
    """A subscriber with one identity, in state NEW, SLIP or ACTIVE (then with `password`).

    `facts` replace what was verified (fields of `IdentityFacts`).
    """
    person = open_account(office=at or office(), language=language)
    identity(person, **facts)
    if state != AccountState.NEW:
        print_passcode(account=person.account, actor=SYSTEM)
    if state == AccountState.ACTIVE:
        set_first_password(account=person.account, new=password)
    return person


def identity(person: Subscriber, **facts: Any) -> Any:
    """One more identity version of a subscriber."""
    number = next(_numbers)
    known: dict[str, Any] = {
        "kind": IdentityKind.PERSONAL,
        "given_name": "Mei",
        "family_name": "Chan",
        "name_chinese": "陳美",
        "id_number": f"1234{number:03d}(8)",
        "email": f"mei.chan.{number}@example.org",
        "telephone": "+853 2833 0000",
        "address": "Largo do Senado, Macau",
        "country": "MO",
        "evidence": f"case:TEST{number:06d}",
    }
    return add_identity(subscriber=person, facts=IdentityFacts(**{**known, **facts}))


def signed_in(client: Client, who: Subscriber | Officer) -> Client:
    """Give `client` the session that signing in would have opened; an officer's has its one-time code."""
    account: Account = who.account
    client.force_login(account)
    now = int(time.time())
    session = client.session
    session["kind"] = "subscriber" if isinstance(who, Subscriber) else "officer"
    session["signed_in_at"] = session["seen_at"] = now
    if isinstance(who, Officer):
        session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.get(user=account).persistent_id
        session["second_factor_at"] = now
    session.save()
    return client


def code_of(who: Officer, *, steps: int = 0) -> str:
    """The one-time code that the officer's app shows now, or so many steps of 30 seconds later."""
    device = TOTPDevice.objects.get(user=who.account)
    app = TOTP(device.bin_key, device.step, device.t0, device.digits)
    app.time = time.time() + steps * device.step
    return f"{app.token():06d}"
