"""What subscribers are told: in their language, with a link, without a secret."""

from html import unescape

import pytest
from django.template.loader import render_to_string
from django.utils import translation

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
    assert letter.context["numbers"] == ", ".join(one.number for one in own)
    assert letter.context["url"] == "http://portal.sigillum.example/certificates/"
    assert letter.key == f"certificate-issued:{order.public_id}"
    assert PHRASE not in str(letter)


def test_a_refusal_says_why_and_where_to_go_on(authority: Authority) -> None:
    letter = refused_letter(placed(), "key-weak")
    assert letter.event == "order-refused"
    with translation.override("zh-hant"):
        assert refused_letter(placed(person(language="en")), "key-weak").context == dict(letter.context) | {
            "name": "Mei Chan"
        }
    assert "weak" in letter.context["reason"]
    assert letter.context["url"].startswith("http://portal.sigillum.example/enrollment/")


@pytest.mark.parametrize("event", ["certificate-issued", "order-refused"])
@pytest.mark.parametrize("language", ["en", "zh-hant", "pt"])
def test_the_mail_says_all_of_it(event: str, language: str, authority: Authority) -> None:
    order = placed(person(language=language))
    jobs.issue_orders([order.pk])
    letters = issued_letter(order, list(Certificate.objects.all())), refused_letter(order, "key-weak")
    letter = next(one for one in letters if one.event == event)
    for ending in ("txt", "html"):
        with translation.override(language):
            mail = unescape(render_to_string(f"notifications/{event}.{ending}", dict(letter.context)))
        assert all(value in mail for value in letter.context.values())
