"""The profiles of the house."""

import dataclasses
from pathlib import Path

import pytest

from ca.errors import ProfileUnknown
from ca.profiles import ProfileFileWrong, load_profiles, profile, read_folder
from ca.profiles.model import LANGUAGES

SLUGS = {
    "personal", "organisation", "secure-email", "secure-email-mv", "officer", "service-mail", "ocsp-responder",
    "personal-token", "organisation-token",
}  # fmt: skip


def test_every_profile_of_the_house_is_there() -> None:
    assert set(load_profiles()) == SLUGS
    for slug, found in load_profiles().items():
        assert (found.slug, found) == (slug, profile(slug))


def test_pairs() -> None:
    assert {slug for slug, one in load_profiles().items() if one.is_pair} == {"personal", "organisation"}
    assert [one.name for one in profile("personal").templates] == ["personal-signing", "personal-encryption"]


def test_inside_use_is_confirmed_by_two() -> None:
    inside = {slug for slug, one in load_profiles().items() if one.inside_use}
    assert inside == {"officer", "service-mail", "ocsp-responder"}
    assert all(profile(slug).approvals == 2 for slug in inside)


def test_validity() -> None:
    days = {slug: one.validity_days for slug, one in load_profiles().items()}
    assert (days["personal"], days["organisation"], days["secure-email"]) == (730, 730, 365)
    assert days["ocsp-responder"] == 90
    assert all(one.renewal_window_days == 30 for one in load_profiles().values())


def test_only_private_profiles_sign_documents() -> None:
    for one in load_profiles().values():
        if any("documentSigning" in template.extended_key_usage for template in one.templates):
            assert one.policy_pack == "private"


def test_every_text_is_there_in_every_language() -> None:
    for one in load_profiles().values():
        for texts in (one.title, one.description, *(template.title for template in one.templates)):
            assert set(texts) == set(LANGUAGES)
            assert len(set(texts.values())) == len(LANGUAGES)


def test_a_profile_is_known_by_slug_and_version() -> None:
    assert profile("personal", 1) is profile("personal")
    for slug, version in (("personal", 99), ("nothing", None), ("nothing", 1)):
        with pytest.raises(ProfileUnknown):
            profile(slug, version)


def test_profiles_do_not_change_under_way() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        profile("personal").approvals = 0  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError):
        load_profiles()["own"] = profile("personal")  # type: ignore[index]  # that is the point


def test_two_versions_live_side_by_side(tmp_path: Path) -> None:
    own = Path(__file__).parents[3] / "ca" / "profiles" / "officer-1.toml"
    text = own.read_text(encoding="utf-8")
    (tmp_path / "officer-1.toml").write_text(text, encoding="utf-8")
    newer = text.replace("version = 1", "version = 2").replace("validity_days = 365", "validity_days = 180")
    (tmp_path / "officer-2.toml").write_text(newer, encoding="utf-8")
    found = read_folder(tmp_path)
    assert {key: one.validity_days for key, one in found.items()} == {("officer", 1): 365, ("officer", 2): 180}
    (tmp_path / "officer-3.toml").write_text(newer, encoding="utf-8")
    with pytest.raises(ProfileFileWrong, match="officer-3"):
        read_folder(tmp_path)
