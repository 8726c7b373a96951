"""Closing one's own account, with what is still in force."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import Account, Subscriber
from accounts.services import close_account, prove_password
from cases.services import Outsider
from certificates.models import Certificate, Order
from certificates.states import OrderState
from revocation.errors import OrderUnderway
from revocation.models import RevocationRequest
from revocation.selectors.closing import in_force
from revocation.services.requests import Wish, request_revocation
from revocation.states import Door, Reason

_UNDERWAY = (OrderState.PLACED, OrderState.SIGNING)


def close_own_account(*, subscriber: Subscriber, password: str) -> RevocationRequest | None:
    """Close the account of whoever says so and knows its password.

    Without a certificate in force it is closed at once. With one, a request to revoke them comes back: approving it
    closes the account. Call it outside of a transaction, for strikes stay. Raises `accounts.errors.OldPasswordWrong`
    (a strike), `OrderUnderway`, and what `request_revocation` raises.
    """
    prove_password(account=subscriber.account, password=password)
    with transaction.atomic():
        certificates = list(in_force(subscriber))
        if certificates:
            return request_revocation(wish=_wish(subscriber, certificates))
        account = lock_account(subscriber)
        if in_force(subscriber).exists():
            raise OrderUnderway
        close_account(account=account, actor=subscriber.audit_id)
    return None


def lock_account(subscriber: Subscriber) -> Account:
    """The account that is about to be closed; whoever places an order for it meanwhile waits, and finds it closed.

    In the caller's transaction, before any certificate is locked. Raises `OrderUnderway` for an order that was placed
    before and has not come to its end.
    """
    account = Account.objects.select_for_update().get(pk=subscriber.account_id)
    if Order.objects.filter(subscriber=subscriber, state__in=_UNDERWAY).exists():
        raise OrderUnderway
    return account


def _wish(subscriber: Subscriber, certificates: Sequence[Certificate]) -> Wish:
    return Wish(
        certificates=certificates,
        door=Door.SIGNED_IN,
        reason=Reason.UNUSED,
        by=Outsider(subscriber.office, subscriber.audit_id),
        subscriber=subscriber,
        closes_account=True,
    )
