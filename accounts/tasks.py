"""The housekeeping queue's shell around the jobs."""

from celery import shared_task

from accounts import jobs


@shared_task
def forget_expired() -> None:
    """Delete what has expired."""
    jobs.forget_expired()
