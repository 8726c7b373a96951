"""The housekeeping queue's shell around the jobs."""

from celery import shared_task

from cases import jobs


@shared_task
def escalate() -> None:
    """Tell the desk of cases that are overdue."""
    jobs.escalate()
