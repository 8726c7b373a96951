"""Give the mail worker a key and order the certificate with which it signs the service's mails (S/MIME)."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from ca.names import LONGEST_NAME
from certificates.management.service_keys import KeyFolder, Wanted, good_for_now, wait_for, waiting_or_new_order
from certificates.rules import SERVICE_MAIL


class Command(BaseCommand):
    """Make a mail key and place its order, unless there is one that still has half of its life before it."""

    help = "Makes the key in MAIL_KEY_DIR that signs mails and orders its certificate. Run again, it renews."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Who orders, and how long to wait for the certificate."""
        parser.add_argument("--operators", nargs=2, required=True, metavar=("FIRST", "SECOND"))
        parser.add_argument("--wait", type=int, default=0, metavar="SECONDS", help="until the signing worker issued it")

    def handle(self, *_: Any, **options: Any) -> None:
        """Order, or say that nothing needs to be done."""
        folder = KeyFolder.of("MAIL")
        name = settings.SITE["name"][settings.LANGUAGE_CODE]
        wanted = Wanted(SERVICE_MAIL, {"common_name": name[:LONGEST_NAME], "email": settings.MAIL_SENDER})
        if good_for_now(folder, wanted):
            self.stdout.write(f"mail certificate of {settings.MAIL_SENDER}: nothing to do")
            return
        first, second = options["operators"]
        order = waiting_or_new_order(folder, wanted, (first, second))
        wait_for(order, options["wait"])
        self.stdout.write(f"mail certificate of {settings.MAIL_SENDER}: order {order.public_id} is {order.state}")
