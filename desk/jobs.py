"""Work for officers that nobody enters: mails that came to nobody."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Office
from audit.services import SYSTEM
from cases.services import Outsider, open_case
from cases.states import CaseKind
from desk.models import UndeliveredMail
from desk.selectors import receiver_of
from notifications.models import Message
from notifications.states import MessageState

_AT_ONCE = 200  # the next round takes the rest
# A mail that tells the desk of a late case: a case about it would be late in turn, and so on for ever.
_ABOUT_CASES = ("case-overdue",)


def open_mail_cases() -> int:
    """Open a case for each failure of a mail that has none; gives back how many. May run twice at a time."""
    office = Office.objects.order_by("pk").first()
    if office is None:
        return 0  # nobody works here yet
    known = UndeliveredMail.objects.filter(message=OuterRef("pk"), failed_at=OuterRef("failed_at"))
    failed = Message.objects.filter(~Exists(known), state=MessageState.FAILED, failed_at__isnull=False)
    ids = failed.exclude(event__in=_ABOUT_CASES).order_by("failed_at").values_list("pk", flat=True)
    return sum(_open(pk, office) for pk in list(ids[:_AT_ONCE]))


def _open(message_id: int, otherwise: Office) -> bool:
    with transaction.atomic():
        # Locked, so that two schedulers open one case; who comes second finds it.
        locked = Message.objects.select_for_update(skip_locked=True)
        message = locked.filter(pk=message_id, state=MessageState.FAILED).first()
        if message is None or message.failed_at is None:
            return False
        if UndeliveredMail.objects.filter(message=message, failed_at=message.failed_at).exists():
            return False
        receiver = receiver_of(message.address)
        by = Outsider(office=receiver.office if receiver else otherwise, audit_id=SYSTEM)
        case = open_case(kind=CaseKind.MAIL, by=by)
        UndeliveredMail.objects.create(case=case, message=message, failed_at=message.failed_at)
    return True
