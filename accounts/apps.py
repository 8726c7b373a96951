"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who is this, and how do they prove it?"""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
