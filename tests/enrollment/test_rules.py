"""What may be registered, and what comes before what."""

from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from accounts.states import IdentityKind
from ca.errors import CountryNotAllowed, MailboxNotAllowed, NameEmpty, NameHoldsControls, NameTooLong
from ca.profiles import profile
from enrollment.errors import DocumentsMissing, ProfileNotForKind
from enrollment.rules import (
    RegistrationFacts,
    Standing,
    check_facts,
    fits,
    is_id_number,
    is_latin,
    is_telephone,
    may_reach,
    next_step,
    offered,
    plain,
    plain_id_number,
)
from enrollment.states import Step

PERSON = RegistrationFacts(
    kind=IdentityKind.PERSONAL,
    email="mei@example.org",
    country="MO",
    language="en",
    profiles=("personal",),
    documents_seen=("form", "identity"),
    given_name="Mei",
    family_name="Chan",
)


def test_each_kind_is_offered_what_it_can_fill() -> None:
    slugs = {kind: {one.slug for one in offered(kind)} for kind in IdentityKind.values}
    assert slugs["mailbox"] == {"secure-email-mv"}
    assert slugs["personal"] == {"personal", "secure-email", "secure-email-mv"}
    assert slugs["organisation"] == {"organisation", "personal", "secure-email", "secure-email-mv"}


@pytest.mark.parametrize("address", ["http://127.0.0.1:8001", "http://[::1]/", "http://ca.example", "http://ca"])
def test_what_needs_public_addresses_is_offered_only_with_them(settings: Settings, address: str) -> None:
    settings.STATUS_URL = address
    assert offered(IdentityKind.MAILBOX) == []
    assert {one.slug for one in offered(IdentityKind.PERSONAL)} == {"personal", "secure-email"}


@pytest.mark.parametrize("slug", ["officer", "service-mail", "ocsp-responder", "personal-token"])
def test_neither_inside_use_nor_tokens_are_offered(slug: str) -> None:
    assert not fits(profile(slug), IdentityKind.ORGANISATION)


def test_facts_that_fit_pass() -> None:
    check_facts(PERSON)
    check_facts(replace(PERSON, given_name="", family_name="Sukarno"))
    check_facts(
        replace(
            PERSON,
            kind=IdentityKind.ORGANISATION,
            organisation_name="澳門範例有限公司",
            documents_seen=("form", "identity", "company", "authority"),
        )
    )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"email": "a@b"}, MailboxNotAllowed),
        ({"email": "a@example.org\nBcc: x@example.org"}, NameHoldsControls),
        ({"country": "mo"}, CountryNotAllowed),
        ({"given_name": "", "family_name": ""}, NameEmpty),
        ({"family_name": "Ch\u202ean"}, NameHoldsControls),
        ({"given_name": "M" * 60}, NameTooLong),
        ({"given_name": "É" * 40}, NameTooLong),
        ({"name_chinese": "陳\u200b美"}, NameHoldsControls),
        ({"organisation_unit": "a\tb"}, NameHoldsControls),
        ({"profiles": ()}, ProfileNotForKind),
        ({"profiles": ("organisation",)}, ProfileNotForKind),
        ({"profiles": ("officer",)}, ProfileNotForKind),
        ({"documents_seen": ("form",)}, DocumentsMissing),
        ({"kind": IdentityKind.ORGANISATION, "organisation_name": ""}, NameEmpty),
    ],
)
def test_facts_that_do_not_fit_are_refused(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_facts(replace(PERSON, **changes))


def test_a_mailbox_needs_no_name() -> None:
    check_facts(
        replace(
            PERSON,
            kind=IdentityKind.MAILBOX,
            given_name="",
            family_name="",
            profiles=("secure-email-mv",),
            documents_seen=("form",),
        )
    )


def test_texts_in_one_form() -> None:
    assert plain("  Mei   Ling ") == "Mei Ling"
    assert plain("Joa\u0303o") == "João"
    assert plain("a\nb") == "a\nb"
    assert plain_id_number("a12 345 678（9）") == "A12345678(9)"


@pytest.mark.parametrize(
    ("text", "latin"), [("João d’Ávila-Lei", True), ("Nguyễn", True), ("陳", False), ("M3i", False)]
)
def test_latin_letters(text: str, latin: bool) -> None:
    assert is_latin(text) is latin


def test_numbers() -> None:
    assert is_id_number("1234567(8)")
    assert not is_id_number("123")
    assert not is_id_number("1234;5678")
    assert is_telephone("+853 2833-0000")
    assert not is_telephone("call me")


def test_the_steps_come_in_order() -> None:
    start = Standing(data_confirmed=False, mailbox_needed=True, mailbox_proven=True, agreement_accepted=True)
    assert next_step(start) == Step.DATA
    confirmed = replace(start, data_confirmed=True, mailbox_proven=False)
    assert next_step(confirmed) == Step.MAILBOX
    assert next_step(replace(confirmed, mailbox_needed=False)) == Step.KEY
    proven = replace(confirmed, mailbox_proven=True, agreement_accepted=False)
    assert next_step(proven) == Step.AGREEMENT
    assert next_step(replace(proven, agreement_accepted=True)) == Step.KEY
    assert may_reach(Step.DATA, proven)
    assert may_reach(Step.AGREEMENT, proven)
    assert not may_reach(Step.KEY, proven)
