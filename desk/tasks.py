"""The housekeeping queue's shell around the desk's jobs."""

from celery import shared_task

from desk import jobs


@shared_task
def open_mail_cases() -> None:
    """Bring mails that came to nobody before the desk."""
    jobs.open_mail_cases()
