"""Picture digits or a calculation; each is used up."""

from itertools import count

import pytest
from captcha.models import CaptchaStore

from accounts.errors import PictureWrong, WorkWrong
from accounts.rules import is_work
from revocation.forms.numbers import NumbersForm
from revocation.views.human import check_human, new_puzzle
from tests.flows.journey import picture

pytestmark = pytest.mark.django_db


def form(**sent: str) -> NumbersForm:
    made = NumbersForm({"email": "a@example.org", **sent})
    assert made.is_valid()
    return made


def test_right_digits_once() -> None:
    sent = picture()
    check_human(form(**sent))
    with pytest.raises(PictureWrong):
        check_human(form(**sent))


def test_a_calculation_stands_in_for_them_once() -> None:
    challenge = new_puzzle()["work_challenge"]
    nonce = next(str(number) for number in count() if is_work(challenge, str(number)))
    check_human(form(work=nonce, work_challenge=challenge))
    with pytest.raises(WorkWrong):
        check_human(form(work=nonce, work_challenge=challenge))


def test_every_puzzle_is_new() -> None:
    first, second = new_puzzle(), new_puzzle()
    assert first["picture"]["key"] != second["picture"]["key"]
    assert first["work_challenge"] != second["work_challenge"]
    assert CaptchaStore.objects.filter(hashkey=second["picture"]["key"]).exists()
