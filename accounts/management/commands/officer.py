"""`manage.py officer add|reset`: officers are made and unlocked at the machine, never on a page."""

import os
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import AccountRefusal
from accounts.models import Office, Officer
from accounts.rules import normalise_officer_name
from accounts.services import create_officer, reset_officer
from accounts.states import Role


class Command(BaseCommand):
    """Adds an officer, or gives one a new password and a new one-time-code secret."""

    help = (
        "Add an officer, or reset one. The password is taken from the environment variable OFFICER_PASSWORD, so that "
        "it stands in no process list; without it a random one is made and shown once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The two acts and their words."""
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="add an officer")
        add.add_argument("username")
        add.add_argument("--name", required=True, help="as colleagues read it")
        add.add_argument("--person", required=True, help="the same for all accounts of one person")
        add.add_argument("--office", default="main", help="code of the registration office; made if missing")
        add.add_argument("--role", action="append", required=True, choices=Role.values, dest="roles")
        reset = acts.add_parser("reset", help="new password and new one-time-code secret, also for a locked one")
        reset.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the act; show what must be handed over, once."""
        given = os.environ.get("OFFICER_PASSWORD")
        password = given or secrets.token_urlsafe(15)
        username = normalise_officer_name(options["username"])
        try:
            if options["act"] == "add":
                secret = self._add(username, password, options)
            else:
                secret = self._reset(username, password)
        except AccountRefusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"sign-in name: {username}")
        if not given:
            self.stdout.write(f"password: {password}")
        self.stdout.write(f"one-time-code secret (base32): {secret}")

    def _add(self, username: str, password: str, options: dict[str, Any]) -> str:
        office, _ = Office.objects.get_or_create(code=options["office"], defaults={"name": options["office"]})
        _officer, secret = create_officer(
            username=username,
            password=password,
            name=options["name"],
            person_id=options["person"],
            office=office,
            roles=[Role(role) for role in options["roles"]],
        )
        return secret

    def _reset(self, username: str, password: str) -> str:
        officer = Officer.objects.select_related("account").filter(account__username=username).first()
        if officer is None:
            raise CommandError(f"there is no officer {username}")
        return reset_officer(officer=officer, password=password)
