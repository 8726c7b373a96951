"""Give the status process a key and order the certificate with which it answers OCSP requests for a CA."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ca.names import LONGEST_NAME
from certificates.management.service_keys import KeyFolder, Wanted, good_for_now, wait_for, waiting_or_new_order
from certificates.models import Authority
from certificates.rules import RESPONDER
from certificates.selectors import issuing_authority


class Command(BaseCommand):
    """Make a responder key and place its order, unless there is one that still has half of its life before it."""

    help = "Makes the OCSP responder's key in STATUS_KEY_DIR and orders its certificate. Run again, it renews."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Who orders, for which CA, and how long to wait for the certificate."""
        parser.add_argument("--operators", nargs=2, required=True, metavar=("FIRST", "SECOND"))
        parser.add_argument("--authority", help="slug of the CA, if not the newest")
        parser.add_argument("--wait", type=int, default=0, metavar="SECONDS", help="until the signing worker issued it")

    def handle(self, *_: Any, **options: Any) -> None:
        """Order, or say that nothing needs to be done."""
        folder = KeyFolder.of("STATUS")
        authority = _authority(options["authority"])
        wanted = Wanted(RESPONDER, {"common_name": f"{authority.name} OCSP"[:LONGEST_NAME]}, authority)
        if good_for_now(folder, wanted):
            self.stdout.write(f"responder of {authority.slug}: nothing to do")
            return
        first, second = options["operators"]
        order = waiting_or_new_order(folder, wanted, (first, second))
        wait_for(order, options["wait"])
        self.stdout.write(f"responder of {authority.slug}: order {order.public_id} is {order.state}")


def _authority(slug: str | None) -> Authority:
    authority = Authority.objects.filter(slug=slug).first() if slug else issuing_authority()
    if authority is None:
        raise CommandError("There is no such CA. Hold the ceremony first.")
    return authority
