"""The portal app: commands that start and fill the site."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """What ties the site together."""

    name = "portal"
