"""The background work: issuing what was ordered, taking up what was left behind, publishing revocation lists."""

from certificates.jobs.issuing import finish_orders, issue_orders, left_behind
from certificates.jobs.lists import publish_lists

__all__ = ["finish_orders", "issue_orders", "left_behind", "publish_lists"]
