"""`manage.py officer add|reset`."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import services
from accounts.errors import SignInRefused
from accounts.models import Officer
from accounts.states import Role
from tests import factories

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("officer", *words, stdout=out)
    return out.getvalue()


ADD = ("add", "Ana.Lei", "--name", "Ana Lei", "--person", "p1", "--role", "registration", "--role", "approving")


def test_an_officer_is_added_with_a_random_password_shown_once() -> None:
    said = run(*ADD)
    password = re.search(r"^password: (\S+)$", said, re.M)
    assert password
    services.sign_in(username="ana.lei", password=password[1], address="192.0.2.1")
    officer = Officer.objects.get()
    assert (officer.name, officer.person_id, officer.office.code) == ("Ana Lei", "p1", "main")
    assert officer.may(Role.REGISTRATION)
    assert re.search(r"secret \(base32\): [A-Z2-7]{32}$", said, re.M)


def test_a_given_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICER_PASSWORD", factories.PASSWORD)
    assert factories.PASSWORD not in run(*ADD)
    services.sign_in(username="ana.lei", password=factories.PASSWORD, address="192.0.2.1")


def test_what_is_refused_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    run(*ADD)
    with pytest.raises(CommandError, match="another sign-in name"):
        run(*ADD)
    monkeypatch.setenv("OFFICER_PASSWORD", "short")
    with pytest.raises(CommandError, match="12 to 128"):
        run("add", "eva", "--name", "Eva", "--person", "p2", "--role", "auditor")
    with pytest.raises(CommandError):
        run("add", "eva", "--name", "Eva", "--person", "p2", "--role", "king")
    with pytest.raises(CommandError, match="no officer nobody"):
        run("reset", "nobody")


def test_a_locked_officer_is_let_in_again() -> None:
    officer = factories.officer("ana.lei")
    for _ in range(3):
        with pytest.raises(SignInRefused):
            services.sign_in(username="ana.lei", password="wrong-wrong", address="192.0.2.1")
    password = re.search(r"^password: (\S+)$", run("reset", "ana.lei"), re.M)
    assert password
    account = services.sign_in(username="ana.lei", password=password[1], address="192.0.2.1")
    services.check_code(account=account, code=factories.code_of(officer))
