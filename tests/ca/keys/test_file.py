"""Key files: written once, readable by their owner only, opened with the passphrase only."""

import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from ca.errors import KeyExists, KeyTypeNotAllowed, SignerUnusable
from ca.keycheck import check_key
from ca.keys import Signer
from ca.keys import file as key_file
from ca.keys.file import FileSigner, create_key_file
from ca.keys.scheme import verifies
from ca.profiles.model import KEY_TYPES
from tests.judges import judge

PASSPHRASE = b"correct horse"


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_a_key_signs_the_same_bytes_the_same_way(tmp_path: Path, key_type: str) -> None:
    path = tmp_path / "one.key"
    create_key_file(path, PASSPHRASE, key_type)
    signer: Signer = FileSigner(path, PASSPHRASE)
    signer.check()
    assert check_key(signer.public_key) == key_type
    assert signer.sign(b"data") == signer.sign(b"data") == FileSigner(path, PASSPHRASE).sign(b"data")
    assert signer.sign(b"data") != signer.sign(b"other")
    assert verifies(signer.public_key, signer.sign(b"data"), b"data")


def test_a_key_file_is_its_owners_and_encrypted(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    create_key_file(path, PASSPHRASE, "p256")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    command = [judge("openssl"), "pkey", "-in", str(path), "-passin", "pass:correct horse", "-noout", "-check"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    command[5] = "pass:wrong"
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    create_key_file(path, PASSPHRASE, "p256")
    before = path.read_bytes()
    with pytest.raises(KeyExists):
        create_key_file(path, PASSPHRASE, "p256")
    assert path.read_bytes() == before


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyExists):
        create_key_file(tmp_path / "link.key", PASSPHRASE, "p256")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("key_type", ["rsa1024", "p521", "", "ed25519"])
def test_an_unknown_type_leaves_no_file(tmp_path: Path, key_type: str) -> None:
    with pytest.raises(KeyTypeNotAllowed):
        create_key_file(tmp_path / "one.key", PASSPHRASE, key_type)
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_is_needed(tmp_path: Path) -> None:
    with pytest.raises(SignerUnusable):
        create_key_file(tmp_path / "one.key", b"", "p256")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("passphrase", [b"wrong", b""])
def test_without_the_passphrase_there_is_no_signer(tmp_path: Path, passphrase: bytes) -> None:
    create_key_file(tmp_path / "one.key", PASSPHRASE, "p256")
    with pytest.raises(SignerUnusable) as refusal:
        FileSigner(tmp_path / "one.key", passphrase)
    assert "correct" not in str(refusal.value)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SignerUnusable):
        FileSigner(tmp_path / "missing.key", PASSPHRASE)
    (tmp_path / "text.key").write_text("not a key")
    with pytest.raises(SignerUnusable):
        FileSigner(tmp_path / "text.key", PASSPHRASE)
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(PASSPHRASE),
    )
    (tmp_path / "other.key").write_bytes(other)
    with pytest.raises(SignerUnusable):
        FileSigner(tmp_path / "other.key", PASSPHRASE)


def test_a_key_whose_test_signature_fails_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_key_file(tmp_path / "one.key", PASSPHRASE, "p256")
    signer = FileSigner(tmp_path / "one.key", PASSPHRASE)
    monkeypatch.setattr(key_file, "verifies", lambda *_: False)
    with pytest.raises(SignerUnusable):
        signer.check()


def test_a_signer_does_not_show_its_secret(tmp_path: Path) -> None:
    create_key_file(tmp_path / "one.key", PASSPHRASE, "p256")
    assert "correct" not in repr(FileSigner(tmp_path / "one.key", PASSPHRASE))
