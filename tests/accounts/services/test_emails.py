"""Changing the e-mail address."""

from typing import Any

import pytest
from django.conf import settings

from accounts.errors import (
    AccountNotInUse,
    EmailNotAllowed,
    EmailSame,
    MailboxLinkExpired,
    MailboxLinkReplaced,
    MailboxLinkUnknown,
    MailboxLinkUsed,
    OldPasswordWrong,
    TooMany,
)
from accounts.models import Account, Identity, MailboxProof, Subscriber
from accounts.selectors import email_change_open, mailbox_proven, newest_identity
from accounts.services import (
    ask_email_change,
    change_email,
    change_password,
    close_door,
    emails,
    find_mailbox_link,
    print_passcode,
    prove_mailbox,
    send_mailbox_link,
    set_first_password,
    withdraw_email_change,
)
from accounts.states import AccountState
from audit.errors import WrongState
from audit.models import Event
from audit.services import SYSTEM
from notifications.models import Message
from notifications.rules import SECRETS
from tests import factories
from tests.threads import at_once
from vault.values import unseal

pytestmark = pytest.mark.django_db

OLD, NEW = "old@example.org", "new@example.org"


@pytest.fixture
def person() -> Subscriber:
    return factories.subscriber(email=OLD, language="pt", id_number="1234567(8)", telephone="+853 2833 0000")


def ask(person: Subscriber, email: str = NEW, password: str = factories.PASSWORD) -> MailboxProof:
    return ask_email_change(subscriber=person, email=email, password=password)


def token_of(proof: MailboxProof) -> str:
    message = Message.objects.get(key=f"email-change-link:{proof.pk}")
    return unseal(message.secrets, SECRETS).split("/account/mailbox/")[1].split("/")[0]


def address_of(person: Subscriber) -> str:
    identity = newest_identity(person)
    assert identity is not None
    return identity.email


