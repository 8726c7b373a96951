"""Whoever knows only their mailbox gets the numbers there; the page tells nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from accounts.errors import TooMany
from audit.models import Event
from certificates.models import Authority, Certificate
from certificates.selectors import row
from notifications.jobs import deliver
from notifications.models import Message
from revocation.forms.numbers import NumbersForm
from revocation.services import mail_numbers
from tests import factories
from tests.certificates import making
from tests.flows.journey import picture
from tests.revocation.reporting import ADDRESS, issued

pytestmark = pytest.mark.django_db

PAGE = "/revocation/numbers/"


def ask(email: str) -> list[Message]:
    mail_numbers(email=email, address=ADDRESS)
    return list(Message.objects.filter(event="certificate-numbers").order_by("pk"))


def test_the_numbers_go_to_the_mailbox_in_the_holders_language(authority: Authority) -> None:
    holder = making.person(email="Ana@example.org", language="pt")
    certificates = [*issued(subscriber=holder)[0], *issued("personal", holder)[0]]
    others = issued()[0]
    (letter,) = ask("ana@EXAMPLE.org")
    assert (letter.address, letter.language) == ("Ana@example.org", "pt")
    lines = letter.context["certificates"].splitlines()
    assert {line.partition(":")[0] for line in lines} == {one.number for one in certificates}
    assert others[0].number not in letter.context["certificates"]
    end = timezone.localtime(certificates[0].not_after).date().isoformat()
    assert any(end in line for line in lines)
    deliver(letter.pk)
    assert certificates[0].number in mail.outbox[0].body
    assert "/revocation/" in mail.outbox[0].body


def test_suspended_ones_are_named_and_ended_ones_are_not(authority: Authority) -> None:
    holder = making.person()
    (held,), _ = issued(subscriber=holder)
    (ended,), _ = issued(subscriber=holder)
    Certificate.objects.filter(pk=held.pk).update(state="held")
    Certificate.objects.filter(pk=ended.pk).update(not_after=timezone.now() - timedelta(seconds=1))
    (letter,) = ask(held.email)
    assert held.number in letter.context["certificates"]
    assert "suspended" in letter.context["certificates"]
    assert ended.number not in letter.context["certificates"]


def test_an_old_address_gets_only_what_holds_it(authority: Authority) -> None:
    holder = making.person(email="old@example.org")
    (old,), _ = issued(subscriber=holder)
    factories.identity(holder, email="new@example.org")
    assert [letter.address for letter in ask("old@example.org")] == ["old@example.org"]
    (first, second) = ask("new@example.org")
    assert first.context["certificates"].startswith(old.number)
    assert (second.address, second.context["certificates"].startswith(old.number)) == ("new@example.org", True)
    Certificate.objects.filter(pk=old.pk).update(email="")
    assert len(ask("old@example.org")) == 2  # nothing more


def test_two_people_behind_one_mailbox_get_a_letter_each(authority: Authority) -> None:
    people = [making.person(email="office@example.org", language=language) for language in ("en", "zh-hant")]
    for one in people:
        issued(subscriber=one)
    assert {letter.language for letter in ask("office@example.org")} == {"en", "zh-hant"}


def test_certificates_of_the_service_and_odd_addresses_are_nobodys(authority: Authority) -> None:
    """Neither stops the letter about the others."""
    holder = making.person(email="ana@example.org")
    (theirs,), _ = issued(subscriber=holder)
    (service,), _ = issued(subscriber=making.person(email="ana@example.org"))
    Certificate.objects.filter(pk=service.pk).update(subscriber=None)
    assert [theirs.number in one.context["certificates"] for one in ask("ana@example.org")] == [True]
    (odd,), _ = issued()
    Certificate.objects.filter(pk=odd.pk).update(email="a b@example.org")
    assert len(ask("a b@example.org")) == 1  # nothing more


def test_the_lines_are_in_the_holders_language(authority: Authority) -> None:
    holder = making.person(email="ana@example.org", language="pt")
    issued(subscriber=holder)
    (letter,) = ask("ana@example.org")
    with translation.override("pt"):
        state = str(row(Certificate.objects.get())["state_text"])
    assert state != row(Certificate.objects.get())["state_text"]
    assert letter.context["certificates"].endswith(state)


def test_a_mailbox_written_otherwise_is_the_same_mailbox(db: None) -> None:
    for email in ("ana@example.org", "Ana@example.org", "ANA@EXAMPLE.ORG"):
        ask(email)
    with pytest.raises(TooMany):
        ask("anA@example.org")


def test_an_unknown_mailbox_gets_nothing_and_counts_alike(authority: Authority) -> None:
    for email in ("nobody@example.org", making.person().identities.get().email):
        for _ in range(3):
            assert ask(email) == []
        with pytest.raises(TooMany):
            ask(email)
    assert Event.objects.filter(name="numbers.asked", subject="mailbox").count() == 6


def test_one_address_asks_ten_times_an_hour(db: None) -> None:
    for number in range(10):
        ask(f"{number}@example.org")
    with pytest.raises(TooMany):
        ask("eleven@example.org")


# --- the page --------------------------------------------------------------------------------------------------


def send(email: str, **more: str) -> Any:
    return Client().post(PAGE, {"email": email, **picture(), **more}, headers={"accept-language": "en"})


def test_the_answer_is_the_same_for_everybody(authority: Authority) -> None:
    (certificate,), _ = issued()
    pages = {
        re.sub(r'value="\w+"', "", answer.content.decode())
        for answer in (send(certificate.email), send("nobody@example.org"))
    }
    assert len(pages) == 1
    assert Message.objects.filter(event="certificate-numbers").count() == 1


def test_wrong_digits_send_nothing(authority: Authority) -> None:
    (certificate,), _ = issued()
    assert send(certificate.email, captcha_1="0").status_code == 422
    assert not Message.objects.filter(event="certificate-numbers").exists()


def test_too_many_are_told_so(db: None) -> None:
    assert [send("a@example.org").status_code for _ in range(4)] == [200, 200, 200, 429]


@pytest.mark.parametrize("email", ["", "a", "a@b\r\nBcc: c@d", "a@b.cd,e@f.gh", "陳@example.com"])
def test_an_address_that_no_mail_can_go_to_is_refused(email: str) -> None:
    assert "email" in NumbersForm({"email": email, "captcha_1": "1"}).errors
