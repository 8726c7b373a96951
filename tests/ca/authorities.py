"""A root and issuing CAs for tests, made by the ceremony as in real life."""

import atexit
import shutil
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import Plan, Presence, key_path, make_issuing, make_root
from ca.keys.file import FileSigner
from ca.names import Registered
from ca.profiles import profile
from ca.service import Addresses, Demand, Issuer, issue, prepare

PASSPHRASE = b"a passphrase for tests"
OPERATORS = ("Ana Silva", "陳大文")
STATUS = "http://status.example.com"
ROOT_ADDRESSES = Addresses(f"{STATUS}/ca/root.cer", f"{STATUS}/crl/root.crl", "", "http://www.example.com/cps")
REGISTERED = Registered(
    country="MO",
    common_name="陳大文 CHAN Tai Man",
    given_name="Tai Man",
    family_name="Chan",
    subscriber_number="S-0123456789",
    email="tai.man@example.com",
    organisation="澳門範例有限公司",
    organisation_unit="資訊處",
    organisation_identifier="VATMO-12345678",
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def addresses(slug: str) -> Addresses:
    """What stands in the certificates of the CA `slug`."""
    return Addresses(
        f"{STATUS}/ca/{slug}.cer", f"{STATUS}/crl/{slug}.crl", f"{STATUS}/ocsp", "http://www.example.com/cps"
    )


@cache
def folder() -> Path:
    """One folder of key files for the whole run."""
    made = Path(mkdtemp(prefix="ca-keys-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def presence(now: datetime | None = None, where: Path | None = None) -> Presence:
    """Two people in front of a folder, yesterday unless told otherwise."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    return Presence(OPERATORS, now or yesterday, where or folder(), PASSPHRASE)


def plan(slug: str, key_type: str, years: int) -> Plan:
    """A CA called after its slug."""
    name = (("country", "TW"), ("organisation", "Sigillum"), ("common_name", f"Sigillum {slug}"))
    return Plan(slug, name, key_type, years)


def _issuer(slug: str, der: bytes, its_addresses: Addresses, where: Path) -> Issuer:
    signer = FileSigner(key_path(where, slug), PASSPHRASE)
    return Issuer(slug, x509.load_der_x509_certificate(der), signer, its_addresses)


def root(key_type: str = "p384") -> Issuer:
    """A root, made once for the run."""
    return _root(key_type)


@cache
def _root(key_type: str) -> Issuer:
    slug = f"root-{key_type}"
    return _issuer(slug, make_root(plan(slug, key_type, 20), presence()).der, ROOT_ADDRESSES, folder())


@cache
def issuing(key_type: str) -> Issuer:
    """An issuing CA under the P-384 root, made once for the run."""
    slug = f"g03-{key_type}"
    made = make_issuing(plan(slug, key_type, 10), presence(), root=root())
    return _issuer(slug, made.der, addresses(slug), folder())


@cache
def short_lived(now: datetime, where: Path) -> Issuer:
    """A root and an issuing CA of one year that began at `now`; the issuing one. `where` is made."""
    where.mkdir(exist_ok=True)
    der = make_root(plan("short-root", "p256", 1), presence(now, where)).der
    parent = _issuer("short-root", der, ROOT_ADDRESSES, where)
    made = make_issuing(plan("short", "p256", 1), presence(now, where), root=parent)
    return _issuer("short", made.der, addresses("short"), where)


@cache
def key(key_type: str) -> Key:
    """A person's key, made once for the run."""
    if key_type.startswith("rsa"):
        return rsa.generate_private_key(65537, int(key_type[3:]))
    return ec.generate_private_key(ec.SECP256R1() if key_type == "p256" else ec.SECP384R1())


@cache
def csr(key_type: str) -> bytes:
    """A request as a browser makes it, DER."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "whoever")])
    request = x509.CertificateSigningRequestBuilder(name).sign(key(key_type), hashes.SHA256())
    return request.public_bytes(Encoding.DER)


def demand(slug: str, key_type: str = "p256", which: int = 0) -> Demand:
    """What the person asks for, from the profile `slug`."""
    chosen = profile(slug)
    return Demand(chosen, chosen.templates[which], REGISTERED, csr(key_type))


def issued(issuer: Issuer, wanted: Demand, now: datetime | None = None) -> x509.Certificate:
    """The certificate, through both halves of the door."""
    prepared = prepare(issuer, wanted, now=now or datetime.now(UTC), blocked=lambda _hash: False)
    return x509.load_der_x509_certificate(issue(issuer, prepared.tbs))
