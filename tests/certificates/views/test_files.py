"""Certificates as files; what each kind holds is tested where it is offered."""

import io
import zipfile

import pytest
from django.http import Http404

from certificates.models import Authority
from certificates.views.files import attachment
from tests.certificates.making import issued

pytestmark = pytest.mark.django_db


def test_several_certificates_come_with_each_ca_once(authority: Authority) -> None:
    pair = issued(kind="personal")
    answer = attachment("zip", pair, "certificates")
    assert answer["Content-Disposition"] == 'attachment; filename="certificates.zip"'
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert sorted(names) == sorted(
        [*(f"certificate-{one.number}.cer" for one in pair), f"{authority.slug}.cer", f"{authority.parent.slug}.cer"]  # type: ignore[union-attr]  # an issuing CA has one
    )


def test_other_kinds_are_not_there(authority: Authority) -> None:
    with pytest.raises(Http404):
        attachment("exe", issued(), "certificate")
