"""The mail queue's shell around the jobs."""

from celery import shared_task

from notifications import jobs


@shared_task
def deliver(*message_ids: int) -> None:
    """Hand messages that were promised together to the mail server, one after the other."""
    jobs.deliver(*message_ids)


@shared_task
def sweep() -> None:
    """Queue what is due: lost messages, and those whose time to try again has come."""
    for batch in jobs.due_messages():
        deliver.delay(*batch)


@shared_task
def wipe_secrets() -> None:
    """Forget what failed mails would have opened."""
    jobs.wipe_secrets()
