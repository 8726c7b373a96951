"""Queries and milliseconds of each page that a subscriber sees, on the way that a real one goes."""

# ruff: noqa: I001  # the scene comes first: it makes the tables that the others need
from tests.bench import scene

import statistics
import time
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.states import Role
from certificates.models import Certificate
from tests.certificates.making import ceremony
from tests.factories import officer, signed_in
from tests.flows import journey
from tests.flows.journey import Applicant, pem

TIMES = 15


def measured(client: Client, name: str, address: str) -> None:
    """Fetch a page some times, and tell its queries and its median time."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    asked = len(queries)  # the next request empties the list
    assert answer.status_code == 200, (address, answer.status_code)
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        client.get(address)
        taken.append((time.perf_counter() - begun) * 1000)
    scene.tell(page=name, queries=asked, milliseconds=statistics.median(taken))


def applicant() -> Applicant:
    """Somebody who was registered, approved, and signed in for the first time."""
    desk = signed_in(Client(), officer(roles=[Role.REGISTRATION]))
    approver = signed_in(Client(), officer(roles=[Role.APPROVING]))
    journey.decided(approver, journey.registered(desk))
    account, passcode = journey.printed(desk)
    client, _ = journey.signed_in(account, passcode)
    first = {"new": journey.NEW_PASSWORD, "again": journey.NEW_PASSWORD}
    journey.post(client, reverse("accounts:first-password"), first)
    return Applicant(client)


def main() -> None:
    """Walk from the sign-in page to the certificate, measuring each page while it is the one to be seen."""
    ceremony()
    measured(Client(), "sign in", reverse("accounts:sign-in"))
    person = applicant()
    client = person.client
    measured(client, "centre", reverse("home"))
    measured(client, "apply", reverse("enrollment:home"))
    person.begin("personal")
    steps: list[tuple[str, Callable[[], None]]] = [
        ("data", person.confirm),
        ("mailbox", person.prove_mailbox),
        ("agreement", person.agree),
    ]
    for page, act in steps:
        measured(client, page, person.address(page))
        act()
    measured(client, "key", person.address("key"))
    person.send(pem(), pem())
    measured(client, "signing", person.address("order"))
    measured(client, "signing (script)", person.address("status"))
    person.have_signed()
    measured(client, "issued", person.address("order"))
    measured(client, "download", reverse("certificates:list"))
    measured(client, "view", reverse("certificates:view", args=[Certificate.objects.all()[0].number]))
    for name in ("renewal:home", "revocation:home", "accounts:password"):
        measured(client, name.replace(":", " ").replace(" home", ""), reverse(name))


if __name__ == "__main__":
    main()
