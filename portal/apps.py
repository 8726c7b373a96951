"""The portal app: commands that start and fill the site."""

from django.apps import AppConfig

from portal.celery import app


class PortalConfig(AppConfig):
    """What ties the site together."""

    name = "portal"
    # Without it tasks would be queued through Celery's own default app, which knows nothing of our queues.
    celery = app