def test_a_link_that_was_pressed_meanwhile_changes_nothing(person: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link is read once more under the lock."""
    token = token_of(ask(person))

    def overtaken(**what: str) -> MailboxProof:
        monkeypatch.setattr(emails, "find_mailbox_link", find_mailbox_link)
        change_email(token=token)
        return MailboxProof.objects.get()

    monkeypatch.setattr(emails, "find_mailbox_link", overtaken)
    with pytest.raises(MailboxLinkUsed):
        change_email(token=token)
    assert Identity.objects.count() == 2


def test_an_account_that_was_locked_meanwhile_gets_no_link(person: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    def locking(**_: Any) -> None:
        Account.objects.filter(pk=person.account_id).update(state=AccountState.LOCKED)

    monkeypatch.setattr(emails, "prove_password", locking)
    with pytest.raises(WrongState):
        ask(person)
    assert not MailboxProof.objects.exists()


def test_a_new_address_counts_once_its_mailbox_was_opened(person: Subscriber, clock: Any) -> None:
    before = Identity.objects.get()
    clock.shift(days=3)
    proof = ask(person)
    letter = Message.objects.get()
    assert (letter.event, letter.address, letter.language) == ("email-change-link", NEW, "pt")
    assert token_of(proof) not in str(letter.context)
    assert address_of(person) == OLD
    assert email_change_open(person) == proof
    assert not mailbox_proven(person, NEW)
    change_email(token=token_of(proof))
    after = newest_identity(person)
    assert after is not None
    assert (after.version, after.email, after.evidence) == (2, NEW, f"mailbox-proof:{proof.pk}")
    own = {"id", "version", "email", "evidence"}
    for field in Identity._meta.concrete_fields:
        if field.attname not in own:
            assert getattr(after, field.attname) == getattr(before, field.attname), field.attname
    assert Identity.objects.get(version=1).email == OLD
    assert email_change_open(person) is None
    assert mailbox_proven(person, NEW)
    clock.shift(days=31)
    assert not mailbox_proven(person, NEW)


def test_both_mailboxes_are_told_and_the_old_one_learns_no_new_address(person: Subscriber) -> None:
    proof = ask(person)
    change_email(token=token_of(proof))
    old, new = Message.objects.get(event="email-changed"), Message.objects.get(event="email-confirmed")
    assert (old.address, old.language) == (OLD, "pt")
    assert (new.address, new.language) == (NEW, "pt")
    assert old.context["telephone"] == settings.SITE["help_line"]["pt"]
    assert old.context["link"].endswith("/account/locked/")
    assert NEW not in str(old.context)
    assert new.context["url"].endswith("/account/details/")
    events = list(Event.objects.filter(name__startswith="email.").values_list("name", flat=True))
    assert sorted(events) == ["email.change-asked", "email.changed"]
    assert not any(word in str(event.details) for event in Event.objects.all() for word in (OLD, NEW))


@pytest.mark.parametrize(
    "address",
    [
        "new@example.org\nBcc: b@example.org", "new@example.org\r", "new\x00@example.org", "ne\u202ew@example.org",
        "new\u200b@example.org", '"new x"@example.org', "new @example.org", "<new@example.org>", "new@example",
        "new@@example.org", "nöw@example.org", "new@exämple.org", "a;b@example.org", f"{'x' * 65}@example.org", "new",
        f"new@{'x' * 250}.org", "New <new@example.org>", "new@example.org,b@example.org", "new@[192.0.2.1]", "",
    ],
)  # fmt: skip
def test_an_address_that_is_not_plain_is_refused_before_anything_is_counted(person: Subscriber, address: str) -> None:
    with pytest.raises(EmailNotAllowed):
        ask(person, address, "wrong")
    person.account.refresh_from_db()
    assert person.account.strikes == 0
    assert not MailboxProof.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("address", [OLD, "OLD@Example.org"])
def test_the_address_that_is_known_is_refused(person: Subscriber, address: str) -> None:
    with pytest.raises(EmailSame):
        ask(person, address)


def test_a_wrong_password_is_a_strike_and_the_third_locks(person: Subscriber) -> None:
    for _ in range(3):
        with pytest.raises(OldPasswordWrong):
            ask(person, password="wrong-wrong-wrong")
    person.account.refresh_from_db()
    assert person.account.state == AccountState.LOCKED
    assert not MailboxProof.objects.exists()
    assert {message.event for message in Message.objects.all()} == {"account-locked"}


def test_five_changes_a_day(person: Subscriber, clock: Any) -> None:
    for number in range(5):
        ask(person, f"new{number}@example.org")
    with pytest.raises(TooMany):
        ask(person)
    clock.shift(days=1)
    ask(person)


def test_a_link_works_for_a_day_and_once(person: Subscriber, clock: Any) -> None:
    proof = ask(person)
    token = token_of(proof)
    clock.shift(hours=23, minutes=59)
    change_email(token=token)
    with pytest.raises(MailboxLinkUsed):
        change_email(token=token)
    late = ask(person, "later@example.org")
    clock.shift(hours=24, minutes=1)
    assert email_change_open(person) is None
    with pytest.raises(MailboxLinkExpired):
        change_email(token=token_of(late))
    assert address_of(person) == NEW


def test_a_newer_change_makes_the_older_link_void(person: Subscriber) -> None:
    first, second = ask(person), ask(person, "second@example.org")
    for act in (find_mailbox_link, change_email):
        with pytest.raises(MailboxLinkReplaced):
            act(token=token_of(first))
    change_email(token=token_of(second))
    with pytest.raises(MailboxLinkReplaced):
        change_email(token=token_of(first))
    assert address_of(person) == "second@example.org"


def test_a_withdrawn_change_is_void(person: Subscriber) -> None:
    token = token_of(ask(person))
    assert withdraw_email_change(subscriber=person)
    assert email_change_open(person) is None
    with pytest.raises(MailboxLinkUnknown):
        change_email(token=token)
    assert not withdraw_email_change(subscriber=person)
    assert Event.objects.filter(name="email.change-withdrawn").count() == 1


def test_the_two_kinds_of_links_do_not_stand_in_for_each_other(person: Subscriber) -> None:
    token = token_of(ask(person))
    with pytest.raises(MailboxLinkUnknown):
        prove_mailbox(token=token)
    plain = send_mailbox_link(subscriber=person, email="third@example.org")
    letter = Message.objects.get(key=f"mailbox-link:{plain.pk}")
    with pytest.raises(MailboxLinkUnknown):
        change_email(token=unseal(letter.secrets, SECRETS).split("/account/mailbox/")[1].split("/")[0])
    assert not mailbox_proven(person, NEW)
    assert address_of(person) == OLD


def test_whoever_had_the_old_password_changes_nothing_after_it_was_changed(person: Subscriber) -> None:
    token = token_of(ask(person))
    change_password(account=person.account, old=factories.PASSWORD, new="another-Battery-staple-9")
    with pytest.raises(MailboxLinkUnknown):
        change_email(token=token)


def test_a_locked_account_keeps_its_address_also_once_there_is_a_new_slip(person: Subscriber) -> None:
    token = token_of(ask(person))
    for _ in range(3):
        with pytest.raises(OldPasswordWrong):
            ask(person, "x@example.org", "wrong-wrong-wrong")
    with pytest.raises(AccountNotInUse):
        change_email(token=token)
    with pytest.raises(WrongState):
        withdraw_email_change(subscriber=person)
    close_door(account=person.account, actor=SYSTEM)
    print_passcode(account=person.account, actor=SYSTEM)
    set_first_password(account=person.account, new=factories.PASSWORD)
    with pytest.raises(MailboxLinkUnknown):
        change_email(token=token)
    assert address_of(person) == OLD


def test_names_that_the_desk_registered_meanwhile_stay(person: Subscriber) -> None:
    token = token_of(ask(person))
    factories.identity(person, family_name="Lou", email="desk@example.org")
    change_email(token=token)
    newest = newest_identity(person)
    assert newest is not None
    assert (newest.version, newest.family_name, newest.email) == (3, "Lou", NEW)
    assert Message.objects.get(event="email-changed").address == "desk@example.org"


def test_an_old_address_that_no_mail_can_carry_is_no_obstacle() -> None:
    person = factories.subscriber(email="no address")
    change_email(token=token_of(ask(person)))
    assert address_of(person) == NEW


def _pressed(outcomes: list[Any]) -> list[str]:
    return sorted(type(one).__name__ for one in outcomes)


@pytest.mark.django_db(transaction=True)
def test_a_link_pressed_many_times_at_once_makes_one_version(person: Subscriber) -> None:
    token = token_of(ask(person))
    outcomes = at_once(*[lambda: change_email(token=token)] * 4)
    assert _pressed(outcomes) == ["MailboxLinkUsed"] * 3 + ["MailboxProof"]
    assert person.identities.count() == 2
    assert Message.objects.filter(event="email-changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_the_newer_counts(person: Subscriber) -> None:
    outcomes = at_once(lambda: ask(person, "a@example.org"), lambda: ask(person, "b@example.org"))
    assert _pressed(outcomes) == ["MailboxProof"] * 2
    older, newer = sorted(outcomes, key=lambda proof: proof.pk)
    presses = [token_of(older), token_of(newer)]
    outcomes = at_once(*(lambda token=token: change_email(token=token) for token in presses))
    assert _pressed(outcomes) == ["MailboxLinkReplaced", "MailboxProof"]
    assert address_of(person) == newer.email
    assert person.identities.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_desk_and_the_holder_at_once_make_two_versions(person: Subscriber) -> None:
    token = token_of(ask(person))
    outcomes = at_once(lambda: change_email(token=token), lambda: factories.identity(person, family_name="Lou"))
    assert _pressed(outcomes) == ["Identity", "MailboxProof"]
    assert sorted(person.identities.values_list("version", flat=True)) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_a_press_and_a_newer_change_at_once_leave_one_of_them(person: Subscriber) -> None:
    first = ask(person)
    token = token_of(first)
    pressed, asked = at_once(lambda: change_email(token=token), lambda: ask(person, "second@example.org"))
    assert isinstance(asked, MailboxProof)
    if isinstance(pressed, MailboxProof):
        assert address_of(person) == NEW
    else:
        assert isinstance(pressed, MailboxLinkReplaced)
        assert address_of(person) == OLD
    change_email(token=token_of(asked))
    assert address_of(person) == "second@example.org"
