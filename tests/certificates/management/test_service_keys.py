"""Keys of the service's own processes; the tests of their two commands go through the rest."""

import stat
from pathlib import Path

import pytest
from cryptography import x509
from django.core.management import CommandError
from pytest_django import Settings

from ca.keys.file import FileSigner
from certificates.management.service_keys import KeyFolder


def test_a_new_key_lies_under_its_own_name_for_its_owner_alone(settings: Settings, tmp_path: Path) -> None:
    settings.MAIL_KEY_DIR, settings.MAIL_KEY_PASSPHRASE_FILE = tmp_path / "keys", settings.CA_KEY_PASSPHRASE_FILE
    folder = KeyFolder.of("MAIL")
    request = x509.load_der_x509_csr(folder.new_request())
    (path,) = folder.path.iterdir()
    assert folder.holds(path.stem)
    assert not folder.holds("0" * 64)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert FileSigner(path, folder.passphrase).public_key == request.public_key()


def test_the_settings_that_are_missing_are_named(settings: Settings, tmp_path: Path) -> None:
    settings.MAIL_KEY_DIR = tmp_path
    with pytest.raises(CommandError, match="MAIL_KEY_PASSPHRASE_FILE"):
        KeyFolder.of("MAIL")
