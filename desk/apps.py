"""The desk app."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """What must an officer do next?"""

    name = "desk"
    default_auto_field = "django.db.models.BigAutoField"
