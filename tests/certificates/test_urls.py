"""Addresses of the certificates' pages, which others link to."""

from django.urls import resolve, reverse


def test_addresses_stay() -> None:
    assert reverse("certificates:list") == "/certificates/"
    assert reverse("certificates:bundle") == "/certificates/bundle/"
    assert reverse("certificates:view", args=["0123456789"]) == "/certificates/0123456789/"
    for kind in ("pem", "cer", "p7b"):
        address = f"/certificates/0123456789.{kind}"
        assert reverse("certificates:file", args=["0123456789", kind]) == address
        assert resolve(address).view_name == "certificates:file"
