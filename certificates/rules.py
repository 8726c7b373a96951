"""Rules without a database: challenge phrases, clocks, names of files, the state that people see."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from certificates.errors import ChallengeNotAllowed, ChallengeTooLong, ChallengeTooShort
from certificates.states import CertificateState

CHALLENGE_LEAST, CHALLENGE_MOST = 8, 128
_LONGEST_TYPED = 1000  # characters; composing a text of marks costs the square of its length
_SEPARATORS = re.compile(r"[\s:-]+")
_NUMBER = re.compile(r"[0-9]{10}")  # a certificate's own number
_SERIAL = re.compile(r"(?:0x)?0*([0-9a-f]{1,40})")  # at most 20 octets (RFC 5280 4.1.2.2)
CLOCK_TOLERANCE = timedelta(seconds=5)
SERVICE_MAIL = "service-mail"  # the profile of the certificate that signs the service's mails
RESPONDER = "ocsp-responder"  # the profile of those who answer OCSP requests
LIST_EVERY = timedelta(hours=6)
LIST_VALID = timedelta(hours=72)
LIST_PAUSE = timedelta(seconds=10)  # between two lists of a CA, so that a burst of revocations does not make one each


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


class Known(StrEnum):
    """What somebody knows of a certificate that they look for in the directory."""

    EMAIL = "email"
    NAME = "name"
    NUMBER = "number"
    SERIAL = "serial"


@dataclass(frozen=True)
class LookedFor:
    """What is looked for, in the form in which it is stored: case folded; a serial number in hex as `Certificate`'s."""

    known: Known
    text: str


def looked_for(typed: str) -> LookedFor:
    """Tell e-mail addresses, names, certificate numbers and serial numbers apart; width, case and spaces do not matter.

    Names hold no digits, numbers hold at least one; a serial number is typed as it is shown, in hex with or without
    separators.
    """
    text = " ".join(unicodedata.normalize("NFKC", typed).casefold().split())
    if "@" in text:
        return LookedFor(Known.EMAIL, text)
    digits = _SEPARATORS.sub("", text)
    if _NUMBER.fullmatch(digits):
        return LookedFor(Known.NUMBER, digits)
    serial = _SERIAL.fullmatch(digits)
    if serial and any(character.isdigit() for character in digits):
        return LookedFor(Known.SERIAL, serial[1])
    return LookedFor(Known.NAME, text)
