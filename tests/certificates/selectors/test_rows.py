"""A certificate as pages show it."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from django.utils import timezone, translation

from certificates import jobs
from certificates.models import Authority, Certificate
from certificates.selectors import certificates_of, chain, row
from tests.certificates.making import placed

pytestmark = pytest.mark.django_db


def issued(kind: str = "personal") -> list[Certificate]:
    order = placed(kind=kind)
    jobs.issue_orders([order.pk])
    assert order.subscriber is not None
    return list(certificates_of(order.subscriber).order_by("item__position"))


def test_a_row_has_everything_that_page_and_script_need(authority: Authority) -> None:
    signing, encryption = (row(one) for one in issued())
    stored = Certificate.objects.get(number=signing["number"])
    assert signing["title"] == "Personal signing certificate"
    assert (str(signing["use"]), str(encryption["use"])) == ("to sign", "to receive encrypted mail")
    assert (signing["state"], str(signing["state_text"])) == ("valid", "valid")
    assert signing["serial"].replace(" ", "").lower().lstrip("0") == stored.serial
    assert signing["sha256"].replace(" ", "").lower() == stored.sha256
    assert signing["item_name"] == "personal-signing"
    assert signing["order_id"] == encryption["order_id"] == str(stored.item.order.public_id)
    leaf = x509.load_pem_x509_certificate(signing["pem"].encode())
    issuer, root = x509.load_pem_x509_certificates(signing["chain_pem"].encode())
    leaf.verify_directly_issued_by(issuer)
    issuer.verify_directly_issued_by(root)
    assert signing["issuer_text"] == authority.name
    assert signing["view_url"] == f"/certificates/{stored.number}/"
    assert [signing[name] for name in ("pem_url", "der_url", "p7b_url")] == [
        f"/certificates/{stored.number}.{kind}" for kind in ("pem", "cer", "p7b")
    ]


def test_the_row_speaks_the_reader_s_language(authority: Authority) -> None:
    (certificate,) = issued("secure-email")
    with translation.override("zh-hant"):
        shown = row(certificate)
    assert shown["title"] == "安全電子郵件憑證"
    assert "國家／地區：TW" in shown["subject_text"]


def test_the_holder_is_named_in_words(authority: Authority) -> None:
    shown = row(issued()[0])["subject_text"]
    assert "Country: MO" in shown
    assert "Family name: " in shown
    assert "=" not in shown


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"not_after": timedelta(days=29)}, "soon"),
        ({"not_after": timedelta(days=-1)}, "expired"),
        ({"state": "held"}, "held"),
        ({"state": "revoked"}, "revoked"),
    ],
)
def test_the_state_is_what_clock_and_ca_say(changes: dict[str, Any], state: str, authority: Authority) -> None:
    (certificate,) = issued("secure-email")
    for name, value in changes.items():
        setattr(certificate, name, timezone.now() + value if isinstance(value, timedelta) else value)
    assert row(certificate)["state"] == state


def test_a_chain_ends_at_the_root(authority: Authority) -> None:
    assert chain(authority) == [authority, authority.parent]


def test_a_list_of_rows_costs_one_query(authority: Authority, django_assert_num_queries: Any) -> None:
    order = placed(kind="personal")
    jobs.issue_orders([order.pk])
    assert order.subscriber is not None
    with django_assert_num_queries(1):
        assert len([row(one) for one in certificates_of(order.subscriber)]) == 2
