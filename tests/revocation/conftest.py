"""A CA for every test that asks for one."""

import pytest

from certificates.models import Authority
from tests.certificates.making import ceremony


@pytest.fixture
def authority(db: None) -> Authority:
    """An issuing CA with a P-256 key, under a root of its own."""
    return ceremony()
