"""Signing in: three strikes, the same work for everybody."""

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_otp import devices_for_user, verify_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import jobs
from accounts.errors import CodeWrong, SignInRefused, TooMany
from accounts.models import Account
from accounts.rules import normalise_passcode, normalise_password
from accounts.services.throttles import count, give_back, seconds_left, window_of
from accounts.states import AccountState
from audit.services import record

_SCOPE = "sign-in"
_TRIES = 30  # from one network address
_SECONDS = 15 * 60


def sign_in(*, username: str, password: str, address: str) -> Account:
    """Give back the account whose password this is; the caller opens the session.

    `username` is normalised by its door (account number or officer's name); `address` is where the try comes from.
    Raises `SignInRefused`, with the same text after the same work, for an account that is unknown, locked, closed,
    without a slip or with an expired one, and for a wrong password; `TooMany` where the address tried too often.
    All tries of an address count alike, so that the throttle does not tell which accounts exist.
    """
    window = window_of(_SECONDS)
    # 1. Count the try and take a strike, in one transaction: the same single commit whether the account exists.
    with transaction.atomic():
        allowed = count(scope=_SCOPE, who=address, limit=_TRIES, window=window)
        account = take_strike(username) if allowed else None
    if not allowed:
        raise TooMany(seconds_left(window, _SECONDS))
    # 2. One hash, for whoever asks.
    if not password_fits(account, password):
        # 3. The third strike shuts the door.
        if account is not None and account.strikes >= settings.STRIKES:
            jobs.lock(account.pk)
        raise SignInRefused
    assert account is not None  # noqa: S101 - tells the type checker that nobody fits no password
    # 4. A right password takes the strikes back, unless the door was shut meanwhile.
    with transaction.atomic():
        if not clear_strikes(account):
            raise SignInRefused
        give_back(scope=_SCOPE, who=address, window=window)
        record(event="account.signed-in", actor=account.audit_id, subject=account.audit_id)
    return account


def take_strike(username: str) -> Account | None:
    """Raise the strikes of an account that may be tried, before its password is looked at; None if it may not.

    The condition stands in the same UPDATE as the count: however many tries come at once, exactly three are looked
    at. Inside the caller's transaction, so that `strikes` of what it gives back is this try's own number.
    """
    usable = Q(state=AccountState.ACTIVE) | Q(state=AccountState.SLIP, passcode_expires_at__gt=timezone.now())
    taken = Account.objects.filter(usable, username=username, strikes__lt=settings.STRIKES).update(
        strikes=F("strikes") + 1
    )
    return Account.objects.get(username=username) if taken else None


def password_fits(account: Account | None, password: str) -> bool:
    """Whether it is the account's password (or passcode); costs one hash, also where there is no account."""
    if account is None:
        make_password(normalise_password(password))
        return False
    slip = account.state == AccountState.SLIP
    typed = normalise_passcode(password) if slip else normalise_password(password)
    return check_password(typed, account.password)


def clear_strikes(account: Account) -> bool:
    """Start counting anew after a right password; False where the account was locked or reset meanwhile."""
    cleared = Account.objects.filter(pk=account.pk, state=account.state, epoch=account.epoch).update(strikes=0)
    account.strikes = 0
    return cleared == 1


def check_code(*, account: Account, code: str) -> TOTPDevice:
    """Give back the device whose one-time code this is; raises `CodeWrong`. Wrong codes make the next one wait."""
    for device in devices_for_user(account):
        if verify_token(account, device.persistent_id, code):
            record(event="account.second-factor", actor=account.audit_id, subject=account.audit_id)
            return device
    record(event="account.second-factor-refused", actor=account.audit_id, subject=account.audit_id)
    raise CodeWrong
