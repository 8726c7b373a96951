"""DER by hand, for what no sound library would write."""

from collections.abc import Iterator

INTEGER, BIT_STRING, OCTET_STRING, NULL, OID, UTF8 = 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C
PRINTABLE, IA5, SEQUENCE, SET, CONTEXT_0 = 0x13, 0x16, 0x30, 0x31, 0xA0

COMMON_NAME = bytes.fromhex("0603550403")
EXTENSION_REQUEST = bytes.fromhex("06092a864886f70d01090e")
BASIC_CONSTRAINTS = bytes.fromhex("0603551d13")


def tlv(tag: int, *contents: bytes) -> bytes:
    """One element with the shortest length."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 + len(octets)]) + octets + content


def rdn(tag: int, value: bytes, kind: bytes = COMMON_NAME) -> bytes:
    """A relative distinguished name with one attribute."""
    return tlv(SET, tlv(SEQUENCE, kind, tlv(tag, value)))


def extension_request(*extensions: bytes) -> bytes:
    """The PKCS#9 attribute that asks for extensions."""
    return tlv(SEQUENCE, EXTENSION_REQUEST, tlv(SET, tlv(SEQUENCE, *extensions)))


def elements(der: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, int]]:
    """(start, start of content, end) of every element of sound DER, outer ones first."""
    at, end = start, len(der) if end is None else end
    while at < end:
        size, content = der[at + 1], at + 2
        if size >= 0x80:
            octets = size - 0x80
            size, content = int.from_bytes(der[content : content + octets]), content + octets
        yield at, content, content + size
        if der[at] & 0x20:
            yield from elements(der, content, content + size)
        at = content + size
