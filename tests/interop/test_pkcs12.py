"""What the page writes (CSR, PKCS#8, PKCS#12) opens in other programs, and theirs in the page."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    pkcs12,
)

from tests.interop.samples import DemoCA, in_node
from tests.judges import judge

pytestmark = [pytest.mark.interop, pytest.mark.xdist_group("frontend")]

PASSWORD = 'correct horse "battery" $1'
FRIENDLY_NAME = "王小明 signing"
KEY_TYPES = ("rsa2048", "rsa3072", "rsa4096", "p256", "p384")
FORMS = ("modern", "compatible")


def run(command: Sequence[str | Path], *, given: bytes = b"") -> str:
    """Run another program; its words are in the failure."""
    environment = os.environ | {"SECRET": PASSWORD, "LC_ALL": "C.UTF-8"}
    outcome = subprocess.run(command, input=given, capture_output=True, check=False, env=environment)
    words = (outcome.stdout + outcome.stderr).decode(errors="replace")
    assert outcome.returncode == 0, f"{command}\n{words}"
    return words


def public_octets(key: Any) -> bytes:
    """SubjectPublicKeyInfo of a private or public key."""
    public = key.public_key() if hasattr(key, "public_key") else key
    octets: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return octets


@pytest.fixture(scope="module")
def authority() -> DemoCA:
    """One CA for the module."""
    return DemoCA()


@pytest.fixture(scope="module")
def keys() -> dict[str, dict[str, Any]]:
    """One key of each type with its request and its encrypted key file."""
    jobs = [{"act": "generate", "keyType": key_type, "password": PASSWORD} for key_type in KEY_TYPES]
    return dict(zip(KEY_TYPES, in_node(jobs), strict=True))


@pytest.fixture(scope="module")
def leaves(keys: dict[str, dict[str, Any]], authority: DemoCA) -> dict[str, x509.Certificate]:
    """A certificate for each key."""
    return {key_type: authority.leaf(x509.load_pem_x509_csr(made["csr"].encode())) for key_type, made in keys.items()}


@pytest.fixture(scope="module")
def files(
    keys: dict[str, dict[str, Any]],
    leaves: dict[str, x509.Certificate],
    authority: DemoCA,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[tuple[str, str], Path]:
    """A PKCS#12 file for each key type and form."""
    folder = tmp_path_factory.mktemp("pkcs12")
    chain = [certificate.public_bytes(Encoding.DER).hex() for certificate in (authority.issuing, authority.root)]
    cases = [(key_type, form) for key_type in KEY_TYPES for form in FORMS]
    jobs = [
        {
            "act": "write",
            "form": form,
            "pkcs8": keys[key_type]["pkcs8"],
            "leaf": leaves[key_type].public_bytes(Encoding.DER).hex(),
            "chain": chain,
            "friendlyName": FRIENDLY_NAME,
            "password": PASSWORD,
        }
        for key_type, form in cases
    ]
    written: dict[tuple[str, str], Path] = {}
    for case, outcome in zip(cases, in_node(jobs), strict=True):
        written[case] = folder / f"{'-'.join(case)}.p12"
        written[case].write_bytes(bytes.fromhex(outcome["file"]))
    return written


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_request_verifies_and_is_strict_der(key_type: str, keys: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """OpenSSL verifies the request; every RDN has one value; writing it anew gives the same octets."""
    pem = tmp_path / "request.pem"
    pem.write_text(keys[key_type]["csr"])
    words = run([judge("openssl"), "req", "-in", pem, "-noout", "-text", "-verify"])
    assert "verify OK" in words
    request = x509.load_pem_x509_csr(pem.read_bytes())
    assert [len(list(rdn)) for rdn in request.subject.rdns] == [1]
    again = run([judge("openssl"), "req", "-in", pem, "-outform", "PEM"])
    assert again.strip() == pem.read_text().strip()


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_key_file_opens_with_openssl_and_pyca(key_type: str, keys: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """`openssl pkcs8` and pyca open the pending-key file and find the same key."""
    made = keys[key_type]
    file = tmp_path / "pending.pem"
    file.write_text(made["keyFile"])
    expected = load_der_private_key(bytes.fromhex(made["pkcs8"]), None)
    words = run([judge("openssl"), "pkcs8", "-in", file, "-passin", "env:SECRET"])
    for opened in (
        load_pem_private_key(words.encode(), None),
        load_pem_private_key(file.read_bytes(), PASSWORD.encode()),
    ):
        assert public_octets(opened) == public_octets(expected)


def _exported_key(words: str) -> Any:
    start = words.index("-----BEGIN PRIVATE KEY-----")
    end = words.index("-----END PRIVATE KEY-----") + len("-----END PRIVATE KEY-----")
    return load_pem_private_key(words[start:end].encode() + b"\n", None)


def _java_copy(source: Path, target: Path) -> None:
    """Let Java read a PKCS#12 file and write it anew."""
    stores: list[str | Path] = ["-srckeystore", source, "-srcstoretype", "PKCS12", "-srcstorepass:env", "SECRET"]
    stores += ["-destkeystore", target, "-deststoretype", "PKCS12", "-deststorepass:env", "SECRET"]
    run([judge("keytool"), "-importkeystore", "-noprompt", *stores])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key_type", KEY_TYPES)
class TestBackupOpens:
    """Key, leaf, chain and name are found by every program."""

    def test_pyca(
        self,
        key_type: str,
        form: str,
        files: dict[tuple[str, str], Path],
        leaves: dict[str, x509.Certificate],
    ) -> None:
        """pyca reads key, certificate, both CA certificates, and the Chinese name."""
        bundle = pkcs12.load_pkcs12(files[key_type, form].read_bytes(), PASSWORD.encode())
        leaf = leaves[key_type]
        assert bundle.cert is not None
        assert bundle.cert.certificate == leaf
        assert bundle.cert.friendly_name == FRIENDLY_NAME.encode()
        assert len(bundle.additional_certs) == 2
        assert public_octets(bundle.key) == public_octets(leaf.public_key())

    def test_openssl(
        self,
        key_type: str,
        form: str,
        files: dict[tuple[str, str], Path],
        leaves: dict[str, x509.Certificate],
    ) -> None:
        """OpenSSL finds the key, three certificates, the announced algorithms, and no BER in the file."""
        file = files[key_type, form]
        openssl = judge("openssl")
        legacy = ["-legacy"] if form == "compatible" else []
        words = run([openssl, "pkcs12", "-in", file, "-passin", "env:SECRET", "-noenc", "-info", *legacy])
        assert words.count("BEGIN CERTIFICATE") == 3
        expected = "PBES2, PBKDF2, AES-256-CBC, Iteration 250000, PRF hmacWithSHA256"
        assert (expected if form == "modern" else "pbeWithSHA1And3-KeyTripleDES-CBC") in words
        assert public_octets(_exported_key(words)) == public_octets(leaves[key_type].public_key())
        structure = run([openssl, "asn1parse", "-inform", "DER", "-in", file])
        assert "inf" not in structure
        assert "cons: OCTET STRING" not in structure

    @pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")  # NSS writes BER
    def test_nss(
        self,
        key_type: str,
        form: str,
        files: dict[tuple[str, str], Path],
        leaves: dict[str, x509.Certificate],
        tmp_path: Path,
    ) -> None:
        """NSS imports the file into a new database and exports the same key again."""
        pk12util, certutil = judge("pk12util"), judge("certutil")
        database = f"sql:{tmp_path}"
        secret, empty = tmp_path / "secret", tmp_path / "empty"
        secret.write_text(PASSWORD)
        empty.write_text("")
        run([certutil, "-N", "-d", database, "--empty-password"])
        run([pk12util, "-i", files[key_type, form], "-d", database, "-k", empty, "-w", secret])
        assert FRIENDLY_NAME in run([certutil, "-L", "-d", database])
        exported = tmp_path / "exported.p12"
        run([pk12util, "-o", exported, "-n", FRIENDLY_NAME, "-d", database, "-k", empty, "-w", secret])
        bundle = pkcs12.load_pkcs12(exported.read_bytes(), PASSWORD.encode())
        assert public_octets(bundle.key) == public_octets(leaves[key_type].public_key())

    def test_gnutls(
        self,
        key_type: str,
        form: str,
        files: dict[tuple[str, str], Path],
        leaves: dict[str, x509.Certificate],
        tmp_path: Path,
    ) -> None:
        """GnuTLS checks the MAC, shows three certificates, and decrypts the key that belongs to the leaf."""
        certtool = [judge("certtool"), "--password", PASSWORD]
        words = run([*certtool, "--p12-info", "--inder", "--infile", files[key_type, form]])
        assert words.count("BEGIN CERTIFICATE") == 3
        encrypted = tmp_path / "key.pem"
        encrypted.write_text(words[words.index("-----BEGIN ENCRYPTED PRIVATE KEY") :])
        described = run([*certtool, "--key-info", "--pkcs8", "--infile", encrypted])
        expected = hashlib.sha256(public_octets(leaves[key_type].public_key())).hexdigest()
        assert f"sha256:{expected}" in described

    def test_java(
        self,
        key_type: str,
        form: str,
        files: dict[tuple[str, str], Path],
        leaves: dict[str, x509.Certificate],
        tmp_path: Path,
    ) -> None:
        """Java finds a private key entry with a chain of three and hands the same key on."""
        keytool = judge("keytool")
        source = files[key_type, form]
        store = ["-storetype", "PKCS12", "-storepass:env", "SECRET"]
        words = run([keytool, "-list", "-v", "-keystore", source, *store])
        assert "PrivateKeyEntry" in words
        assert "Certificate chain length: 3" in words
        target = tmp_path / "java.p12"
        _java_copy(source, target)
        bundle = pkcs12.load_pkcs12(target.read_bytes(), PASSWORD.encode())
        assert public_octets(bundle.key) == public_octets(leaves[key_type].public_key())


def _foreign_files(key: Any, leaf: x509.Certificate, folder: Path) -> dict[str, Path]:
    """The same key and certificate as other programs write them."""
    octets = pkcs12.serialize_key_and_certificates(
        b"foreign", key, leaf, None, BestAvailableEncryption(PASSWORD.encode())
    )
    pyca = folder / "pyca.p12"
    pyca.write_bytes(octets)
    pair = folder / "pair.pem"
    pair.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + leaf.public_bytes(Encoding.PEM)
    )
    written = {"pyca": pyca}
    export: list[str | Path] = [judge("openssl"), "pkcs12", "-export", "-in", pair, "-passout", "env:SECRET"]
    triple = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
    choices = {
        "openssl": [],
        "openssl-3des": triple,
        "openssl-sha512": ["-macalg", "sha512", "-iter", "10000"],
        "openssl-rc2": ["-legacy", "-certpbe", "PBE-SHA1-RC2-40"],
    }
    for name, options in choices.items():
        written[name] = folder / f"{name}.p12"
        run([*export, "-out", written[name], *options])
    written["java"] = folder / "java.p12"
    _java_copy(pyca, written["java"])
    written["nss"] = _written_by_nss(pyca, folder)
    return written


def _written_by_nss(source: Path, folder: Path) -> Path:
    database = folder / "nss"
    database.mkdir()
    secret, empty, target = folder / "secret", folder / "empty", folder / "nss.p12"
    secret.write_text(PASSWORD)
    empty.write_text("")
    place: list[str | Path] = ["-d", f"sql:{database}", "-k", empty, "-w", secret]
    run([judge("certutil"), "-N", "-d", f"sql:{database}", "--empty-password"])
    run([judge("pk12util"), "-i", source, *place])
    run([judge("pk12util"), "-o", target, "-n", "foreign", *place])
    return target


@pytest.mark.parametrize("key_type", ["rsa2048", "p256", "p384"])
def test_page_opens_files_of_other_programs(
    key_type: str, keys: dict[str, dict[str, Any]], leaves: dict[str, x509.Certificate], tmp_path: Path
) -> None:
    """ "Check your backup" finds the key in them, and names RC2 as what it does not read."""
    key = load_der_private_key(bytes.fromhex(keys[key_type]["pkcs8"]), None)
    certificate = leaves[key_type].public_bytes(Encoding.DER).hex()
    written = _foreign_files(key, leaves[key_type], tmp_path)
    jobs = [
        {"act": "read", "file": file.read_bytes().hex(), "password": PASSWORD, "certificate": certificate}
        for file in written.values()
    ]
    outcomes = dict(zip(written, in_node(jobs), strict=True))
    assert outcomes.pop("openssl-rc2") == {"refusal": "error-file-algorithm"}
    for name, outcome in outcomes.items():
        assert outcome.get("matches") == [True], (name, outcome.get("refusal"))
        assert certificate in outcome["certificates"], name


@pytest.mark.parametrize(
    ("options", "readable"),
    [
        (["-v2", "aes-256-cbc"], True),
        (["-v2", "aes-128-cbc"], True),
        (["-v1", "PBE-SHA1-3DES"], True),
        (["-v1", "PBE-MD5-DES"], False),
    ],
)
def test_page_opens_key_files_of_openssl(
    options: list[str], readable: bool, keys: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Encrypted PKCS#8 of OpenSSL comes back as the same key; single DES is refused by name."""
    made = keys["p256"]
    clear, file = tmp_path / "clear.der", tmp_path / "key.pem"
    clear.write_bytes(bytes.fromhex(made["pkcs8"]))
    command: list[str | Path] = [judge("openssl"), "pkcs8", "-topk8", "-inform", "DER", "-in", clear, "-out", file]
    legacy = [] if readable else ["-provider", "legacy", "-provider", "default"]
    run([*command, "-passout", "env:SECRET", *options, *legacy])
    [outcome] = in_node([{"act": "open-key", "file": file.read_text(), "password": PASSWORD}])
    if not readable:
        assert outcome == {"refusal": "error-file-algorithm"}
        return
    opened = load_der_private_key(bytes.fromhex(outcome["keys"][0]), None)
    expected = load_der_private_key(bytes.fromhex(made["pkcs8"]), None)
    assert public_octets(opened) == public_octets(expected)


def test_page_says_what_is_wrong_with_a_file(
    files: dict[tuple[str, str], Path], leaves: dict[str, x509.Certificate]
) -> None:
    """Wrong password, changed octets, another file, another certificate's key: each has its own word."""
    file = files["p256", "modern"].read_bytes()
    changed = bytearray(file)
    changed[len(file) // 3] ^= 1
    other = leaves["p384"].public_bytes(Encoding.DER).hex()
    good = {"act": "read", "file": file.hex(), "password": PASSWORD, "certificate": other}
    outcomes = in_node(
        [
            good | {"password": PASSWORD + "x"},
            good | {"file": bytes(changed).hex()},
            good | {"file": b"-----BEGIN CERTIFICATE-----".hex()},
            good | {"file": file[:-1].hex()},
            good | {"file": "30" * 600_000 * 2},
            good,
        ]
    )
    assert [outcome.get("refusal") for outcome in outcomes[:-1]] == [
        "error-file-password",
        "error-file-password",
        "error-file-format",
        "error-file-format",
        "error-file-large",
    ]
    assert outcomes[-1]["matches"] == [False]
