"""What may stand in a name, and how a subject is put together."""

from dataclasses import fields, replace

import pytest
from cryptography import x509

from ca import errors
from ca.names import (
    SUBJECT_FIELDS,
    Registered,
    check_country,
    check_mailbox,
    check_text,
    name_of,
    subject,
)
from ca.profiles import profile
from ca.profiles.model import FIELDS
from tests.ca import der
from tests.ca.authorities import REGISTERED


def test_a_name_that_the_builder_calls_too_long_is_a_refusal_like_any_other() -> None:
    with pytest.raises(errors.NameTooLong):
        name_of([("common_name", "ã" * 33)])


@pytest.mark.parametrize(
    "value",
    ["陳大文", "João D'Ávila-Núñez", "𠮷野家", "葛\U000e0100城", "A", "x" * 64, "資" * 64, "R&D (Asia), Ltd."],
)
def test_names_of_people_and_houses_are_allowed(value: str) -> None:
    check_text(value)


@pytest.mark.parametrize("value", ["", " ", "\u3000", "\t"])
def test_an_empty_name_is_refused(value: str) -> None:
    with pytest.raises(errors.NameEmpty):
        check_text(value)


@pytest.mark.parametrize("value", ["x" * 65, "資" * 65, "x" * 10_000])
def test_a_long_name_is_refused(value: str) -> None:
    with pytest.raises(errors.NameTooLong):
        check_text(value)


@pytest.mark.parametrize(
    "unseen",
    [
        "\0",
        "\r",
        "\n",
        "\t",
        "\x7f",
        "\x85",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200f",
        "\ufeff",
        "\u2028",
        "\u2029",
        "\ud800",
        "\U000e0041",
    ],
)
def test_characters_that_nobody_sees_are_refused(unseen: str) -> None:
    with pytest.raises(errors.NameHoldsControls):
        check_text(f"Chan{unseen}Tai Man")


@pytest.mark.parametrize(
    "value", ["a@example.com", "tai.man+tag@mail.example.com.mo", "o'neil@example.org", "a@xn--fiq228c.example"]
)
def test_plain_mailboxes_are_allowed(value: str) -> None:
    check_mailbox(value)


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "a@",
        "@example.com",
        "a@b@example.com",
        "a@localhost",
        "a@-x.com",
        "a@x-.com",
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        '"a b"@example.com',
        "a b@example.com",
        "a@[127.0.0.1]",
        "陳@example.com",
        "a@例子.com",
        "a@example.com.",
        "Name <a@example.com>",
        "a@example..com",
        "x" * 65 + "@example.com",
        "a@" + "x" * 64 + ".com",
    ],
)
def test_other_mailboxes_are_refused(value: str) -> None:
    with pytest.raises(errors.MailboxNotAllowed):
        check_mailbox(value)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("a@example.com\0.evil.com", errors.NameHoldsControls),
        ("a@example.com\n", errors.NameHoldsControls),
        ("", errors.NameEmpty),
        ("a@" + "x" * 63 + ".example" * 30, errors.NameTooLong),
    ],
)
def test_mailboxes_are_held_to_what_holds_for_names(value: str, refusal: type[errors.Refusal]) -> None:
    with pytest.raises(refusal):
        check_mailbox(value)


@pytest.mark.parametrize("value", ["", "T", "tw", "TWN", "T1", "ＴＷ", "TW\n"])
def test_a_country_is_two_capital_letters(value: str) -> None:
    check_country("TW")
    with pytest.raises(errors.CountryNotAllowed):
        check_country(value)


def test_every_field_of_a_registration_can_be_certified() -> None:
    assert tuple(SUBJECT_FIELDS) == FIELDS
    assert {field.name for field in fields(Registered)} == set(FIELDS)


def _texts(name: x509.Name) -> list[tuple[str, str]]:
    words = {oid: field for field, oid in SUBJECT_FIELDS.items()}
    return [(words[attribute.oid], str(attribute.value)) for attribute in name]


def test_a_subject_follows_its_template() -> None:
    template = profile("organisation").templates[0]
    expected = [(field, getattr(REGISTERED, field)) for field in (
        "country", "organisation", "organisation_unit", "organisation_identifier", "common_name", "given_name",
        "family_name", "subscriber_number",
    )]  # fmt: skip
    assert _texts(subject(template, REGISTERED)) == expected


def test_fixed_texts_and_borrowed_fields() -> None:
    mail = _texts(subject(profile("secure-email").templates[0], REGISTERED))
    assert mail[:2] == [("country", "TW"), ("organisation", "Sigillum Secure E-mail")]
    assert mail[3:] == [("common_name", REGISTERED.common_name), ("email", REGISTERED.email)]
    box = _texts(subject(profile("secure-email-mv").templates[0], REGISTERED))
    assert box == [("common_name", REGISTERED.email), ("email", REGISTERED.email)]


def test_an_empty_optional_field_is_left_out() -> None:
    template = profile("personal").templates[0]
    lone = subject(template, replace(REGISTERED, given_name="", family_name=""))
    assert [field for field, _ in _texts(lone)] == ["country", "common_name", "subscriber_number"]


@pytest.mark.parametrize("missing", ["country", "common_name", "subscriber_number"])
def test_an_empty_field_that_is_needed_is_refused(missing: str) -> None:
    with pytest.raises(errors.NameNotAllowed):
        subject(profile("personal").templates[0], replace(REGISTERED, **{missing: ""}))


@pytest.mark.parametrize("field", ["common_name", "given_name", "organisation", "subscriber_number"])
def test_a_bad_value_is_refused_in_every_field(field: str) -> None:
    with pytest.raises(errors.NameNotAllowed):
        subject(profile("organisation").templates[0], replace(REGISTERED, **{field: "a\0b"}))


def test_a_subscriber_number_is_printable() -> None:
    with pytest.raises(errors.NameNotAllowed):
        subject(profile("personal").templates[0], replace(REGISTERED, subscriber_number="號碼"))


def test_each_field_has_the_string_type_that_the_standard_wants() -> None:
    raw = subject(profile("secure-email").templates[0], REGISTERED).public_bytes()
    tags = [raw[start] for start, _, _ in der.elements(raw) if raw[start] in (der.UTF8, der.PRINTABLE, der.IA5)]
    assert tags == [der.PRINTABLE, der.UTF8, der.UTF8, der.UTF8, der.IA5]
    number = name_of([("subscriber_number", "S-1")]).public_bytes()
    assert [number[start] for start, _, _ in der.elements(number)][-1] == der.PRINTABLE
