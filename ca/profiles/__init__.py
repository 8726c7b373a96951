"""Profiles are data: one TOML file for each version of each profile, checked when they are loaded."""

from collections.abc import Mapping

from ca.profiles.model import Profile, Template

__all__ = ["Profile", "Template", "load_profiles", "profile"]


def load_profiles() -> Mapping[str, Profile]:
    """The newest version of every profile, by slug. Raises ProfileFileWrong."""
    raise NotImplementedError


def profile(slug: str, version: int | None = None) -> Profile:
    """One profile: this version, or the newest. Raises ProfileUnknown."""
    raise NotImplementedError
