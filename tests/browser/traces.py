"""Looking for secrets in everything a site leaves behind: database, logs, broker folder, mails, requests."""

import base64
from collections.abc import Iterable, Iterator
from urllib.parse import quote_plus

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.processes import Site

# Every row of every table, the sessions opened, as text; binary values as they are.
_ALL_ROWS = """
import sys
from django.apps import apps
from django.contrib.sessions.models import Session
out = sys.stdout
for model in apps.get_models(include_auto_created=True):
    for row in model.objects.all().values():
        for value in row.values():
            out.write(bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value))
            out.write(chr(10))
for session in Session.objects.all():
    out.write(str(session.get_decoded()) + chr(10))
"""


def left_behind(site: Site) -> Iterator[tuple[str, bytes]]:
    """Name and content of everything that the site wrote, its own key files and the demo's sign-ins left out."""
    yield "database", site.manage("shell", "--verbosity", "0", "--command", _ALL_ROWS).encode()
    ours = ("keys", "demo.json", "demo.env")
    for file in site.folder.rglob("*"):
        if file.is_file() and not set(ours) & set(file.relative_to(site.folder).parts):
            yield str(file), file.read_bytes()


def is_nowhere(site: Site, sent: Iterable[bytes], secret: str) -> None:
    """The secret stands in nothing that was left behind, nor in what the browser sent."""
    _search(site, sent, {secret.encode(), quote_plus(secret).encode(), *_base64(secret.encode())})


def private_key_is_nowhere(site: Site, sent: Iterable[bytes], key: object) -> None:
    """The private number stands nowhere: not raw, not in hex, not in base64 at any offset."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        number, size = key.private_numbers().private_value, (key.key_size + 7) // 8
    else:
        assert isinstance(key, rsa.RSAPrivateKey)
        number, size = key.private_numbers().p, key.key_size // 16
    raw = number.to_bytes(size, "big")
    _search(site, sent, {raw, raw.hex().encode(), str(number).encode(), *_base64(raw)})


def _search(site: Site, sent: Iterable[bytes], needles: set[bytes]) -> None:
    for name, content in (*left_behind(site), *(("request", body) for body in sent)):
        for needle in needles:
            assert needle not in content, f"a secret stands in {name}"


def _base64(raw: bytes) -> Iterator[bytes]:
    """What of base64 stays the same wherever the value begins within a longer text."""
    for skip in range(3):
        whole = base64.b64encode(b"\0" * skip + raw)
        yield whole[4 if skip else 0 : -4]
