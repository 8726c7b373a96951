"""Rules without a database: when a certificate may be renewed, when its holder is told, what the old key signs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

NOTICE_DAYS = (30, 14, 7, 1, 0)  # days before the end at which the holder is told; 0: at the end
ESCALATION_DAYS = 7  # days before the end from which the office has an organisation's certificate on its list
INVITATION_DAYS = 3  # so long nobody is invited again
MADE_HERE = frozenset({"browser", "csr"})  # places of a key that renewal here serves; a token's is renewed at the desk
NONCE_LASTS = timedelta(minutes=10)
NONCE_LENGTH = 64  # hexadecimal digits
STATEMENT_BEGINS = "Sigillum renewal 1"


def window(not_after: datetime, days: int) -> tuple[datetime, datetime]:
    """The first and the last second, UTC, in which a certificate that ends at `not_after` may be renewed."""
    # In UTC, since a day of a zone with daylight saving time is not always 24 hours long.
    last = not_after.astimezone(UTC).replace(microsecond=0)
    return last - timedelta(days=days), last


def within_renewal_window(now: datetime, not_after: datetime, days: int) -> bool:
    """Whether `now` lies between the ends of the window, both included; seconds count, their parts do not."""
    first, last = window(not_after, days)
    return first <= now.astimezone(UTC).replace(microsecond=0) <= last


def statement_head(order_id: str, serials: Sequence[str]) -> str:
    """How the statement begins: for which draft order, and which certificates (serial numbers as stored) it renews."""
    lines = [STATEMENT_BEGINS, f"order: {order_id}", *(f"serial: {serial}" for serial in serials)]
    return "".join(f"{line}\n" for line in lines)


def statement(head: str, csrs: Sequence[str], nonce: str, made_at: datetime) -> bytes:
    """Exactly what the old signing key signs: the head, SHA-256 of each request's DER, the nonce and its time."""
    lines = [*(f"csr-sha256: {csr}" for csr in csrs), f"nonce: {nonce}", f"time: {in_words(made_at)}"]
    return (head + "".join(f"{line}\n" for line in lines)).encode()


def in_words(moment: datetime) -> str:
    """A time as the statement writes it: UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def nonce_in(content: bytes) -> str:
    """The value of the statement's only nonce line, or nothing."""
    found = [line[7:] for line in content.split(b"\n") if line.startswith(b"nonce: ")]
    return found[0].decode("ascii", "replace") if len(found) == 1 else ""
