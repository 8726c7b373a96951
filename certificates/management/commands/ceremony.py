"""The key ceremony in three acts: `root`, `issuing`, `root-crl`. Two operators, named, stand by."""

import argparse
import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from audit.services import SYSTEM, record
from audit.transitions import advance
from ca.ceremony import (
    ROOT_CRL_DAYS,
    Addresses,
    Issuer,
    Made,
    Plan,
    Presence,
    key_path,
    make_issuing,
    make_root,
    root_crl,
)
from ca.errors import Refusal
from ca.keys.file import FileSigner
from ca.profiles.model import KEY_TYPES
from certificates import jobs
from certificates.models import Authority, PublishedList
from certificates.rules import next_list_number
from certificates.states import AuthorityState


class Command(BaseCommand):
    """Make a root, make an issuing CA under it, or publish the root's list for the next twelve months."""

    help = "Key ceremony: root, issuing, root-crl. Writes key files, minutes, CA rows and first revocation lists."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The three acts with what each needs to know."""
        acts = parser.add_subparsers(dest="act", required=True)
        for title, key_type, years in (("root", "p384", 20), ("issuing", "p256", 10)):
            made = acts.add_parser(title)
            made.add_argument("--slug", required=True, help="names files and addresses; never used again")
            made.add_argument("--name", required=True, help="commonName of the CA")
            made.add_argument("--organisation", default="")
            made.add_argument("--country", default="")
            made.add_argument("--key-type", choices=KEY_TYPES, default=key_type)
            made.add_argument("--years", type=int, default=years)
        acts.choices["issuing"].add_argument("--root", required=True, help="slug of the root")
        acts.add_parser("root-crl").add_argument("--root", required=True, help="slug of the root")
        for act in acts.choices.values():
            act.add_argument("--operators", nargs=2, required=True, metavar=("FIRST", "SECOND"))
            act.add_argument("--root-key-dir", type=Path, help="where the root's key lies, if not in CA_KEY_DIR")
            act.add_argument("--root-passphrase-file", type=Path, help="its passphrase, if not the other keys'")

    def handle(self, *_: Any, **options: Any) -> None:
        """Hold one act."""
        acts: dict[str, Callable[[dict[str, Any]], Authority]] = {
            "root": _hold_root,
            "issuing": _hold_issuing,
            "root-crl": _hold_root_crl,
        }
        try:
            authority = acts[options["act"]](options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.text} ({refusal.detail})") from refusal
        self.stdout.write(f"{options['act']}: {authority.slug} {authority.sha256}")


def _hold_root(options: dict[str, Any]) -> Authority:
    presence, plan = _root_presence(options), _plan(options)
    _slug_is_new(plan.slug)
    made = make_root(plan, presence)
    with transaction.atomic():
        authority = _keep(made, options["name"], None, presence)
        _publish_root_list(authority, presence)
    return authority


def _hold_issuing(options: dict[str, Any]) -> Authority:
    root = _root(options["root"])
    presence, plan = _presence(options), _plan(options)
    _slug_is_new(plan.slug)
    made = make_issuing(plan, presence, root=_issuer(root, _root_presence(options)))
    with transaction.atomic():
        _retire_former(root)
        authority = _keep(made, options["name"], root, presence)
    jobs.publish_lists()
    return authority


def _hold_root_crl(options: dict[str, Any]) -> Authority:
    root = _root(options["root"])
    with transaction.atomic():
        _publish_root_list(root, _root_presence(options))
    return root


def _plan(options: dict[str, Any]) -> Plan:
    fields = (
        ("country", options["country"]),
        ("organisation", options["organisation"]),
        ("common_name", options["name"]),
    )
    subject = tuple((field, text) for field, text in fields if text)
    return Plan(options["slug"], subject, options["key_type"], options["years"])


def _presence(options: dict[str, Any]) -> Presence:
    return _present(options, settings.CA_KEY_DIR, settings.CA_KEY_PASSPHRASE_FILE)


def _root_presence(options: dict[str, Any]) -> Presence:
    folder = options["root_key_dir"] or settings.CA_KEY_DIR
    return _present(options, folder, options["root_passphrase_file"] or settings.CA_KEY_PASSPHRASE_FILE)


def _present(options: dict[str, Any], folder: Path | None, passphrase_file: Path | None) -> Presence:
    if folder is None or passphrase_file is None:
        raise CommandError("Set CA_KEY_DIR and CA_KEY_PASSPHRASE_FILE: that is where the keys are to lie.")
    try:
        passphrase = passphrase_file.read_bytes().strip()
    except OSError as error:
        raise CommandError(f"The passphrase file cannot be read: {passphrase_file}") from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    first, second = options["operators"]
    return Presence((first, second), timezone.now(), folder, passphrase)


def _root(slug: str) -> Authority:
    root = Authority.objects.filter(slug=slug, parent=None).first()
    if root is None:
        raise CommandError(f"There is no root {slug}.")
    return root


def _slug_is_new(slug: str) -> None:
    if Authority.objects.filter(slug=slug).exists():
        raise CommandError(f"There is a CA {slug} already, and a slug is never used again.")


def _issuer(authority: Authority, presence: Presence) -> Issuer:
    addresses = Addresses(authority.ca_issuers_url, authority.crl_url, authority.ocsp_url, authority.cps_url)
    signer = FileSigner(key_path(presence.folder, authority.slug), presence.passphrase)
    return Issuer(authority.slug, x509.load_der_x509_certificate(bytes(authority.certificate)), signer, addresses)


def _keep(made: Made, name: str, parent: Authority | None, presence: Presence) -> Authority:
    """The row of a CA that was made, with the addresses that it will sign into certificates; minutes, record."""
    certificate, slug = x509.load_der_x509_certificate(made.der), made.record.slug
    authority = Authority.objects.create(
        slug=slug,
        name=name,
        parent=parent,
        certificate=made.der,
        sha256=sha256(made.der).hexdigest(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        ca_issuers_url=f"{settings.STATUS_URL}/ca/{slug}.cer",
        crl_url=f"{settings.STATUS_URL}/crl/{slug}.crl",
        # A root has no status service: its list, made once a year, says all there is to say.
        ocsp_url=f"{settings.STATUS_URL}/ocsp" if parent else "",
        cps_url=f"{settings.PUBLIC_URL}/practice-statement/",
    )
    _write_minutes(made, presence, certificate.public_bytes(Encoding.PEM).decode())
    _record(made, authority)
    return authority


def _publish_root_list(root: Authority, presence: Presence) -> None:
    number = next_list_number(root.crl_number, presence.now)
    made = root_crl(_issuer(root, presence), presence, number=number)
    PublishedList.objects.create(
        authority=root,
        number=number,
        der=made.der,
        this_update=presence.now,
        next_update=presence.now + timedelta(days=ROOT_CRL_DAYS),
    )
    Authority.objects.filter(pk=root.pk).update(crl_number=number)
    _write_minutes(made, presence, "")
    _record(made, root)


def _retire_former(root: Authority) -> None:
    """Orders go to the newest generation alone; the former ones publish status until they end."""
    for former in Authority.objects.filter(parent=root, state=AuthorityState.ACTIVE):
        advance(
            former,
            before=AuthorityState.ACTIVE,
            after=AuthorityState.RETIRED,
            actor=SYSTEM,
            event="authority.retired",
        )


def _minutes(made: Made) -> dict[str, Any]:
    minutes = made.record
    return {
        "act": minutes.act,
        "ca": minutes.slug,
        "operators": list(minutes.operators),
        "at": minutes.at.isoformat(timespec="seconds"),
        "sha256": dict(minutes.fingerprints),
    }


def _write_minutes(made: Made, presence: Presence, certificate_pem: str) -> None:
    folder = presence.folder / "minutes"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{presence.now:%Y%m%dT%H%M%S.%fZ}-{made.record.slug}-{made.record.act}.json"
    text = json.dumps({**_minutes(made), "certificate": certificate_pem}, indent=2, ensure_ascii=False)
    with path.open("x", encoding="utf-8") as file:
        file.write(text + "\n")


def _record(made: Made, authority: Authority) -> None:
    record(event=f"ceremony.{made.record.act}", actor=SYSTEM, subject=authority.audit_id, details=_minutes(made))
