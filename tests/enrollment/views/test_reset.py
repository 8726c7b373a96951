"""The public page that asks for a new slip."""

import re
from itertools import count
from typing import Any

import pytest
from captcha.models import CaptchaStore
from django.test import Client
from django.urls import reverse

from accounts.rules import account_number, is_work
from accounts.services import new_work
from accounts.states import AccountState
from enrollment.models import ResetWish
from tests import factories

pytestmark = pytest.mark.django_db

PAGE = "enrollment:reset-wish"


def send(number: str, *, digits: str = "") -> Any:
    key = CaptchaStore.generate_key()
    right = CaptchaStore.objects.get(hashkey=key).response
    data = {"username": number, "captcha_0": key, "captcha_1": digits or right}
    return Client().post(reverse(PAGE), data)


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_the_answer_is_the_same_whether_the_account_exists() -> None:
    known = send(factories.subscriber().account.username)
    unknown = send(account_number())
    waiting = send(factories.subscriber(state=AccountState.NEW).account.username)
    pages = {_without_tokens(one.content.decode()) for one in (known, unknown, waiting)}
    assert len(pages) == 1
    assert ResetWish.objects.count() == 2


def test_wrong_digits_note_nothing() -> None:
    answer = send(factories.subscriber().account.username, digits="0")
    assert answer.status_code == 422
    assert not ResetWish.objects.exists()


def test_a_typing_mistake_is_told() -> None:
    answer = send("ABCD-EFGH-JKMN")
    assert "not an account number" in answer.content.decode()


def test_too_many_wishes_are_told_so() -> None:
    number = factories.subscriber().account.username
    codes = [send(number).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]


def test_the_page_offers_a_picture_and_a_calculation() -> None:
    page = Client().get(reverse(PAGE)).content.decode()
    assert "data-captcha-image" in page
    assert "data-work" in page


def test_the_calculation_stands_in_for_the_digits() -> None:
    challenge = new_work()
    nonce = next(str(number) for number in count() if is_work(challenge, str(number)))
    number = factories.subscriber().account.username
    wrong = {"username": number, "work_challenge": challenge, "work": "no"}
    assert Client().post(reverse(PAGE), wrong).status_code == 422
    assert Client().post(reverse(PAGE), {**wrong, "work": nonce}).status_code == 200
    assert ResetWish.objects.count() == 1
