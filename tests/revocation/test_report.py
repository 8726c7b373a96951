"""The page that takes reports from anybody."""

import random
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.states import Role
from ca.exposure import STATEMENT
from certificates.models import Authority, Certificate
from revocation.forms.report import LONGEST_EVIDENCE, ReportForm
from revocation.models import ProblemReport
from revocation.states import Proof
from tests import factories
from tests.certificates import making
from tests.flows.journey import picture
from tests.revocation.reporting import filed, issued, pem, secrets_of, statement

pytestmark = pytest.mark.django_db

PAGE = "/report/"


@pytest.fixture(autouse=True)
def _office(db: None) -> None:
    factories.office()


def send(evidence: str = "I saw it.", **more: str) -> Any:
    data = {"trouble": "key-found", "certificate": "", "evidence": evidence, "email": "", **picture(), **more}
    return Client().post(PAGE, data, headers={"accept-language": "en"})


def words(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_answer_names_the_case_the_clock_and_what_was_found(authority: Authority) -> None:
    _, (key,) = issued()
    answer = send(pem(key), email="reporter@example.net")
    report = ProblemReport.objects.get()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    page = words(answer)
    assert report.case.reference in page
    assert "the key of a certificate of ours is exposed" in page
    assert "reporter@example.net" in page
    assert "before" in page
    assert report.language == "en"
    for secret in secrets_of(key):
        assert secret not in page


def test_the_page_shows_the_sentence_to_be_signed() -> None:
    page = words(Client().get(PAGE))
    assert STATEMENT in page
    assert "data-captcha-image" in page
    assert "data-work" in page
    assert 'type="file"' not in page


def test_the_answer_does_not_tell_which_certificates_there_are(authority: Authority) -> None:
    (certificate,), _ = issued()
    pages = {
        re.sub(r'value="\w+"|[0-9A-Z]{10}', "", words(send(certificate=number)))
        for number in (certificate.number, "0123456789")
    }
    assert len(pages) == 1
    assert ProblemReport.objects.filter(certificate=certificate).count() == 1


@pytest.mark.parametrize("wrong", ["digits", "email"])
def test_a_page_that_comes_back_does_not_show_a_key(authority: Authority, wrong: str) -> None:
    _, (key,) = issued()
    more = {"captcha_1": "0"} if wrong == "digits" else {"email": "no address"}
    for field in ("evidence", "certificate"):
        page = send(**{"evidence": "words", field: pem(key), **more})
        assert page.status_code == 422
        assert "is not shown again" in words(page)
        for secret in secrets_of(key):
            assert secret not in words(page)
    assert not ProblemReport.objects.exists()
    assert "I typed much" in words(send("I typed much", **more))


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda key: key.replace("PRIVATE", "ENCRYPTED PRIVATE"), "under a password"),
        (lambda key: key[:100], "cannot be read"),
        (lambda key: key * 11, "more than ten"),
    ],
)
def test_why_a_key_cannot_be_checked_is_told(spoil: Any, text: str) -> None:
    answer = send(spoil(pem(making.new_key())))
    assert answer.status_code == 422
    assert text in words(answer)
    assert not ProblemReport.objects.exists()


def test_too_many_reports_are_told_so() -> None:
    assert [send().status_code for _ in range(11)] == [200] * 10 + [429]


# --- the form --------------------------------------------------------------------------------------------------


def cleaned(**more: str) -> ReportForm:
    return ReportForm({"trouble": "other", "evidence": "x", "captcha_1": "1", **more})


@pytest.mark.parametrize(
    "evidence",
    [
        "a\0b",
        "a\x07b",
        "a\x1b[31mb",
        "a\u202eb",
        "a\u2066b",
        "a\ud800b",
        "陳" * 7000,
        "x" * (LONGEST_EVIDENCE + 1),
        "",
        " ",
    ],
)
def test_evidence_is_plain_text_of_at_most_20_kb(evidence: str) -> None:
    assert "evidence" in cleaned(evidence=evidence).errors


def test_line_ends_and_tabs_are_plain_text() -> None:
    form = cleaned(evidence="one\r\ntwo\tthree\rfour")
    assert form.is_valid()
    assert form.cleaned_data["evidence"] == "one\ntwo\tthree\nfour"


