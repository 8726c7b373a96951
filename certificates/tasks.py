"""The signing queue's shell around the jobs."""

from celery import shared_task

from certificates import jobs
from certificates.rules import LIST_PAUSE


@shared_task
def issue(order_ids: list[int]) -> None:
    """Sign what these orders ask for."""
    jobs.issue_orders(order_ids)


@shared_task
def finish(order_ids: list[int]) -> None:
    """Finish orders whose bytes to be signed are stored already."""
    jobs.finish_orders(order_ids)


@shared_task
def sweep_orders() -> None:
    """Queue what a lost message or a dead worker left behind."""
    waiting, reserved = jobs.left_behind()
    for batch in waiting:
        issue.delay(batch)
    for order_id in reserved:
        finish.delay([order_id])


@shared_task
def publish_lists() -> None:
    """Publish the revocation lists that are due; what comes in a burst waits for the clockwork's next round."""
    jobs.publish_lists(pause=LIST_PAUSE)
