"""Changing the e-mail address: proven at the new mailbox, told to the old one."""

import logging

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.errors import AccountNotInUse, EmailNotAllowed, EmailSame, MailboxLinkUnknown
from accounts.models import Account, Identity, MailboxProof, Subscriber
from accounts.selectors import ADDRESS_ALONE, newest_identity
from accounts.services.mailboxes import find_mailbox_link, mark_proven, open_link, void_email_changes
from accounts.services.passwords import prove_password
from accounts.services.throttles import throttle
from accounts.states import AccountState
from audit.errors import WrongState
from audit.services import record
from ca.errors import NameNotAllowed
from ca.names import check_mailbox
from notifications.errors import AddressNotAllowed
from notifications.rules import is_plain_address
from notifications.services import Letter, promise

logger = logging.getLogger(__name__)

_CHANGES_A_DAY = 5


def ask_email_change(*, subscriber: Subscriber, email: str, password: str) -> MailboxProof:
    """Send a link to a new address; pressing its button within 24 hours makes it the subscriber's.

    It takes the place of every link for a change that was sent before. Raises `EmailNotAllowed`, `EmailSame`,
    `TooMany` after five a day, and what `prove_password` raises: a wrong password is a strike.
    """
    _check(subscriber, email)
    throttle(scope="email-change", who=subscriber.audit_id, limit=_CHANGES_A_DAY, seconds=24 * 3600)
    prove_password(account=subscriber.account, password=password)
    with transaction.atomic():
        account = _locked_account(subscriber)
        proof, link = open_link(subscriber=subscriber, email=email, changes_email=True)
        letter = Letter(
            event="email-change-link",
            key=f"email-change-link:{proof.pk}",
            address=email,
            language=account.language,
            secrets={"link": link},
        )
        promise(letter=letter)
        record(event="email.change-asked", actor=subscriber.audit_id, subject=f"mailbox-proof:{proof.pk}")
    return proof


def _check(subscriber: Subscriber, email: str) -> None:
    try:
        check_mailbox(email)
    except NameNotAllowed as error:
        raise EmailNotAllowed from error
    if not is_plain_address(email):
        raise EmailNotAllowed
    identity = newest_identity(subscriber)
    if identity is None or identity.email.casefold() == email.casefold():
        raise EmailSame


def withdraw_email_change(*, subscriber: Subscriber) -> bool:
    """Make the links void that were sent for a change of address and not opened; False where there are none."""
    with transaction.atomic():
        gone = void_email_changes(_locked_account(subscriber))
        if gone:
            record(event="email.change-withdrawn", actor=subscriber.audit_id, subject=subscriber.audit_id)
    return gone > 0


def change_email(*, token: str) -> MailboxProof:
    """Take the press of the link's button: from now on the address is the subscriber's; old and new are told.

    What else was verified stays as it is, in a new identity version. The address counts as proven, as by any other
    link. Raises what `find_mailbox_link` raises, and `AccountNotInUse` while the account is locked or reset.
    """
    subscriber = find_mailbox_link(token=token).subscriber
    with transaction.atomic():
        # Whoever asks for, withdraws or finishes a change, locks or resets the account, waits here for the others;
        # what they did meanwhile is seen now.
        account = Account.objects.select_for_update().get(pk=subscriber.account_id)
        proof = find_mailbox_link(token=token)
        if not proof.changes_email:
            raise MailboxLinkUnknown
        if account.state != AccountState.ACTIVE:
            raise AccountNotInUse
        mark_proven(proof)
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)  # one next version at a time
        old = newest_identity(subscriber)
        assert old is not None  # noqa: S101 - who asked for a change had an identity, and none is ever deleted
        new = _with_address(old, proof)
        record(
            event="email.changed",
            actor=subscriber.audit_id,
            subject=subscriber.audit_id,
            details={"version": new.version, "evidence": new.evidence},
        )
        locked, own = (settings.PUBLIC_URL + reverse(f"accounts:{page}") for page in ("locked", "details"))
        telephone = settings.SITE["help_line"].get(account.language, settings.SITE["help_line"]["en"])
        # The old mailbox learns no new address: it may be somebody else's by now.
        _tell(account, old, "email-changed", {"telephone": telephone, "link": locked})
        _tell(account, new, "email-confirmed", {"url": own})
    return proof


def _locked_account(subscriber: Subscriber) -> Account:
    """The account, locked for this transaction; raises `WrongState` unless it is in use."""
    account = Account.objects.select_for_update().get(pk=subscriber.account_id)
    if account.state != AccountState.ACTIVE:
        raise WrongState(account.audit_id)
    return account


def _with_address(old: Identity, proof: MailboxProof) -> Identity:
    """The same facts, verified when they were, with the address of the proof, as the next version."""
    facts = {field.attname: getattr(old, field.attname) for field in Identity._meta.concrete_fields}
    del facts["id"]
    changed = {"version": old.version + 1, "email": proof.email, "evidence": f"{ADDRESS_ALONE}{proof.pk}"}
    return Identity.objects.create(**{**facts, **changed})


def _tell(account: Account, identity: Identity, event: str, words: dict[str, str]) -> None:
    """Promise a mail to the mailbox of one of the two versions. One that no mail can carry is no reason to stop."""
    letter = Letter(
        event=event,
        key=f"{event}:identity:{identity.pk}",
        address=identity.email,
        language=account.language,
        context={"name": identity.latin_name, **words},
    )
    try:
        promise(letter=letter)
    except AddressNotAllowed:
        logger.warning("%s: %s cannot be told by mail", account.audit_id, event)
