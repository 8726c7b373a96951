"""How passwords are hashed, and who a session belongs to."""

from threading import BoundedSemaphore

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from accounts.models import Account

# A hash takes 19 MiB. More of them at once in a process would not be done sooner, only eat memory.
_AT_ONCE = BoundedSemaphore(4)


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane (OWASP's choice), a few at once in each process."""

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password."""
        with _AT_ONCE:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password is the one that was hashed."""
        with _AT_ONCE:
            return super().verify(password, encoded)


class AccountBackend(BaseBackend):
    """Finds the account of a session. It signs nobody in: `accounts.services.sign_in` alone does."""

    def get_user(self, user_id: int) -> Account | None:
        """The account, as it stands now; None ends the session of one that was locked or closed."""
        account = Account.objects.filter(pk=user_id).first()
        return account if account is not None and account.is_active else None


def hash_secret(text: str) -> str:
    """Argon2id hash of a secret that people choose (a challenge phrase); the caller normalises it."""
    return make_password(text)


def verify_secret(text: str, encoded: str) -> bool:
    """Whether `text` is the secret that was hashed; an empty hash costs the same time and fits nothing."""
    return check_password(text, encoded)
