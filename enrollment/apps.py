"""The enrollment app."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    """May they have this certificate?"""

    name = "enrollment"
    default_auto_field = "django.db.models.BigAutoField"
