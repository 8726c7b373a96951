"""The acts of revocation."""

from revocation.services.decisions import decide_revocation
from revocation.services.requests import (
    PhraseWish,
    Wish,
    request_revocation,
    request_with_phrase,
    withdraw_revocation,
)

__all__ = [
    "PhraseWish",
    "Wish",
    "decide_revocation",
    "request_revocation",
    "request_with_phrase",
    "withdraw_revocation",
]
