"""The subscriber agreement."""

import hashlib

import pytest

from accounts.errors import AgreementChanged, AgreementRewritten
from accounts.models import Acceptance, AgreementText, Subscriber
from accounts.selectors import acceptance_of, current_agreement
from accounts.services import accept_agreement, load_agreement
from accounts.states import AccountState
from audit.models import Event
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Subscriber:
    for language in ("en", "pt"):
        load_agreement(version=1, language=language, text=f"Text 1 {language}")
    return factories.subscriber(state=AccountState.NEW)


def accept(person: Subscriber, version: int = 1, language: str = "en", purpose: str = "order:1") -> Acceptance:
    return accept_agreement(subscriber=person, version=version, language=language, purpose=purpose)


def test_a_text_is_stored_once_with_its_hash() -> None:
    assert load_agreement(version=1, language="en", text="Text")
    assert not load_agreement(version=1, language="en", text="Text")
    assert AgreementText.objects.get().sha256 == hashlib.sha256(b"Text").hexdigest()


def test_a_text_is_never_rewritten() -> None:
    load_agreement(version=1, language="en", text="Text")
    with pytest.raises(AgreementRewritten):
        load_agreement(version=1, language="en", text="Other")
    assert AgreementText.objects.get().text == "Text"


def test_what_was_accepted_is_kept(person: Subscriber) -> None:
    assert acceptance_of(person, "order:1") is None
    accept(person, language="pt")
    kept = acceptance_of(person, "order:1")
    assert kept is not None
    assert (kept.agreement.version, kept.agreement.language) == (1, "pt")
    details = Event.objects.get(name="agreement.accepted").details
    assert details["sha256"] == hashlib.sha256(b"Text 1 pt").hexdigest()


def test_accepting_twice_keeps_the_first(person: Subscriber) -> None:
    first = accept(person)
    assert accept(person, language="pt") == first
    assert accept(person, purpose="order:2") != first
    assert Event.objects.filter(name="agreement.accepted").count() == 2


@pytest.mark.parametrize(("version", "language"), [(0, "en"), (2, "en"), (1, "fr")])
def test_another_version_than_the_one_in_force_is_refused(person: Subscriber, version: int, language: str) -> None:
    with pytest.raises(AgreementChanged):
        accept(person, version, language)
    assert not Acceptance.objects.exists()


def test_the_newest_version_is_in_force(person: Subscriber) -> None:
    assert current_agreement("en").version == 1
    load_agreement(version=2, language="en", text="Text 2")
    assert current_agreement("en").text == "Text 2"
    with pytest.raises(AgreementChanged):
        accept(person, version=1)
