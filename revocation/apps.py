"""The revocation app."""

from django.apps import AppConfig


class RevocationConfig(AppConfig):
    """Stop trusting this"""

    name = "revocation"
    default_auto_field = "django.db.models.BigAutoField"
