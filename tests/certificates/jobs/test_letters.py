"""What subscribers are told: in their language, with a link, without a secret."""

import pytest

from certificates import jobs
from certificates.jobs.letters import issued_letter, refused_letter
from certificates.models import Authority, Certificate
from tests.certificates.making import PHRASE, person, placed

pytestmark = pytest.mark.django_db


def test_an_issued_pair_is_told_in_the_subscriber_s_language(authority: Authority) -> None:
    order = placed(person(language="zh-hant"), "personal")
    other = placed()
    jobs.issue_orders([order.pk, other.pk])
    letter = issued_letter(order, list(Certificate.objects.all()))
    own = Certificate.objects.filter(item__order=order).order_by("pk")
    assert letter.language == "zh-hant"
    assert letter.context["title"] == "個人憑證"
    assert letter.context["numbers"] == ", ".join(one.number for one in own)
    assert "年" in letter.context["not_after"]
    assert letter.context["link"] == "http://portal.sigillum.example/certificates/"
    assert letter.key == f"certificate-issued:{order.public_id}"
    assert PHRASE not in str(letter)


def test_a_refusal_says_why_and_where_to_go_on(authority: Authority) -> None:
    letter = refused_letter(placed(), "key-weak")
    assert letter.event == "order-refused"
    assert "weak" in letter.context["reason"]
    assert letter.context["link"].startswith("http://portal.sigillum.example/enrollment/")
