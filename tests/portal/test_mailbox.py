"""The demo's mailbox shows what was sent, and nothing else of the folder."""

from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client, RequestFactory

from notifications.backends import MailFolder
from portal import mailbox, views


@pytest.fixture
def folder(tmp_path: Path, settings: object) -> Path:
    settings.MAIL_DIR = tmp_path / "mail"  # type: ignore[attr-defined]  # pytest-django's fixture
    return tmp_path / "mail"


def send(subject: str, text: str) -> None:
    mail = EmailMultiAlternatives(subject, text, "noreply@sigillum.example", ["chan@example.com"])
    mail.attach_alternative(f"<p>{text}</p>", "text/html")
    MailFolder().send_messages([mail])


def test_the_newest_mail_comes_first_as_text(folder: Path) -> None:
    send("First", "one")
    send("憑證已簽發", "請開啟 http://portal.example/x")
    newest, oldest = mailbox.mails()
    assert (newest.subject, newest.text.strip(), newest.to) == (
        "憑證已簽發", "請開啟 http://portal.example/x", "chan@example.com",
    )  # fmt: skip
    assert oldest.subject == "First"
    assert newest.sent_at is not None


def test_no_folder_is_no_mail(folder: Path) -> None:
    assert mailbox.mails() == []


def test_a_mail_is_found_by_its_name_and_by_nothing_else(folder: Path) -> None:
    send("First", "one")
    (folder.parent / "outside.eml").write_text("Subject: outside\n\nx")
    name = mailbox.mails()[0].name
    assert mailbox.find(name) is not None
    assert mailbox.find("../outside") is None


@pytest.mark.django_db
@pytest.mark.urls("tests.portal.demo_urls")
def test_the_pages_show_links_to_follow(folder: Path) -> None:
    send("First", "open http://portal.example/x/ <b>now</b>")
    listed = Client().get("/demo/mailbox/").content.decode()
    assert "First" in listed
    page = Client().get(f"/demo/mailbox/{mailbox.mails()[0].name}/").content.decode()
    assert '<a href="http://portal.example/x/" rel="nofollow">' in page
    assert "<b>now</b>" not in page
    assert Client().get("/demo/mailbox/nothing/").status_code == 404


@pytest.mark.django_db
@pytest.mark.urls("tests.portal.demo_urls")
def test_an_empty_mailbox_says_what_to_do(folder: Path) -> None:
    assert "No mail yet" in Client().get("/demo/mailbox/").content.decode()


def test_the_mailbox_is_read_only() -> None:
    assert views.mailbox(RequestFactory().post("/demo/mailbox/")).status_code == 405
