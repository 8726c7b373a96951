"""The renewal app."""

from django.apps import AppConfig


class RenewalConfig(AppConfig):
    """The same again, before it ends"""

    name = "renewal"
    default_auto_field = "django.db.models.BigAutoField"
