"""Who may do what: every address of the site x every role x every verb. A new address without a row fails.

Each call is rolled back, so that every row meets the same world: `owner` has a draft order that waits for its key, a
certificate that was issued, and an entitlement; `other` is another subscriber; an open case waits, entered by a
third officer.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from captcha.models import CaptchaStore
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Subscriber
from accounts.selectors import current_agreement
from accounts.services import accept_agreement, print_passcode, set_first_password
from accounts.states import IdentityKind, Role
from cases.services import Decision
from certificates.jobs import issue_orders
from certificates.models import Certificate, Order
from certificates.services import Submission, confirm_data
from enrollment.models import Entitlement
from enrollment.rules import DOCUMENTS, RegistrationFacts
from enrollment.services import decide_registration, open_application, register, submit_csr
from renewal.services.renewing import open_renewal
from tests import factories
from tests.certificates.making import ceremony, csr

ROLES = ("visitor", "owner", "other", "registration", "approving")

# Outcomes: ok 200, form 422 (an empty form comes back), door = sent to a door, away = sent elsewhere on the site,
# no 403, none 404, verb 405, gone 410.
PUBLIC = "ok ok ok ok ok"
NO_POST = "verb verb verb verb verb"
OWNER = "door ok none no no"  # who is signed in as somebody else does not learn that it exists
OFFICERS = "door no no ok ok"
ENTERING = "door no no ok no"
TABLE: dict[str, tuple[str, str]] = {  # name of the address: (what GET gives, what an empty POST gives), role by role
    "home": (PUBLIC, NO_POST),
    "accounts:sign-in": (PUBLIC, PUBLIC),
    "accounts:officer-sign-in": (PUBLIC, PUBLIC),
    "accounts:second-factor": ("door door door ok ok", "door door door ok ok"),
    "accounts:sign-out": (NO_POST, "away away away away away"),
    "accounts:locked": (PUBLIC, NO_POST),
    "accounts:first-password": ("door away away away away", "door away away away away"),
    "accounts:password": ("door ok ok ok ok", "door ok ok ok ok"),
    "accounts:picture": (PUBLIC, NO_POST),
    "accounts:picture-image": (PUBLIC, NO_POST),
    "accounts:picture-sound": (PUBLIC, NO_POST),
    "accounts:mailbox": ("gone gone gone gone gone", "gone gone gone gone gone"),
    "accounts:details": ("door ok ok no no", NO_POST),
    "accounts:listing": (NO_POST, "door away away no no"),
    "accounts:email": ("door ok ok no no", "door form form no no"),
    "accounts:withdraw-email": (NO_POST, "door away away no no"),
    "accounts:set-language": (NO_POST, "away away away away away"),
    "enrollment:home": ("ok ok ok away away", "ok ok ok away away"),
    "enrollment:reset-wish": (PUBLIC, "form form form form form"),
    "enrollment:start": ("door away none no no", "door away none no no"),
    "enrollment:order": ("door away none no no", "door away none no no"),
    "enrollment:data": (OWNER, "door away none no no"),
    "enrollment:report-error": (OWNER, "door form none no no"),
    "enrollment:mailbox": (OWNER, "door away none no no"),
    "enrollment:agreement": (OWNER, "door form none no no"),
    "enrollment:key": (OWNER, "door form none no no"),
    "renewal:home": (PUBLIC, NO_POST),
    "renewal:start": ("door away none no no", "door away none no no"),
    "renewal:renew": (OWNER, "door form none no no"),
    "renewal:nonce": (NO_POST, "door ok none no no"),
    "renewal:mailbox": (NO_POST, "door away none no no"),
    "revocation:home": (PUBLIC, "form form form form form"),
    "revocation:withdraw": (NO_POST, "door none none no no"),
    "revocation:numbers": (PUBLIC, "form form form form form"),
    "revocation:close": ("door ok ok no no", "door form form no no"),
    "certificates:list": ("door ok ok no no", NO_POST),
    "certificates:overview": ("door ok ok no no", NO_POST),
    "certificates:bundle": ("door away away no no", "door away away no no"),
    "certificates:view": (OWNER, NO_POST),
    "certificates:file": (OWNER, NO_POST),
    "certificates:order": (OWNER, NO_POST),
    "certificates:order-status": (OWNER, NO_POST),
    "desk:queue": (OFFICERS, OFFICERS),
    "desk:case": (OFFICERS, "door no no no form"),
    "desk:register": (ENTERING, "door no no form no"),
    "desk:slips": (ENTERING, ENTERING),
    "desk:print-slip": ("door no no away no", "door no no away no"),
    "desk:reset": (ENTERING, "door no no form no"),
    "desk:renewals": (OFFICERS, "door no no away no"),
    "desk:mails": ("door no no no no", NO_POST),  # an operator's; tests/desk/views/test_mails.py lets one in
    "desk:mail": ("door no no no no", NO_POST),
    "desk:revoke": (ENTERING, "door no no form no"),
    "desk:decide-many": ("door no no no away", "door no no no away"),
    "search": (PUBLIC, NO_POST),
    "found": (PUBLIC, NO_POST),
    "found-file": (PUBLIC, NO_POST),
    "report": (PUBLIC, "form form form form form"),
    "practice-statement": (PUBLIC, NO_POST),
    "trust": (PUBLIC, NO_POST),
    "guides": (PUBLIC, NO_POST),
    "forms": (PUBLIC, NO_POST),
    "form": (PUBLIC, NO_POST),
    "terms": (PUBLIC, NO_POST),
    "privacy": (PUBLIC, NO_POST),
    "accessibility": (PUBLIC, NO_POST),
    "healthz": (PUBLIC, NO_POST),
}

WHO = "owner@example.org"
SAME_IN_EVERY_WORLD = {  # objects that no world has to make
    "accounts:mailbox": {"token": "no-such-token"},
    "desk:mail": {"event": "mailbox-link"},
    "form": {"form": "registration"},
    "revocation:withdraw": {"reference": "NOSUCHCASE"},
}


@dataclass(frozen=True)
class World:
    """The people, each with a browser, and the objects that addresses name."""

    clients: dict[str, Client]
    objects: dict[str, dict[str, str]]


def _addresses(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _addresses(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}"


def _facts(email: str) -> RegistrationFacts:
    return RegistrationFacts(
        kind=IdentityKind.PERSONAL,
        given_name="Mei",
        family_name="Chan",
        id_number=f"{abs(hash(email)) % 10**7:07d}",
        email=email,
        country="MO",
        language="en",
        profiles=("personal", "secure-email"),
        documents_seen=tuple(DOCUMENTS[IdentityKind.PERSONAL]),
    )


def _draft(owner: Subscriber, profile: str) -> Order:
    """An order of `owner` that waits for nothing but its key."""
    entitlement = Entitlement.objects.get(subscriber=owner, profile=profile)
    order = open_application(subscriber=owner, entitlement=entitlement)
    confirm_data(order=order, actor=owner.audit_id)
    text = current_agreement("en")
    accept_agreement(subscriber=owner, version=text.version, language="en", purpose=order.audit_id)
    return order


@pytest.fixture
def world(db: None) -> World:
    """Everything that the rows of the table speak of."""
    call_command("load_agreements", stdout=StringIO())
    ceremony()
    third, approver = factories.officer("third"), factories.officer("approver", roles=[Role.APPROVING])
    case = register(officer=third, facts=_facts(WHO)).case
    decide_registration(case=case, decision=Decision(officer=approver, approve=True, revision=case.revision))
    Subscriber.objects.update(listed=True)
    owner = Subscriber.objects.get()
    print_passcode(account=owner.account, actor=third.audit_id)
    set_first_password(account=owner.account, new=factories.PASSWORD)
    now = timezone.now()
    owner.mailbox_proofs.create(email=WHO, token_hash="x", sent_at=now, expires_at=now, proven_at=now)
    order = _draft(owner, "secure-email")
    csrs = (csr(),)
    issued = submit_csr(order=order, subscriber=owner, submission=Submission(csrs, "Challenge phrase 7"))
    issue_orders([issued.pk])
    Certificate.objects.update(not_after=now + timedelta(days=10))  # so that it can be renewed
    renewal = {"public_id": str(open_renewal(subscriber=owner, old=issued).public_id)}
    waiting = register(officer=third, facts=_facts("next@example.org")).case
    draft = {"public_id": str(_draft(owner, "personal").public_id)}
    certificate = {"number": Certificate.objects.get().number}
    people: dict[str, Any] = {
        "owner": owner,
        "other": factories.subscriber(),
        "registration": factories.officer("entering", roles=[Role.REGISTRATION]),
        "approving": approver,
    }
    picture = CaptchaStore.generate_key()
    return World(
        clients={"visitor": Client(), **{role: factories.signed_in(Client(), who) for role, who in people.items()}},
        objects={
            "enrollment:start": {"public_id": str(Entitlement.objects.get(profile="personal").public_id)},
            **{
                f"enrollment:{page}": draft for page in ("order", "data", "report-error", "mailbox", "agreement", "key")
            },
            "found": certificate,
            "found-file": {**certificate, "kind": "p7b"},
            "certificates:view": certificate,
            "certificates:file": {**certificate, "kind": "pem"},
            "certificates:order": {"public_id": str(issued.public_id)},
            "certificates:order-status": {"public_id": str(issued.public_id)},
            "renewal:start": {"public_id": str(issued.public_id)},
            **{f"renewal:{page}": renewal for page in ("renew", "nonce", "mailbox")},
            "desk:case": {"reference": waiting.reference},
            "accounts:picture-image": {"key": picture},
            "accounts:picture-sound": {"key": picture, "language": "en"},
            **SAME_IN_EVERY_WORLD,
        },
    )


def _outcome(answer: Any) -> str:
    if answer.status_code in (301, 302):
        doors = ("accounts:sign-in", "accounts:officer-sign-in", "accounts:second-factor", "accounts:first-password")
        return "door" if answer["Location"].startswith(tuple(reverse(door) for door in doors)) else "away"
    names = {200: "ok", 403: "no", 404: "none", 405: "verb", 410: "gone", 422: "form"}
    return names.get(answer.status_code, str(answer.status_code))


def _seen(world: World, name: str, verb: str, role: str) -> str:
    address = reverse(name, kwargs=world.objects.get(name, {}))
    client = Client()
    client.cookies = deepcopy(world.clients[role].cookies)  # signing out must not end the next row's session
    with transaction.atomic():
        outcome = _outcome(getattr(client, verb)(address))
        transaction.set_rollback(True)
    return outcome


def test_every_address_has_its_row() -> None:
    assert set(_addresses(get_resolver())) == set(TABLE)


def test_everybody_gets_what_the_table_says(world: World) -> None:
    wrong = []
    for name, row in TABLE.items():
        for verb, expected in zip(("get", "post"), row, strict=True):
            seen = " ".join(_seen(world, name, verb, role) for role in ROLES)
            if seen != expected:
                wrong.append(f"{verb} {name}: {seen}, not {expected}")
    assert wrong == []
