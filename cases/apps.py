"""The cases app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """What waits for whose decision?"""

    name = "cases"
    default_auto_field = "django.db.models.BigAutoField"
