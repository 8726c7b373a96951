"""The mail queue's shell around the jobs."""

from celery import shared_task

from notifications import jobs


@shared_task
def deliver(message_id: int) -> None:
    """Hand one message to the mail server."""
    jobs.deliver(message_id)


@shared_task
def sweep() -> None:
    """Queue what is due: lost messages, and those whose time to try again has come."""
    for message_id in jobs.due_messages():
        deliver.delay(message_id)
