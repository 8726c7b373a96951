"""The language a person reads."""

import pytest

from accounts.services import remember_language
from tests import factories


@pytest.mark.django_db
def test_the_language_is_kept_with_the_account() -> None:
    account = factories.subscriber().account
    remember_language(account=account, language="pt")
    account.refresh_from_db()
    assert account.language == "pt"
