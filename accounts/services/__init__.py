"""The acts on accounts, gathered for callers: `accounts.services.sign_in(...)`."""

from accounts.services.agreements import accept_agreement, load_agreement
from accounts.services.doors import check_code, sign_in
from accounts.services.emails import ask_email_change, change_email, withdraw_email_change
from accounts.services.languages import remember_language
from accounts.services.listing import list_publicly
from accounts.services.mailboxes import find_mailbox_link, prove_mailbox, send_mailbox_link
from accounts.services.passwords import (
    change_password,
    close_account,
    close_door,
    print_passcode,
    prove_password,
    set_first_password,
)
from accounts.services.people import (
    IdentityFacts,
    add_identity,
    create_officer,
    open_account,
    reset_officer,
)
from accounts.services.pictures import new_picture, new_work, use_picture, use_work
from accounts.services.throttles import throttle

__all__ = [
    "IdentityFacts",
    "accept_agreement",
    "add_identity",
    "ask_email_change",
    "change_email",
    "change_password",
    "check_code",
    "close_account",
    "close_door",
    "create_officer",
    "find_mailbox_link",
    "list_publicly",
    "load_agreement",
    "new_picture",
    "new_work",
    "open_account",
    "print_passcode",
    "prove_mailbox",
    "prove_password",
    "remember_language",
    "reset_officer",
    "send_mailbox_link",
    "set_first_password",
    "sign_in",
    "throttle",
    "use_picture",
    "use_work",
    "withdraw_email_change",
]
