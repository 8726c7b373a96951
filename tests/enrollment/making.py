"""Registrations and approvals for tests, made by the real services."""

from dataclasses import replace
from itertools import count
from typing import Any

from accounts.models import Officer, Subscriber
from accounts.states import IdentityKind
from cases.models import Case
from cases.services import Decision
from enrollment.models import Entitlement, Registration
from enrollment.rules import DOCUMENTS, RegistrationFacts
from enrollment.services import decide_registration, register
from tests import factories

_numbers = count(1)


def entrant(case: Case) -> Officer:
    """The officer who entered a case."""
    assert case.entered_by is not None
    return case.entered_by


def facts(**changes: Any) -> RegistrationFacts:
    """A person who may be registered; another one each time."""
    number = next(_numbers)
    kind = changes.get("kind", IdentityKind.PERSONAL)
    person = RegistrationFacts(
        kind=kind,
        email=f"mei.{number}@example.org",
        country="MO",
        language="en",
        profiles=("secure-email",),
        documents_seen=tuple(DOCUMENTS[kind]),
        given_name="Mei",
        family_name="Chan",
        name_chinese="陳美",
        id_number=f"9{number:06d}(1)",
    )
    return replace(person, **changes)


def decision(officer: Officer | None = None, *, approve: bool = True, reason: str = "") -> Decision:
    """What another officer decides about a fresh case."""
    return Decision(officer=officer or factories.officer(), approve=approve, revision=1, reason=reason)


def registration(**changes: Any) -> Registration:
    """An open registration."""
    return register(officer=factories.officer(), facts=facts(**changes))


def approved(**changes: Any) -> Subscriber:
    """A subscriber whose registration was approved; the slip waits to be printed."""
    case = registration(**changes).case
    decide_registration(case=case, decision=decision())
    return Subscriber.objects.distinct().get(entitlements__case=case)


def entitlement(**changes: Any) -> Entitlement:
    """An entitlement of somebody new."""
    return Entitlement.objects.get(subscriber=approved(**changes))


def case_of(registration: Registration) -> Case:
    """The case as the database has it now."""
    return Case.objects.get(pk=registration.case_id)
