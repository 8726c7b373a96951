"""The tables that profiles are checked against fit what writes certificates."""

from dataclasses import replace

import pytest
from cryptography import x509

from ca.keys.file import create_key_file
from ca.names import SUBJECT_FIELDS
from ca.profiles import profile
from ca.profiles.model import EXTENDED_KEY_USAGES, FIELDS, KEY_TYPES, SMIME_LONGEST_DAYS


def test_every_field_and_usage_has_its_identifier() -> None:
    assert set(FIELDS) == set(SUBJECT_FIELDS)
    assert len(set(EXTENDED_KEY_USAGES.values())) == len(EXTENDED_KEY_USAGES)
    named = x509.oid.ExtendedKeyUsageOID
    assert EXTENDED_KEY_USAGES["clientAuth"] == named.CLIENT_AUTH.dotted_string
    assert EXTENDED_KEY_USAGES["emailProtection"] == named.EMAIL_PROTECTION.dotted_string
    assert EXTENDED_KEY_USAGES["OCSPSigning"] == named.OCSP_SIGNING.dotted_string


@pytest.mark.parametrize("key_type", KEY_TYPES)
def test_every_key_type_can_be_made(tmp_path_factory: pytest.TempPathFactory, key_type: str) -> None:
    create_key_file(tmp_path_factory.mktemp("keys") / "one.key", b"passphrase", key_type)


def test_two_templates_are_a_pair() -> None:
    pair = profile("personal")
    assert pair.is_pair
    assert not replace(pair, templates=pair.templates[:1]).is_pair


def test_mail_certificates_stay_under_the_limit_of_825_days() -> None:
    assert SMIME_LONGEST_DAYS < 825
