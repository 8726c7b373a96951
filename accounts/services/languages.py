"""The language a person reads."""

from accounts.models import Account


def remember_language(*, account: Account, language: str) -> None:
    """Keep the language chosen on a page for mails and the next computer."""
    Account.objects.filter(pk=account.pk).update(language=language)
    account.language = language
