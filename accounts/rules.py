"""Pure rules about accounts: numbers, passcodes, passwords, picture digits, work, network addresses."""

import hashlib
import ipaddress
import re
import secrets
import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Without look-alikes. 31 is a prime, so that the check character finds every wrong character and every swap.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 12
_GROUP = 4
_OFFICER_NAME = re.compile(r"[a-z][a-z0-9.-]{2,29}")
_SEPARATORS = re.compile(r"[\s\-‐-―−_.]+")
_ALIKE = 0.7  # from this ratio on a password is too much like the account or the name
_IPV6_SITE = 64  # bits; who has one address of a /64 has them all

WORK_BITS = 18
WORK_SECONDS = 10 * 60


def account_number() -> str:
    """A new account number: 11 random characters (54 bits) and a check character, without separators."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH - 1))
    return body + _check_character(body)


def _check_character(body: str) -> str:
    total = sum((place + 2) * ALPHABET.index(character) for place, character in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def normalise_account(text: str) -> str:
    """An account number as it is stored: width, case, spaces and hyphens do not matter."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def is_account_number(text: str) -> bool:
    """Whether `text` (normalised) is well formed; tells typing mistakes, not which accounts exist."""
    if len(text) != _LENGTH or any(character not in ALPHABET for character in text):
        return False
    return _check_character(text[:-1]) == text[-1]


def in_groups(text: str) -> str:
    """An account number or passcode in groups of four, for people."""
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def new_passcode() -> str:
    """The passcode of a slip: 12 random characters (59 bits), without separators."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))


def normalise_passcode(text: str) -> str:
    """A passcode as it is hashed: width, case, spaces and hyphens do not matter."""
    return normalise_account(text)


def normalise_password(text: str) -> str:
    """A password as it is hashed: composed (NFC), since keyboards differ in how they write an ã (RFC 8265)."""
    return unicodedata.normalize("NFC", text)


def normalise_officer_name(text: str) -> str:
    """An officer's sign-in name as it is stored."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def normalise_person(text: str) -> str:
    """A person id as it is compared: two spellings of one document number are one person, who has one pair of eyes."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def is_officer_name(text: str) -> bool:
    """Whether an officer may have this sign-in name; never one that could be an account number."""
    return _OFFICER_NAME.fullmatch(text) is not None and not is_account_number(normalise_account(text))


class LengthValidator:
    """A password is as long as the settings ask for, and not longer than they allow."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise `ValidationError` for a password too short or too long."""
        if not settings.PASSWORD_MIN_LENGTH <= len(password) <= settings.PASSWORD_MAX_LENGTH:
            raise ValidationError(self.get_help_text(), code="password_length")

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return _("The password has %(least)d to %(most)d characters.") % {
            "least": settings.PASSWORD_MIN_LENGTH,
            "most": settings.PASSWORD_MAX_LENGTH,
        }


class NotCommonValidator(CommonPasswordValidator):
    """A password is not on the list of common ones; in our own words, which address the reader as all others do."""

    def get_error_message(self) -> str:
        """What is wrong with a common password."""
        return _("This password is one of the most common ones. Choose another.")

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return _("The password is not a common one.")


class NotLikeAccountValidator:
    """A password is not like the account number or the name; `user` offers them as `password_must_differ_from`."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise `ValidationError` for a password that holds, or is much like, a word known about the account."""
        typed = password.casefold()
        for word in getattr(user, "password_must_differ_from", ()):
            known = word.casefold()
            if len(known) < _GROUP:
                continue
            if known in typed or SequenceMatcher(a=typed, b=known).quick_ratio() >= _ALIKE:
                raise ValidationError(self.get_help_text(), code="password_like_account")

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return _("The password is not like your name, your e-mail address or your account.")


def picture_digits() -> tuple[str, str]:
    """What stands in the picture and what is to be typed (django-simple-captcha's challenge function)."""
    digits = "".join(secrets.choice("0123456789") for _ in range(settings.CAPTCHA_LENGTH))
    return digits, digits


def normalise_digits(text: str) -> str:
    """Digits as typed on any keyboard, full-width ones too."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def is_work(challenge: str, nonce: str, bits: int = WORK_BITS) -> bool:
    """Whether SHA-256(challenge + ":" + nonce) begins with `bits` zero bits."""
    digest = hashlib.sha256(f"{challenge}:{nonce}".encode()).digest()
    return int.from_bytes(digest) >> (8 * len(digest) - bits) == 0


def masked(number: str) -> str:
    """An ID number as pages show it: enough to compare with a document, too little to use."""
    if len(number) < 6:
        return "•" * len(number)
    return number[0] + "•" * (len(number) - 4) + number[-3:]


def network_address(meta: Mapping[str, Any]) -> str:
    """Where a request comes from, as throttles count it: an IPv4 address or an IPv6 site (/64).

    Behind our own proxy the last entry of X-Forwarded-For is the one that the proxy wrote; the others are the
    visitor's own words.
    """
    text = str(meta.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY:
        text = str(meta.get("HTTP_X_FORWARDED_FOR", text)).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, _IPV6_SITE), strict=False))
    return str(address)
