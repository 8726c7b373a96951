"""The demo's mail folder."""

from pathlib import Path

from django.core.mail import EmailMessage, get_connection
from pytest_django import Settings


def test_every_mail_is_a_file_of_its_own(settings: Settings, tmp_path: Path) -> None:
    settings.MAIL_DIR = tmp_path / "mail"
    connection = get_connection("notifications.backends.MailFolder")
    mails = [EmailMessage("s", "text", "a@example.com", [f"{n}@example.com"]) for n in range(2)]
    assert connection.send_messages(mails) == 2
    files = sorted((tmp_path / "mail").glob("*.eml"))
    assert len(files) == 2
    assert b"To: 0@example.com" in b"".join(file.read_bytes() for file in files)
