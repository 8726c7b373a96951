"""Picture digits, and the calculation that stands in for them."""

import secrets

from captcha.models import CaptchaStore
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.errors import PictureWrong, WorkWrong
from accounts.rules import WORK_SECONDS, is_work, normalise_digits
from accounts.services.throttles import count

_SALT = "accounts.work"


def new_picture() -> str:
    """Make new picture digits and give back the picture's key."""
    key: str = CaptchaStore.generate_key()
    return key


def use_picture(*, key: str, digits: str) -> None:
    """Check what was typed for a picture. Raises `PictureWrong`; the picture is used up also then."""
    picture = CaptchaStore.objects.filter(hashkey=key).first()
    if picture is None:
        raise PictureWrong
    used, _ = CaptchaStore.objects.filter(pk=picture.pk).delete()
    right = constant_time_compare(picture.response, normalise_digits(digits))
    if used != 1 or picture.expiration <= timezone.now() or not right:
        raise PictureWrong


def new_work() -> str:
    """A challenge for the visitor's machine to calculate on, good for ten minutes and one try."""
    return signing.dumps(secrets.token_urlsafe(16), salt=_SALT)


def use_work(*, challenge: str, nonce: str) -> None:
    """Check the calculation on a challenge of ours. Raises `WorkWrong`; a right one is used up."""
    try:
        name = signing.loads(challenge, salt=_SALT, max_age=WORK_SECONDS)
    except signing.BadSignature as error:
        raise WorkWrong from error
    if not is_work(challenge, nonce):
        raise WorkWrong
    # The row outlives the challenge: rows are forgotten by the beginning of their window, at the earliest after
    # a day. The window must be the same for both uses of one challenge, so it is taken from the challenge.
    if not count(scope="work", who=name, limit=1, window=_made_at(challenge)):
        raise WorkWrong


def _made_at(challenge: str) -> int:
    """When a challenge was made, in Unix time: the second part of a signed value of ours."""
    value = signing.TimestampSigner(salt=_SALT)
    return signing.b62_decode(challenge.rsplit(value.sep, 2)[1])
