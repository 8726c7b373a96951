"""The acts of revocation."""

from revocation.services.closing import close_own_account
from revocation.services.decisions import decide_revocation
from revocation.services.numbers import mail_numbers
from revocation.services.reports import Report, decide_report, file_report
from revocation.services.requests import (
    PhraseWish,
    Wish,
    request_revocation,
    request_with_phrase,
    withdraw_revocation,
)

__all__ = [
    "PhraseWish",
    "Report",
    "Wish",
    "close_own_account",
    "decide_report",
    "decide_revocation",
    "file_report",
    "mail_numbers",
    "request_revocation",
    "request_with_phrase",
    "withdraw_revocation",
]
