"""The clockwork's shell around the jobs of renewal."""

from celery import shared_task

from renewal import jobs


@shared_task
def send_notices() -> None:
    """Tell holders whose certificates come to their end; safe at any frequency and from several schedulers."""
    jobs.send_notices()


@shared_task
def escalate() -> None:
    """Tell the offices which organisations' certificates are about to end; once a day however often it is asked."""
    jobs.escalate()
