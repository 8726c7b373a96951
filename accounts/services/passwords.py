"""Passcodes and passwords."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import jobs
from accounts.errors import OldPasswordWrong, PasswordIsPasscode, PasswordNotAllowed
from accounts.models import Account
from accounts.rules import in_groups, new_passcode, normalise_passcode, normalise_password
from accounts.selectors import subscriber_of
from accounts.services.doors import clear_strikes, password_fits, take_strike
from accounts.services.listing import list_publicly
from accounts.services.mailboxes import void_email_changes
from accounts.states import AccountState
from audit.errors import WrongState
from audit.services import record
from audit.transitions import advance


def check_new_password(account: Account, new: str) -> str:
    """Give back the new password as it is hashed; raises `PasswordNotAllowed` with the broken rules."""
    typed = normalise_password(new)
    try:
        validate_password(typed, user=account)
    except ValidationError as error:
        raise PasswordNotAllowed(error.messages) from error
    return typed


def change_password(*, account: Account, old: str, new: str) -> None:
    """Change the password of an account in use. All its other sessions end, and its holder is told by mail.

    Raises `PasswordNotAllowed` (before anything is counted) and `OldPasswordWrong`, which is a strike: the third
    locks the account, so that an open session does not let anybody guess.
    """
    typed = check_new_password(account, new)
    tried = _prove(account, old)
    encoded = make_password(typed)
    with transaction.atomic():
        if tried.state != AccountState.ACTIVE or not clear_strikes(tried):
            raise WrongState(account.audit_id)
        Account.objects.filter(pk=account.pk).update(password=encoded)
        void_email_changes(account)
        record(event="account.password-changed", actor=account.audit_id, subject=account.audit_id)
        jobs.tell_holder(tried, "password-changed")
    account.password = encoded


def prove_password(*, account: Account, password: str) -> None:
    """Ask for the password of an account in use once more, before something that cannot be taken back.

    Call it outside of a transaction. Raises `OldPasswordWrong`, a strike like at the door, and `WrongState` where the
    account was locked or reset meanwhile.
    """
    tried = _prove(account, password)
    if tried.state != AccountState.ACTIVE or not clear_strikes(tried):
        raise WrongState(account.audit_id)


def _prove(account: Account, password: str) -> Account:
    """The account as it stands with this try counted; the third wrong password locks it."""
    with transaction.atomic():
        tried = take_strike(account.username)
    if not password_fits(tried, password):
        if tried is not None and tried.strikes >= settings.STRIKES:
            jobs.lock(tried.pk)
        raise OldPasswordWrong
    assert tried is not None  # noqa: S101 - tells the type checker that nobody fits no password
    return tried


def set_first_password(*, account: Account, new: str) -> None:
    """Put a password of the holder's own in the place of the slip's passcode; the slip is used up.

    Raises `PasswordNotAllowed`, `PasswordIsPasscode`, and `WrongState` where there is no slip to use (any more).
    """
    typed = check_new_password(account, new)
    if account.state != AccountState.SLIP:
        raise WrongState(account.audit_id)
    if check_password(normalise_passcode(new), account.password):
        raise PasswordIsPasscode
    encoded, opened_with = make_password(typed), account.epoch
    with transaction.atomic():
        account.refresh_from_db(from_queryset=Account.objects.select_for_update())
        if account.epoch != opened_with:  # another slip was printed meanwhile: this session's one is void
            raise WrongState(account.audit_id)
        advance(
            account,
            before=AccountState.SLIP,
            after=AccountState.ACTIVE,
            actor=account.audit_id,
            event="account.first-password",
            changes={"password": encoded, "passcode_expires_at": None},
        )


def print_passcode(*, account: Account, actor: str) -> str:
    """Make a passcode for a slip and give it back, in groups; nothing but its hash is kept.

    The account must be without a slip, or have one that is not used yet (which stops working): `WrongState` else.
    Open sessions end.
    """
    passcode = new_passcode()
    encoded = make_password(passcode)
    with transaction.atomic():
        account.refresh_from_db(from_queryset=Account.objects.select_for_update())
        if account.state not in (AccountState.NEW, AccountState.SLIP):
            raise WrongState(account.audit_id)
        advance(
            account,
            before=account.state,
            after=AccountState.SLIP,
            actor=actor,
            event="account.passcode-printed",
            changes={
                "password": encoded,
                "passcode_expires_at": timezone.now() + timedelta(days=settings.PASSCODE_DAYS),
                "strikes": 0,
                "epoch": account.epoch + 1,
            },
        )
    return in_groups(passcode)


def close_door(*, account: Account, actor: str) -> None:
    """Take an account back to where only a new slip opens it: password, passcode and sessions end.

    An account that waits for its slip already stays as it is. Raises `WrongState` for a closed one.
    """
    with transaction.atomic():
        account.refresh_from_db(from_queryset=Account.objects.select_for_update())
        if account.state == AccountState.NEW:
            return
        if account.state == AccountState.CLOSED:
            raise WrongState(account.audit_id)
        void_email_changes(account)
        advance(
            account,
            before=account.state,
            after=AccountState.NEW,
            actor=actor,
            event="account.door-closed",
            changes={
                "password": make_password(None),
                "passcode_expires_at": None,
                "strikes": 0,
                "epoch": account.epoch + 1,
            },
        )


def close_account(*, account: Account, actor: str) -> None:
    """Close an account for good: nothing opens it any more, its sessions end, and its holder is told.

    Who leaves is not listed any more, since nobody could take that back afterwards. Its certificates are the caller's
    affair. Raises `WrongState` for one that is closed already.
    """
    with transaction.atomic():
        account.refresh_from_db(from_queryset=Account.objects.select_for_update())
        if account.state == AccountState.CLOSED:
            raise WrongState(account.audit_id)
        advance(
            account,
            before=account.state,
            after=AccountState.CLOSED,
            actor=actor,
            event="account.closed",
            changes={
                "password": make_password(None),
                "passcode_expires_at": None,
                "strikes": 0,
                "epoch": account.epoch + 1,
            },
        )
        subscriber = subscriber_of(account)
        if subscriber is not None:
            list_publicly(subscriber=subscriber, listed=False)
        jobs.tell_holder(account, "account-closed")
