"""Rules without a database: challenge phrases, clocks, names of files, the state that people see."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from certificates.errors import ChallengeNotAllowed, ChallengeTooLong, ChallengeTooShort
from certificates.states import CertificateState

CHALLENGE_LEAST, CHALLENGE_MOST = 8, 128
_LONGEST_TYPED = 1000  # characters; composing a text of marks costs the square of its length
CLOCK_TOLERANCE = timedelta(seconds=5)
RESPONDER = "ocsp-responder"  # the profile of those who answer OCSP requests
LIST_EVERY = timedelta(hours=6)
LIST_VALID = timedelta(hours=72)


def normalise_challenge(phrase: str) -> str:
    """The form of a challenge phrase that is hashed and compared: without regard to case, width or repeated spaces.

    Raises `ChallengeNotAllowed` (anything but letters, digits, spaces), `ChallengeTooShort`, `ChallengeTooLong`.
    """
    if len(phrase) > _LONGEST_TYPED:
        raise ChallengeTooLong
    normal = " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", phrase).casefold()).split())
    if any(unicodedata.category(character)[0] not in "LMN" for character in normal.replace(" ", "")):
        raise ChallengeNotAllowed
    if len(normal) < CHALLENGE_LEAST:
        raise ChallengeTooShort
    if len(normal) > CHALLENGE_MOST:
        raise ChallengeTooLong
    return normal


def clock_is_right(*, ours: datetime, database: datetime, last_event: datetime) -> bool:
    """Whether our clock may date a signature: within 5 s of the database's, and not behind what already happened."""
    return abs(ours - database) <= CLOCK_TOLERANCE and last_event - ours <= CLOCK_TOLERANCE


def next_list_number(last: int, now: datetime) -> int:
    """The next CRLNumber (RFC 5280 5.2.3).

    It follows the clock, so that it also rises when an older database was restored, and never repeats within a second.
    """
    return max(last + 1, int(now.timestamp()))


def key_file(folder: Path, slug: str) -> Path:
    """Where the key of the CA (or responder) `slug` lies."""
    return folder / f"{slug}.key"


def shown_state(state: str, not_after: datetime, now: datetime, soon: timedelta) -> str:
    """`valid`, `soon`, `expired`, `held` or `revoked`: what people are told of a certificate at `now`."""
    if state != CertificateState.VALID:
        return str(state)
    if now > not_after:
        return "expired"
    return "soon" if now >= not_after - soon else "valid"


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text of a profile in `language`, or in English."""
    return texts.get(language.lower()) or texts["en"]
