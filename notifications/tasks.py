"""The mail queue's shell around the jobs."""

from celery import shared_task

from notifications import jobs


@shared_task
def deliver(*message_ids: int) -> None:
    """Hand messages that were promised together to the mail server, one after the other."""
    for message_id in message_ids:
        jobs.deliver(message_id)


@shared_task
def sweep() -> None:
    """Queue what is due: lost messages, and those whose time to try again has come."""
    for message_id in jobs.due_messages():
        deliver.delay(message_id)
