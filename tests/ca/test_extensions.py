"""Extensions, one by one; those of whole certificates are looked at in test_service.py."""

from dataclasses import replace

import pytest
from cryptography import x509

from ca.errors import NameNotAllowed
from ca.extensions import (
    Addresses,
    add_extensions,
    authority_key_identifier,
    key_usage,
    policies,
    subscriber_extensions,
    whereabouts,
)
from ca.profiles import profile
from ca.profiles.model import KEY_USAGES
from tests.ca.authorities import addresses, issuing, key

NOWHERE = Addresses("", "", "", "")


@pytest.mark.parametrize("bit", [*KEY_USAGES, "keyCertSign", "cRLSign"])
def test_each_bit_is_set_alone(bit: str) -> None:
    attribute = {"cRLSign": "crl_sign"}.get(bit) or "".join(f"_{c.lower()}" if c.isupper() else c for c in bit)
    usage = key_usage((bit,))
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    assert [name for name in (*names, "key_cert_sign", "crl_sign") if getattr(usage, name)] == [attribute]


def test_an_address_that_is_empty_is_left_out() -> None:
    assert whereabouts(NOWHERE) == []
    (only,) = whereabouts(replace(NOWHERE, ca_issuers="http://www.example.com/root.cer"))
    assert isinstance(only, x509.AuthorityInformationAccess)
    assert len(only) == 1
    (points,) = whereabouts(replace(NOWHERE, crl="http://www.example.com/root.crl"))
    assert isinstance(points, x509.CRLDistributionPoints)


def test_policies_name_the_practice_statement_where_there_is_one() -> None:
    for found in policies(("1.2.3", "1.2.4"), "http://www.example.com/cps"):
        assert found.policy_qualifiers == ["http://www.example.com/cps"]
    assert [found.policy_qualifiers for found in policies(("1.2.3",), "")] == [None]


def test_the_authority_is_named_by_its_key_only() -> None:
    identifier = authority_key_identifier(issuing("p256").certificate)
    assert identifier.key_identifier
    assert (identifier.authority_cert_issuer, identifier.authority_cert_serial_number) == (None, None)


def test_key_usage_and_basic_constraints_are_critical_and_nothing_else() -> None:
    extensions = [key_usage(()), x509.BasicConstraints(ca=False, path_length=None), x509.OCSPNoCheck()]
    added = add_extensions(x509.CertificateBuilder(), extensions)._extensions
    assert [extension.critical for extension in added] == [True, True, False]


@pytest.mark.parametrize("mailbox", ["", "a@localhost", "Name <a@example.com>", "陳@example.com"])
def test_a_mailbox_is_checked_before_it_is_certified(mailbox: str) -> None:
    template, public_key = profile("personal").templates[0], key("p256").public_key()
    with pytest.raises(NameNotAllowed):
        subscriber_extensions(template, public_key, issuing("p256").certificate, addresses("g03"), mailbox)
