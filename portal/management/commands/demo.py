"""`manage.py demo`: tables, keys, texts and people of the demo; what is there already is kept."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.rules import normalise_account
from certificates.models import Authority
from portal.management import demo_people

_OPERATORS = ("Demo operator one", "Demo operator two")
_PAGE = """
  Sigillum runs at     {url}
  Mails of the demo    {url}/demo/mailbox/

  Officers sign in at  {url}/account/officer/
{officers}
  (code: from any authenticator app that is given the secret)

  Subscribers sign in at {url}/account/sign-in/
    account {account}   passcode {passcode}{used}

  All of this also stands in {file}
  Ctrl-C ends the demo; the data stay.
"""


class Command(BaseCommand):
    """Fill the demo, once, and say how to sign in."""

    help = "Makes the demo's tables, keys, texts and people where they are missing, and prints the sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        """Say where things lie, and what to leave out."""
        parser.add_argument("--var", type=Path, required=True, help="folder of keys/ and demo.json")
        parser.add_argument("--without-people", action="store_true", help="no officers and no subscriber")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Go through the steps; each keeps what it finds."""
        if not settings.DEMO:
            raise CommandError("Only for a demo (DEMO=1): it prints passwords.")
        call_command("migrate", verbosity=0, interactive=False)
        call_command("load_agreements", stdout=StringIO())
        if not Authority.objects.exists():
            _hold_ceremony(options["var"] / "keys")
        call_command("responder", "--operators", *_OPERATORS, stdout=StringIO())
        call_command("mail_certificate", "--operators", *_OPERATORS, stdout=StringIO())
        if not options["without_people"]:
            file = options["var"] / "demo.json"
            self.stdout.write(_page(_people(file), file))


def _hold_ceremony(keys: Path) -> None:
    """A root on P-384 in a folder of its own, and under it the issuing CA "G03" on P-256 that the worker signs with."""
    root_keys, root_passphrase = keys / "root", keys / "root.passphrase"
    for left_over in keys.glob("*/*.key"):  # of a first start that was broken off: no row knows it
        left_over.unlink()
    of_root = ("--root-key-dir", str(root_keys), "--root-passphrase-file", str(root_passphrase))
    by = ("--operators", *_OPERATORS, *of_root)
    of_us = ("--organisation", "Sigillum Demo", "--country", "MO")
    root = ("root", "--slug", "demo-root", "--name", "Sigillum Demo Root CA", "--key-type", "p384")
    issuing = ("issuing", "--root", "demo-root", "--slug", "demo-g03", "--name", "Sigillum Demo CA G03")
    call_command("ceremony", *root, *of_us, *by, stdout=StringIO())
    call_command("ceremony", *issuing, "--key-type", "p256", *of_us, *by, stdout=StringIO())


def _people(file: Path) -> dict[str, Any]:
    """What demo.json says, made or brought up to date."""
    if not demo_people.are_there():
        with transaction.atomic():  # people and their passwords on file: both or neither
            made = {"url": settings.PUBLIC_URL, **demo_people.make()}
            _write(file, made)
        return made
    if not file.exists():
        raise CommandError(f"{file} is gone, and with it the demo's passwords. `make clean` begins anew.")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if found["url"] != settings.PUBLIC_URL:
        found["url"] = settings.PUBLIC_URL
        _write(file, found)
    return found


def _write(file: Path, found: dict[str, Any]) -> None:
    """Write demo.json for its owner alone, whole or not at all."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(found, ensure_ascii=False, indent=2), encoding="utf-8")
    draft.replace(file)


def _page(found: dict[str, Any], file: Path) -> str:
    officers = "\n".join(
        "    {username:<6} password {password}   secret {totp_secret}   ({})".format(", ".join(one["roles"]), **one)
        for one in found["officers"]
    )
    account, passcode = found["subscriber"]["account"], found["subscriber"]["passcode"]
    unused = demo_people.slip_is_unused(normalise_account(account))
    return _PAGE.format(
        url=found["url"],
        officers=officers,
        account=account,
        passcode=passcode,
        used="" if unused else "   (used; the password chosen then holds)",
        file=file,
    )
