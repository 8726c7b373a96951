"""How the service is: figures for a monitor, without a word about anybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError
from django.db.models import Max, Min
from django.utils import timezone

from audit.models import Event
from cases.models import Case
from cases.states import CaseKind, CaseState
from certificates.models import Authority, Order
from certificates.states import AuthorityState, OrderState
from notifications.models import Message
from notifications.selectors import mail_signing
from notifications.states import MessageState

# An order takes seconds and is taken up again within a minute. A list is made every 6 hours and good for 72.
ORDER_MAY_WAIT = timedelta(minutes=5)
LIST_MAY_AGE = timedelta(hours=12)
# One mail may wait for a day while its mailbox is full. Where none goes out meanwhile, it is the mail server or ours.
MAIL_MAY_WAIT = timedelta(hours=1)


@dataclass(frozen=True)
class Health:
    """Whether the database answers, ages in whole seconds (None: nothing waits, no list is due), and what else waits.

    A case that is overdue and a mail that came back are the desk's, which is told of them: they are shown here and
    call nobody.
    """

    database: bool
    oldest_order_seconds: int | None = None
    newest_list_seconds: int | None = None
    oldest_mail_seconds: int | None = None
    mails_go_out: bool = True
    mails_are_signed: bool = True
    overdue_case_seconds: int | None = None
    undelivered_mails: int = 0

    @property
    def good(self) -> bool:
        """Whether nobody has to be called."""
        return (
            self.database
            and self.mails_go_out
            and self.mails_are_signed
            and (self.oldest_order_seconds or 0) <= ORDER_MAY_WAIT.total_seconds()
            and (self.newest_list_seconds or 0) <= LIST_MAY_AGE.total_seconds()
        )


def examine() -> Health:
    """Look at the database, the oldest order, mail and case that wait, and the list that is most overdue."""
    try:
        oldest_mail = _oldest_mail()
        return Health(
            database=True,
            oldest_order_seconds=_oldest_order(),
            newest_list_seconds=_most_overdue_list(),
            oldest_mail_seconds=oldest_mail,
            mails_go_out=(oldest_mail or 0) <= MAIL_MAY_WAIT.total_seconds() or _was_one_sent(),
            mails_are_signed=_are_signed(),
            overdue_case_seconds=_most_overdue_case(),
            undelivered_mails=Case.objects.filter(kind=CaseKind.MAIL, state=CaseState.OPEN).count(),
        )
    except (DatabaseError, InterfaceError):
        return Health(False)


def _seconds_since(moment: datetime | None) -> int | None:
    return int((timezone.now() - moment).total_seconds()) if moment else None


def _oldest_order() -> int | None:
    waiting = Order.objects.filter(state__in=[OrderState.PLACED, OrderState.SIGNING])
    return _seconds_since(waiting.aggregate(oldest=Min("placed_at"))["oldest"])


def _most_overdue_list() -> int | None:
    """Age of the newest list of the issuing CA that published longest ago; one without any counts from its start.

    The root's list is made by hand once a year and is watched elsewhere.
    """
    issuing = Authority.objects.filter(parent__isnull=False, state=AuthorityState.ACTIVE)
    newest = issuing.annotate(published=Max("lists__this_update")).values_list("published", "not_before")
    return _seconds_since(min((published or not_before for published, not_before in newest), default=None))


def _oldest_mail() -> int | None:
    waiting = Message.objects.filter(state__in=[MessageState.QUEUED, MessageState.SENDING])
    return _seconds_since(waiting.aggregate(oldest=Min("created_at"))["oldest"])


def _was_one_sent() -> bool:
    """Whether the mail server took any mail lately."""
    return Event.objects.filter(at__gt=timezone.now() - MAIL_MAY_WAIT, name="message.sent").exists()


def _are_signed() -> bool:
    """Whether the service's own mail certificate holds and is not forgotten; so is all on a site that never had one."""
    signing = mail_signing()
    return signing is None or not signing.renewal_due


def _most_overdue_case() -> int | None:
    """How long ago the clock of an open case ran out."""
    overdue = Case.objects.filter(state=CaseState.OPEN, due_at__lt=timezone.now())
    return _seconds_since(overdue.aggregate(oldest=Min("due_at"))["oldest"])
