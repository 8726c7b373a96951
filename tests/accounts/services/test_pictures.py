"""Picture digits, and the calculation that stands in for them."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from captcha.models import CaptchaStore
from django.utils import timezone

from accounts.errors import PictureWrong, WorkWrong
from accounts.rules import is_work
from accounts.services import new_picture, new_work, use_picture, use_work

pytestmark = pytest.mark.django_db


def digits_of(key: str) -> str:
    return str(CaptchaStore.objects.get(hashkey=key).response)


def nonce_for(challenge: str) -> str:
    return next(str(nonce) for nonce in count() if is_work(challenge, str(nonce)))


def test_the_right_digits_pass_once() -> None:
    key = new_picture()
    digits = digits_of(key)
    use_picture(key=key, digits=f" {digits} ")
    with pytest.raises(PictureWrong):
        use_picture(key=key, digits=digits)


def test_wrong_digits_use_the_picture_up() -> None:
    key = new_picture()
    digits = digits_of(key)
    with pytest.raises(PictureWrong):
        use_picture(key=key, digits="x")
    with pytest.raises(PictureWrong):
        use_picture(key=key, digits=digits)


def test_digits_of_another_picture_do_not_pass() -> None:
    one, other = new_picture(), new_picture()
    CaptchaStore.objects.filter(hashkey=one).update(response="11111")
    CaptchaStore.objects.filter(hashkey=other).update(response="22222")
    with pytest.raises(PictureWrong):
        use_picture(key=one, digits="22222")


def test_an_old_picture_does_not_pass() -> None:
    key = new_picture()
    CaptchaStore.objects.update(expiration=timezone.now() - timedelta(seconds=1))
    with pytest.raises(PictureWrong):
        use_picture(key=key, digits=digits_of(key))


@pytest.mark.parametrize("key", ["", "unknown", "0" * 40])
def test_no_picture_does_not_pass(key: str) -> None:
    with pytest.raises(PictureWrong):
        use_picture(key=key, digits="12345")


def test_real_work_passes_once() -> None:
    challenge = new_work()
    nonce = nonce_for(challenge)
    use_work(challenge=challenge, nonce=nonce)
    with pytest.raises(WorkWrong):
        use_work(challenge=challenge, nonce=nonce)


def test_work_not_done_does_not_pass_and_uses_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = new_work()
    wrong = next(str(nonce) for nonce in count() if not is_work(challenge, str(nonce)))
    with pytest.raises(WorkWrong):
        use_work(challenge=challenge, nonce=wrong)
    monkeypatch.setattr("accounts.services.pictures.is_work", lambda *_: True)
    use_work(challenge=challenge, nonce=wrong)


def test_challenges_of_others_and_old_ones_do_not_pass(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.services.pictures.is_work", lambda *_: True)
    for challenge in ("", "x", "a:b:c", new_work() + "x"):
        with pytest.raises(WorkWrong):
            use_work(challenge=challenge, nonce="1")
    challenge = new_work()
    clock.shift(minutes=11)
    with pytest.raises(WorkWrong):
        use_work(challenge=challenge, nonce="1")
