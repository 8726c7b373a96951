"""The people of the demo: made up, with random passwords of this machine."""

import secrets
from dataclasses import dataclass
from typing import Any

from accounts.models import Account, Office, Officer
from accounts.services import create_officer
from accounts.states import AccountState, IdentityKind, Role
from cases.services import Decision
from enrollment.models import Slip
from enrollment.rules import DOCUMENTS, RegistrationFacts
from enrollment.services import decide_registration, print_slip, register

OFFICE = "demo"


@dataclass(frozen=True)
class _Staff:
    username: str
    name: str
    roles: tuple[Role, ...]


_STAFF = (
    _Staff("chan", "Chan Mei Lin", (Role.REGISTRATION,)),
    _Staff("wong", "Wong Ka Hou", (Role.APPROVING,)),
    _Staff("sousa", "Teresa Sousa", (Role.REGISTRATION, Role.APPROVING, Role.OPERATOR)),
    _Staff("lei", "Lei Wai Kit", (Role.AUDITOR,)),
)
_APPLICANT = RegistrationFacts(
    kind=IdentityKind.PERSONAL,
    given_name="Siu Ming",
    family_name="Lam",
    name_chinese="林小明",
    id_number="1234567(8)",
    email="lam.siuming@example.com",
    telephone="+853 2800 0000",
    address="Rua da Demonstração 1, Macau",
    country="MO",
    language="zh-hant",
    profiles=("personal", "secure-email"),
    documents_seen=tuple(DOCUMENTS[IdentityKind.PERSONAL]),
)


def are_there() -> bool:
    """Whether the demo's people were made before."""
    return Office.objects.filter(code=OFFICE).exists()


def make() -> dict[str, Any]:
    """Officers with their one-time-code secrets, and one approved person with a fresh slip, as demo.json has them."""
    office = Office.objects.create(code=OFFICE, name="Sigillum demo office")
    officers, sign_ins = [], []
    for staff in _STAFF:
        password = secrets.token_urlsafe(12)
        officer, totp_secret = create_officer(
            username=staff.username,
            password=password,
            name=staff.name,
            person_id=f"demo:{staff.username}",
            office=office,
            roles=staff.roles,
        )
        officers.append(officer)
        sign_ins.append(
            {
                "username": staff.username,
                "password": password,
                "totp_secret": totp_secret,
                "name": staff.name,
                "roles": [role.value for role in staff.roles],
            }
        )
    return {"officers": sign_ins, "subscriber": _subscriber(entered_by=officers[0], decided_by=officers[1])}


def _subscriber(*, entered_by: Officer, decided_by: Officer) -> dict[str, str]:
    case = register(officer=entered_by, facts=_APPLICANT).case
    decide_registration(case=case, decision=Decision(officer=decided_by, approve=True, revision=case.revision))
    slip = print_slip(slip=Slip.objects.get(case=case), officer=entered_by)
    return {"account": slip.account, "passcode": slip.passcode, "name": slip.name}


def slip_is_unused(account: str) -> bool:
    """Whether the printed slip still opens the account."""
    return Account.objects.filter(username=account, state=AccountState.SLIP).exists()
