"""`manage.py load_agreements`: store the agreement texts that come with this release."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.errors import AgreementRewritten
from accounts.services import load_agreement

FOLDER = Path(__file__).resolve().parents[2] / "agreements"


class Command(BaseCommand):
    """Stores accounts/agreements/<version>/<language>.txt; run it as often as you like."""

    help = "Store the subscriber agreement's texts; refuses a text that was changed under its old version."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load all versions in all languages, or nothing."""
        languages = [code for code, _ in settings.LANGUAGES]
        try:
            with transaction.atomic():
                for version in sorted(int(folder.name) for folder in FOLDER.iterdir()):
                    for language in languages:
                        self._load(version, language)
        except (AgreementRewritten, FileNotFoundError) as error:
            raise CommandError(str(error)) from error

    def _load(self, version: int, language: str) -> None:
        text = (FOLDER / str(version) / f"{language}.txt").read_text(encoding="utf-8")
        if load_agreement(version=version, language=language, text=text):
            self.stdout.write(f"agreement {version} {language}: loaded")
