"""`manage.py compile_texts`: brings locale/ up to the sources and makes the .mo files."""

from typing import Any

import polib
from django.core.management.base import BaseCommand

from portal.management import texts


class Command(BaseCommand):
    """Collect (where gettext is there), merge, compile."""

    help = "Collects new texts into locale/*/LC_MESSAGES/django.po and compiles django.mo."

    requires_system_checks = []  # texts can be mended while the site does not start

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the .po and the .mo of each language and say how many texts are still to be translated."""
        sources = texts.collect() if texts.can_collect() else None
        for language in texts.PLURALS:
            file = texts.catalogue(language)
            file.parent.mkdir(parents=True, exist_ok=True)
            old = polib.pofile(str(file)) if file.exists() else polib.POFile()
            if sources is not None:
                texts.merge(old, sources, language).save(str(file), newline="\n")
            file.with_suffix(".mo").write_bytes(texts.compiled(file))
            open_texts = len(polib.pofile(str(file)).untranslated_entries())
            self.stdout.write(f"{language}: {open_texts} of {len(polib.pofile(str(file)))} texts to be translated")
