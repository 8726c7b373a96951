"""The certificates app."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    """What was ordered, signed, revoked?"""

    name = "certificates"
    default_auto_field = "django.db.models.BigAutoField"
