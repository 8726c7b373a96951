"""How the service is: figures for a monitor, without a word about anybody."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import DatabaseError, InterfaceError
from django.db.models import Max, Min
from django.utils import timezone

from certificates.models import Authority, Order
from certificates.states import AuthorityState, OrderState

# An order takes seconds and is taken up again within a minute. A list is made every 6 hours and good for 72.
ORDER_MAY_WAIT = timedelta(minutes=5)
LIST_MAY_AGE = timedelta(hours=12)


@dataclass(frozen=True)
class Health:
    """Whether the database answers, and two ages in whole seconds (None: nothing waits, no list is due)."""

    database: bool
    oldest_order_seconds: int | None = None
    newest_list_seconds: int | None = None

    @property
    def good(self) -> bool:
        """Whether nobody has to be called."""
        return (
            self.database
            and (self.oldest_order_seconds or 0) <= ORDER_MAY_WAIT.total_seconds()
            and (self.newest_list_seconds or 0) <= LIST_MAY_AGE.total_seconds()
        )


def examine() -> Health:
    """Look at the database, the oldest order that waits, and the list that is most overdue."""
    try:
        return Health(True, _oldest_order(), _most_overdue_list())
    except (DatabaseError, InterfaceError):
        return Health(False)


def _oldest_order() -> int | None:
    waiting = Order.objects.filter(state__in=[OrderState.PLACED, OrderState.SIGNING])
    oldest = waiting.aggregate(oldest=Min("placed_at"))["oldest"]
    return int((timezone.now() - oldest).total_seconds()) if oldest else None


def _most_overdue_list() -> int | None:
    """Age of the newest list of the issuing CA that published longest ago; one without any counts from its start.

    The root's list is made by hand once a year and is watched elsewhere.
    """
    issuing = Authority.objects.filter(parent__isnull=False, state=AuthorityState.ACTIVE)
    newest = issuing.annotate(published=Max("lists__this_update")).values_list("published", "not_before")
    ages = [timezone.now() - (published or not_before) for published, not_before in newest]
    return int(max(ages).total_seconds()) if ages else None
