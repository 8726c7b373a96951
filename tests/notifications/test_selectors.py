"""What mails say, and how the outbox stands."""

import pytest

from notifications.models import Message
from notifications.selectors import outbox, words
from tests.notifications.conftest import promised


def test_words_follow_the_language_and_the_subject_is_one_line() -> None:
    english, portuguese = (words("certificate-issued", {"profile_title": "a\r\nb\0c"}, code) for code in ("en", "pt"))
    assert english.subject == "Your certificate is ready: a b c"
    assert portuguese.subject != english.subject
    assert "<html lang" in portuguese.html


@pytest.mark.django_db
def test_the_outbox_counts_what_waits_and_what_failed() -> None:
    assert outbox().oldest is None
    first = promised("a")
    for key, state in (("b", "sending"), ("c", "failed"), ("d", "sent")):
        Message.objects.filter(pk=promised(key).pk).update(state=state)
    counted = outbox()
    assert (counted.waiting, counted.oldest, counted.failed) == (2, first.created_at, 1)
