"""Field checks: what officers and subscribers type."""

import time
from typing import Any

import pytest
from django.http import QueryDict

from accounts.rules import account_number, in_groups
from enrollment.forms import DataErrorForm, RegistrationForm, ResetForm, WishedResetForm

AT_ONCE = 0.3  # seconds of work
PERSON: dict[str, Any] = {
    "kind": "personal",
    "id_number": " 1234567（8）",
    "given_name": " Mei  Ling ",
    "family_name": "Chan",
    "email": "mei@example.org",
    "country": "mo",
    "language": "pt",
    "profiles": ["personal", "secure-email"],
    "documents_seen": ["form", "identity"],
}
ORGANISATION = {
    **PERSON,
    "kind": "organisation",
    "organisation_number": "so 12345",
    "organisation_name": "Example Ltd",
    "profiles": ["organisation"],
    "documents_seen": ["form", "identity", "company", "authority"],
}


def sent(values: dict[str, Any]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def registration(values: dict[str, Any]) -> RegistrationForm:
    return RegistrationForm(sent(values), kind=values["kind"])


def test_facts_come_out_in_one_form() -> None:
    form = registration(PERSON)
    assert form.is_valid(), form.errors
    facts = form.facts()
    assert (facts.given_name, facts.id_number, facts.country) == ("Mei Ling", "1234567(8)", "MO")
    assert facts.profiles == ("personal", "secure-email")
    assert facts.latin_name == "Mei Ling Chan"


def test_an_organisation_has_its_own_fields() -> None:
    form = registration(ORGANISATION)
    assert form.is_valid(), form.errors
    assert (form.facts().organisation_number, form.facts().organisation_name) == ("SO12345", "Example Ltd")
    assert "organisation_name" not in registration(PERSON).fields
    missing = registration({**ORGANISATION, "organisation_name": " "})
    assert list(missing.errors) == ["organisation_name"]


def test_a_mailbox_needs_an_address_only() -> None:
    mailbox = {**PERSON, "kind": "mailbox", "profiles": ["secure-email-mv"], "documents_seen": ["form"]}
    form = registration(mailbox)
    assert form.is_valid(), form.errors
    assert (form.facts().given_name, form.facts().id_number) == ("", "")
    assert {"given_name", "id_number", "account", "address"}.isdisjoint(form.fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", "Mei\u202e"),
        ("given_name", "美"),
        ("name_chinese", "陳\u200b美"),
        ("email", "mei"),
        ("email", "Mei <mei@example.org>"),
        ("country", "M1"),
        ("telephone", "call me"),
        ("address", "Rua\u2028do Campo"),
        ("id_number", "1;2345"),
        ("account", "ABCDEFGH2345"),
        ("language", "fr"),
        ("profiles", ["officer"]),
        ("documents_seen", ["company"]),
    ],
)
def test_what_a_field_refuses(field: str, value: Any) -> None:
    assert list(registration({**PERSON, field: value}).errors) == [field]


def test_all_names_together_fit_into_a_certificate() -> None:
    assert "given_name" in registration({**PERSON, "given_name": "M" * 40, "middle_name": "L" * 30}).errors


def test_a_person_has_a_name() -> None:
    assert "family_name" in registration({**PERSON, "given_name": "", "family_name": ""}).errors
    assert registration({**PERSON, "given_name": ""}).is_valid()


def test_a_reset_names_an_account_and_how_the_identity_was_checked() -> None:
    number = account_number()
    form = ResetForm({"account": in_groups(number).lower(), "identity_check": " seen "})
    assert form.is_valid()
    assert form.cleaned_data == {"account": number, "identity_check": "seen"}
    assert list(ResetForm({"account": "2222", "identity_check": "seen"}).errors) == ["account"]
    assert list(ResetForm({"account": number, "identity_check": "a\tb"}).errors) == ["identity_check"]
    assert WishedResetForm({"identity_check": "seen"}).is_valid()


def test_an_error_is_told_in_words() -> None:
    assert not DataErrorForm({"text": " "}).is_valid()
    assert not DataErrorForm({"text": "x" * 2001}).is_valid()


def test_a_name_of_marks_is_refused_before_it_is_composed() -> None:
    """Composing this one costs the square of its length: seconds of work for a form of 100 kB."""
    begin = time.thread_time()
    form = registration({**PERSON, "given_name": "a" + "\u0315\u0300" * 30_000})
    assert "given_name" in form.errors
    assert time.thread_time() - begin < AT_ONCE
