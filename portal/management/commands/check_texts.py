"""`manage.py check_texts`: whether every text of the site is there in every language."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.management import texts


class Command(BaseCommand):
    """Judge locale/, and change nothing."""

    help = "Fails on a text that is missing, untranslated or fuzzy, and on a .mo that is not made from its .po."

    requires_system_checks = []  # texts can be mended while the site does not start

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Name every fault, then fail if there was one."""
        sources = texts.collect() if texts.can_collect() else None
        if sources is None and os.environ.get("CI") == "true":
            raise CommandError("gettext is missing: texts that nobody collected cannot be seen (apt install gettext)")
        if sources is None:
            self.stdout.write("gettext is not here (apt install gettext): new texts in the sources were not looked for")
        found = [fault for language in texts.PLURALS for fault in texts.faults(language, sources)]
        if found:
            raise CommandError("\n".join([*found, f"{len(found)} faults in the translations"]))
