"""The background work: issuing what was ordered, taking up what was left behind, publishing revocation lists."""


def issue_orders(order_ids: list[int]) -> None:
    """Sign what these orders ask for."""
    raise NotImplementedError


def finish_orders(order_ids: list[int]) -> None:
    """Sign, again if need be, what was stored for these orders, and hand it out."""
    raise NotImplementedError


def left_behind() -> tuple[list[list[int]], list[int]]:
    """Batches of orders to be issued, and orders to be finished, that a lost message or a dead worker left."""
    raise NotImplementedError


def publish_lists() -> None:
    """Publish the revocation lists that are due."""
    raise NotImplementedError