@pytest.mark.parametrize("email", ["a", "a@b\r\nBcc: c@d", "a@b.cd,e@f.gh", "陳@example.com"])
def test_an_address_that_no_mail_can_go_to_is_refused(email: str) -> None:
    assert "email" in cleaned(email=email).errors


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("", ""),
        ("0123456789", "0123456789"),
        ("01:23:4A bc", "1234abc"),
        ("0x1F", "1f"),
        ("AB " * 31 + "AB", "ab" * 32),
        ("00:" * 31 + "0A", "0" * 63 + "a"),
        (" １２３４５６７８９０ ", "1234567890"),
    ],
)
def test_a_certificate_is_named_in_many_spellings(typed: str, named: str) -> None:
    form = cleaned(certificate=typed)
    assert form.is_valid()
    assert form.cleaned_data["certificate"] == named


def test_a_pasted_certificate_is_known_by_its_fingerprint(authority: Authority) -> None:
    (certificate,), _ = issued()
    parsed = x509.load_der_x509_certificate(bytes(certificate.der))
    text = parsed.public_bytes(Encoding.PEM).decode()
    for typed in (text, text.replace("\n", "\r\n"), f"Bag Attributes\n{text}"):
        assert send(certificate=typed).status_code == 200
    assert set(ProblemReport.objects.values_list("certificate", flat=True)) == {certificate.pk}


@pytest.mark.parametrize(
    "typed",
    [
        "Mei Chan",
        "a" * 41,
        "a" * 65,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----",
        "0" * 300,
    ],
)
def test_what_names_no_certificate_is_told_so(typed: str) -> None:
    assert "certificate" in cleaned(certificate=typed).errors


# --- the case page ---------------------------------------------------------------------------------------------


def test_the_officer_sees_first_what_the_machine_found_and_decides(authority: Authority) -> None:
    (certificate,), (key,) = issued()
    report = filed(f"<script>alert(1)</script>\n{statement(key)}")
    ordinary = filed("nothing special")
    found = escape(str(Proof.SIGNATURE.label))
    officer = factories.signed_in(Client(), factories.officer("wong", roles=[Role.APPROVING]))
    queue = words(officer.get(reverse("desk:queue"), headers={"accept-language": "en"}))
    assert queue.index(report.case.reference) < queue.index(ordinary.case.reference)
    address = reverse("desk:case", args=[report.case.reference])
    page = words(officer.get(address, headers={"accept-language": "en"}))
    assert found in page
    assert page.index(found) < page.index("What was reported")
    assert "keyCompromise" in page
    assert "<script>alert" not in page
    answer = officer.post(address, {"revision": 1, "decision": "approve", "reason": ""})
    assert answer.status_code == 302
    assert Certificate.objects.get(pk=certificate.pk).state == "revoked"


# --- odd input -------------------------------------------------------------------------------------------------


def odd_texts() -> Iterator[str]:
    dice = random.Random(7)
    sources = [pem(making.new_key()), statement(making.new_key()), pem(making.new_key("rsa2048")), "plain words " * 40]
    for _ in range(150):
        text = list(dice.choice(sources))
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(text))
            act = dice.randrange(4)
            if act == 0:
                text[at] = chr(dice.choice([dice.randrange(32, 127), dice.randrange(0x4E00, 0x9FFF), 10, 45]))
            elif act == 1:
                del text[at : at + dice.randrange(1, 80)]
            elif act == 2:
                text[at:at] = text[: dice.randrange(1, 200)]
            else:
                text[at:at] = dice.choice(["-----", "=", "\\n", "\n", "> ", "BEGIN", "END"])
            text = text or ["x"]
        yield "".join(text)


def test_odd_evidence_is_no_crash_and_takes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("revocation.services.reports._FROM_ONE_ADDRESS", 10_000)
    monkeypatch.setattr("revocation.views.report.check_human", lambda _form: None)
    seen = {send("a first one", work="x").status_code}  # the first request of a run loads the pages
    for text in odd_texts():
        began = time.thread_time()
        seen.add(send(text, work="x").status_code)
        assert time.thread_time() - began < 1
    assert seen == {200, 422}
