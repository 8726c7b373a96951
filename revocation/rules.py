"""Rules without a database: how people write numbers of certificates."""

import re
import unicodedata

MOST_AT_ONCE = 20_000  # certificates in one request
LONGEST_NAMED = 200  # characters; a serial number of 20 octets with a colon and a space after each is shorter
_NUMBER_DIGITS = 10
_BETWEEN = re.compile(r"[\s:\-‐-―−]+")
_LINE = re.compile(r"[\r\n,;，；、]+")
_HEX = re.compile(r"(?:0x)?([0-9a-f]{1,64})", re.ASCII)


def plain_name(text: str) -> tuple[str, str]:
    """What somebody typed to name a certificate, as its number and as its serial number are stored.

    Width, case, spaces, colons, hyphens and leading zeros do not matter. Ten digits may be either, so both come back;
    one that it cannot be is empty.
    """
    if len(text) > LONGEST_NAMED:
        return "", ""
    typed = _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).lower()
    found = _HEX.fullmatch(typed)
    if found is None:
        return "", ""
    digits = found[1]
    is_number = digits.isdecimal() and len(digits) <= _NUMBER_DIGITS
    return digits.zfill(_NUMBER_DIGITS) if is_number else "", digits.lstrip("0")


def names_in(text: str) -> list[str]:
    """The lines of a list of certificates, each once and in order; commas and semicolons end a line, too."""
    return list(dict.fromkeys(line.strip() for line in _LINE.split(text) if line.strip()))
